/**
 * `POST /api/documents`: a form whose file goes to the disk while it comes. Fields may stand before or behind the file, so
 * that nothing is kept before the form has ended, and what is refused or broken off leaves nothing.
 */
import type { Principal } from '../accounts.ts'
import type { UploadAnswer } from '../api.ts'
import type { Accepted, Documents, DocumentView } from '../documents.ts'
import { KnowBotError } from '../errors.ts'
import { printBytes, SECOND_MS } from '../lib/units.ts'
import { FORM_OVERHEAD_BYTES_MAX, receiveForm } from './form.ts'
import type { Call, Reply } from './route.ts'
import { documentAnswer } from './shapes.ts'

const WAIT_S_MAX = 60

export async function acceptUpload({
  services,
  principal,
  request,
}: Call<Principal, undefined, undefined>): Promise<Reply> {
  const { arrivals, documents, config, draining } = services
  const waitS = waitOf(request.headers.get('prefer'))
  assertDeclaredSize(request, config.uploadBytesMax)
  const accepted = await arrivals.receive(() => receiveForm(request, (upload) => documents.accept(principal, upload)))
  let { document } = accepted
  if (waitS !== undefined) {
    const isOver = AbortSignal.any([request.signal, draining, AbortSignal.timeout(waitS * SECOND_MS)])
    document = await waitUntilRead(documents, principal, document, isOver)
  }
  const { differs } = accepted
  const body: UploadAnswer = { ...documentAnswer(document), ...(differs === undefined ? {} : { differs }) }
  return {
    status: statusOf(accepted, document, waitS !== undefined),
    body,
    headers: {
      location: `/api/documents/${document.id}`,
      ...(waitS === undefined ? {} : { 'preference-applied': `wait=${waitS}` }),
    },
  }
}

function statusOf({ outcome }: Accepted, { status }: DocumentView, hasWaited: boolean): number {
  if (outcome === 'existing') return 200
  if (hasWaited && status === 'ready') return 201
  if (hasWaited && status === 'failed') return 200
  return 202
}

/** RFC 7240: seconds, as many as we wait. A preference that is malformed is none. */
function waitOf(prefer: string | null): number | undefined {
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1]
  return seconds === undefined ? undefined : Math.min(Number(seconds), WAIT_S_MAX)
}

/** A client that says how much it will send need not send it to learn that it is too much. */
function assertDeclaredSize(request: Request, bytesMax: number): void {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared <= bytesMax + FORM_OVERHEAD_BYTES_MAX) return
  const message = `Expected a document of at most ${printBytes(bytesMax)} (the setting upload-max), got ${printBytes(declared)}.`
  throw new KnowBotError('document_too_large', message)
}

/** How it stands when it is read, or when the time to wait is over. */
async function waitUntilRead(
  documents: Documents,
  principal: Principal,
  document: DocumentView,
  signal: AbortSignal,
): Promise<DocumentView> {
  let last = document
  for await (const view of documents.follow(principal, document.id, signal)) last = view
  return last
}
