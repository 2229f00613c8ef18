/**
 * A form with one file (RFC 7578), read as it comes and never held: whoever takes the file sets the pace. The stream that the taker reads
 * ends when the whole form has ended well; whatever is wrong with the form, be it behind the file, makes that stream fail. So the taker
 * has kept nothing of a form that was refused.
 */
import { Language } from '../api.ts'
import type { NewUpload } from '../documents.ts'
import { KnowBotError } from '../errors.ts'
import { KIB } from '../lib/units.ts'
import { check, unreadBody } from './body.ts'
import { boundaryOf, MalformedForm, type Part, readParts } from './multipart.ts'

/** What boundaries, headers and fields may take beside the file. */
export const FORM_OVERHEAD_BYTES_MAX = 64 * KIB
const FIELD_BYTES_MAX = KIB
const FIELDS_MAX = 10
const TEXT_FIELDS = ['collectionId', 'language'] as const

type Wishes = Partial<Record<(typeof TEXT_FIELDS)[number], string>>

/** The next part, or the next bytes of the last one; undefined where the form has ended well. */
type Next = () => Promise<Part | Uint8Array | undefined>

/** Hands the file on as soon as it begins, and answers what the taker made of it. */
export async function receiveForm<T>(request: Request, take: (upload: NewUpload) => Promise<T>): Promise<T> {
  const next = openForm(request)
  const fields = new Fields(next)
  // Bytes come behind a part only.
  const file = await fields.readUntilFile((await next()) as Part | undefined)
  if (!file) throw bad('Expected the document in the field "file", got a form without a file.')
  if (file.name !== 'file')
    throw bad(`Expected the document in the field "file", got one in ${JSON.stringify(file.name.slice(0, 50))}.`)
  const upload: NewUpload = {
    name: unescaped(file.filename ?? ''),
    stream: readFile(next, async (behind) => {
      if (await fields.readUntilFile(behind))
        throw bad('Expected one file, got a second one. Send each document in a request of its own.')
      Object.assign(upload, fields.wishes)
    }),
    ...declaredBytes(request),
    ...fields.wishes,
  }
  return take(upload)
}

function openForm(request: Request): Next {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    const got = type === '' ? 'no Content-Type' : type.slice(0, 100)
    throw new KnowBotError(
      'unsupported_media_type',
      `Expected Content-Type: multipart/form-data with the document in the field "file", got ${got}.`,
    )
  }
  let parts: ReturnType<typeof readParts> | undefined
  return async () => {
    try {
      // Here, because a boundary that is none is refused in the same words as the rest.
      parts ??= readParts(request.body ? unreadBody(request.body) : nothing(), boundaryOf(type))
      const { value } = await parts.next()
      return value ?? undefined
    } catch (error) {
      throw refusal(error)
    }
  }
}

async function* readFile(
  next: Next,
  readRest: (behind: Part | undefined) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await next()
    if (piece instanceof Uint8Array) yield piece
    else return readRest(piece)
  }
}

/** The fields before and behind the file. */
class Fields {
  readonly wishes: Wishes = {}
  readonly #next: Next
  #count = 0

  constructor(next: Next) {
    this.#next = next
  }

  /** Reads fields, from this part on; answers the file behind them, or undefined where the form has ended. */
  async readUntilFile(first: Part | undefined): Promise<Part | undefined> {
    let part = first
    while (part && part.filename === undefined) part = await this.#read(part.name)
    return part
  }

  /** Reads one field; answers the part behind it. */
  async #read(name: string): Promise<Part | undefined> {
    if (++this.#count > FIELDS_MAX) throw bad('Expected one file and two fields, got many more.')
    const known = TEXT_FIELDS.find((field) => field === name)
    if (name === 'file') throw bad('Expected a file in the field "file", got text. Send it with a filename.')
    if (!known)
      throw bad(`Expected the fields file, ${TEXT_FIELDS.join(' and ')}, got ${JSON.stringify(name.slice(0, 50))}.`)
    if (this.wishes[known] !== undefined) throw bad(`Expected the field "${known}" once, got it twice.`)
    const pieces: Uint8Array[] = []
    let bytes = 0
    let next = await this.#next()
    for (; next instanceof Uint8Array; next = await this.#next()) {
      bytes += next.byteLength
      if (bytes > FIELD_BYTES_MAX)
        throw bad(`Expected at most ${FIELD_BYTES_MAX} bytes in the field "${known}", got more.`)
      pieces.push(next)
    }
    const value = Buffer.concat(pieces).toString()
    // A form on a page sends what was left empty.
    if (value !== '') this.wishes[known] = known === 'language' ? check(Language, value, 'the field "language"') : value
    return next
  }
}

/** Browsers send these three signs of a name like this (HTML standard, multipart/form-data encoding). */
function unescaped(name: string): string {
  return name.replace(/%(22|0D|0A)/g, decodeURIComponent)
}

/** At least so much is the file, if the client tells the truth. */
function declaredBytes(request: Request): { declaredBytes?: number } {
  const declared = Number(request.headers.get('content-length') ?? 0)
  return declared > FORM_OVERHEAD_BYTES_MAX ? { declaredBytes: declared - FORM_OVERHEAD_BYTES_MAX } : {}
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function refusal(error: unknown): KnowBotError {
  if (error instanceof KnowBotError) return error
  if (error instanceof MalformedForm) return bad(`Expected a whole form, got one ${error.message}.`, error)
  return bad('The upload broke off before its end; nothing of it was kept. Send it again.', error)
}

function bad(message: string, cause?: unknown): KnowBotError {
  return new KnowBotError('bad_request', message, { cause })
}
