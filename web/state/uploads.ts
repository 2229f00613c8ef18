/** Files on their way to the server. An accepted one leaves this list and is a document from then on. */
import { type Signal, signal } from '@preact/signals'
import { asRequestError, problemError, RequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import type { DocumentAnswer } from '../wire.ts'
import { announce } from './announcer.ts'
import { takeIn } from './documents.ts'
import { endSession, isSignedOut } from './session.ts'

export type UploadState =
  | { state: 'waiting' }
  | { state: 'sending'; percent: number }
  | { state: 'refused'; reason: string; canRetry: boolean }

export interface Upload {
  readonly key: number
  readonly file: File
  readonly progress: Signal<UploadState>
  readonly abort: AbortController
  /** How often the server asked to come back later. */
  postponed: number
}

export const uploads = signal<readonly Upload[]>([])

/** A browser opens six connections to one address; the events, an answer and a page need three of them. */
const UPLOADS_AT_ONCE = 2
/** Refusals that say something of the moment and not of the file. */
const PASSING = new Set([
  'unreachable',
  'overloaded',
  'storage_busy',
  'shutting_down',
  'rate_limited',
  'disk_full',
  'internal',
])

/** A server that asks to come back later is obeyed so many times, then the person is told. */
const POSTPONED_MAX = 20

let lastKey = 0
let pausedUntil = 0

export function addFiles(files: Iterable<File>): void {
  const added = [...files].map((file): Upload => {
    return { key: ++lastKey, file, progress: signal({ state: 'waiting' }), abort: new AbortController(), postponed: 0 }
  })
  uploads.value = [...uploads.value, ...added]
  sendNext()
}

export function retryUpload(upload: Upload): void {
  upload.postponed = 0
  upload.progress.value = { state: 'waiting' }
  sendNext()
}

/** Takes it out of the list, whatever it is doing. */
export function dropUpload(upload: Upload): void {
  uploads.value = uploads.value.filter((other) => other !== upload)
  upload.abort.abort()
  sendNext()
}

export function dropUploads(): void {
  for (const upload of uploads.value) upload.abort.abort()
  uploads.value = []
}

function sendNext(): void {
  if (Date.now() < pausedUntil) return
  const sending = uploads.value.filter(({ progress }) => progress.peek().state === 'sending').length
  const waiting = uploads.value.filter(({ progress }) => progress.peek().state === 'waiting')
  for (const upload of waiting.slice(0, UPLOADS_AT_ONCE - sending)) void send(upload)
}

async function send(upload: Upload): Promise<void> {
  upload.progress.value = { state: 'sending', percent: 0 }
  try {
    const { status, document } = await post(upload)
    uploads.value = uploads.value.filter((other) => other !== upload)
    takeIn(document, status === 200 ? t.alreadyHere : null)
  } catch (error) {
    if (upload.abort.signal.aborted) return
    const { code, message, retryAfterS } = asRequestError(error)
    if (retryAfterS !== undefined && upload.postponed < POSTPONED_MAX) {
      postpone(upload, retryAfterS)
      return
    }
    upload.progress.value = { state: 'refused', reason: message, canRetry: PASSING.has(code) }
    announce(t.announce.refused(upload.file.name, message))
    if (isSignedOut(error)) endSession()
  }
  sendNext()
}

/** The whole queue waits, because the next file would be told the same. */
function postpone(upload: Upload, retryAfterS: number): void {
  upload.postponed++
  upload.progress.value = { state: 'waiting' }
  pausedUntil = Date.now() + retryAfterS * 1000
  setTimeout(sendNext, retryAfterS * 1000)
}

/** XMLHttpRequest, because `fetch` does not tell how much of a body has been sent. */
function post({ file, progress, abort }: Upload): Promise<{ status: number; document: DocumentAnswer }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/documents')
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      progress.value = { state: 'sending', percent: total > 0 ? Math.floor((loaded / total) * 100) : 0 }
    })
    request.addEventListener('load', () => {
      const { status, responseText } = request
      if (status >= 200 && status < 300) resolve({ status, document: JSON.parse(responseText) as DocumentAnswer })
      else reject(problemError(status, responseText, request.getResponseHeader('retry-after')))
    })
    request.addEventListener('error', () => reject(new RequestError('unreachable', t.unreachable)))
    request.addEventListener('abort', () => reject(new RequestError('cancelled', '')))
    abort.signal.addEventListener('abort', () => request.abort())
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}
