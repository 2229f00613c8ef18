/**
 * A form with one file (RFC 7578), read as it comes and never held: busboy parses, and whoever takes the file sets the pace.
 * The stream that the taker reads ends when the whole form has ended well; whatever is wrong with the form, be it behind the
 * file, makes that stream fail. So the taker has kept nothing of a form that was refused.
 */
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { Language } from '../api.ts'
import type { NewUpload } from '../documents.ts'
import { KnowBotError } from '../errors.ts'
import { giveBack } from '../lib/give-back.ts'
import { nextPiece } from '../lib/pieces.ts'
import { KIB } from '../lib/units.ts'
import { check, unreadBody } from './body.ts'

/** What boundaries, headers and fields may take beside the file. */
export const FORM_OVERHEAD_BYTES_MAX = 64 * KIB
const FIELD_BYTES_MAX = KIB
const FIELDS_MAX = 10
const TEXT_FIELDS = ['collectionId', 'language'] as const

/** Hands the file on as soon as it begins, and answers what the taker made of it. */
export async function receiveForm<T>(request: Request, take: (upload: NewUpload) => Promise<T>): Promise<T> {
  const parser = openParser(request)
  const form = collect(parser, request)
  feed(request, parser).catch(form.fail)
  try {
    return await take(await form.upload)
  } finally {
    // Whatever still comes has nobody to go to.
    parser.destroy()
  }
}

function openParser(request: Request): busboy.Busboy {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    const got = type === '' ? 'no Content-Type' : type.slice(0, 100)
    throw new KnowBotError(
      'unsupported_media_type',
      `Expected Content-Type: multipart/form-data with the document in the field "file", got ${got}.`,
    )
  }
  try {
    return busboy({
      headers: { 'content-type': type },
      // Names are data: whole, and in the encoding that everybody uses (HTML standard, multipart/form-data).
      preservePath: true,
      defParamCharset: 'utf8',
      // One more of each than is taken, so that one too many is seen and refused instead of dropped.
      limits: { files: 2, fields: FIELDS_MAX + 1, parts: FIELDS_MAX + 3, fieldSize: FIELD_BYTES_MAX },
    })
  } catch (cause) {
    throw bad(`Expected a form, got one that cannot be read: ${(cause as Error).message}.`, cause)
  }
}

interface Form {
  /** The file and where it should go, once the file begins. */
  upload: Promise<NewUpload>
  fail(error: unknown): void
}

function collect(parser: busboy.Busboy, request: Request): Form {
  const upload = Promise.withResolvers<NewUpload>()
  const ended = Promise.withResolvers<void>()
  // Each failure is told to whoever waits at that moment; who has left is not asked.
  upload.promise.catch(() => undefined)
  ended.promise.catch(() => undefined)
  const wishes: { collectionId?: string; language?: string } = {}
  let taken: NewUpload | undefined

  const fail = (error: unknown) => {
    const reason = error instanceof KnowBotError ? error : brokenOff(error)
    upload.reject(reason)
    ended.reject(reason)
    parser.destroy(reason)
  }
  // What it throws is a reason to refuse the form.
  const handle = (work: () => void) => {
    try {
      work()
    } catch (error) {
      fail(error)
    }
  }

  parser.on('field', (name, value, { valueTruncated }) =>
    handle(() => {
      const known = TEXT_FIELDS.find((field) => field === name)
      if (name === 'file') throw bad('Expected a file in the field "file", got text. Send it with a filename.')
      if (!known)
        throw bad(`Expected the fields file, ${TEXT_FIELDS.join(' and ')}, got ${JSON.stringify(name.slice(0, 50))}.`)
      if (wishes[known] !== undefined) throw bad(`Expected the field "${known}" once, got it twice.`)
      if (valueTruncated) throw bad(`Expected at most ${FIELD_BYTES_MAX} bytes in the field "${known}", got more.`)
      if (value === '') return // A form on a page sends what was left empty.
      wishes[known] = known === 'language' ? check(Language, value, 'the field "language"') : value
      if (taken) Object.assign(taken, wishes)
    }),
  )
  parser.on('file', (name, stream, { filename }) => {
    // Its failure is the form's, and told as such.
    stream.on('error', () => undefined)
    handle(() => {
      if (name !== 'file')
        throw bad(`Expected the document in the field "file", got one in ${JSON.stringify(String(name).slice(0, 50))}.`)
      if (taken) throw bad('Expected one file, got a second one. Send each document in a request of its own.')
      taken = {
        name: unescaped(filename ?? ''),
        stream: untilTheEnd(stream, ended.promise),
        ...declaredBytes(request),
        ...wishes,
      }
      upload.resolve(taken)
    })
  })
  for (const event of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const)
    parser.on(event, () => fail(bad('Expected one file and two fields, got many more.')))
  parser.on('error', (cause) =>
    fail(bad(`Expected a whole form, got one that is malformed or breaks off (${(cause as Error).message}).`, cause)),
  )
  parser.on('close', () => {
    ended.resolve()
    upload.reject(bad('Expected the document in the field "file", got a form without a file.'))
  })
  return { upload: upload.promise, fail }
}

async function* untilTheEnd(file: Readable, ended: Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = await nextPiece(file); piece; piece = await nextPiece(file)) yield piece
  } catch (error) {
    // What is wrong with the form says it better.
    await ended
    throw error
  }
  await ended
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

/**
 * As fast as the parser takes it. What comes after a refusal is read and thrown away, as long as the server lets it come:
 * many clients look for an answer only when they have sent everything.
 */
async function feed(request: Request, parser: busboy.Busboy): Promise<void> {
  if (request.body) {
    for await (const chunk of unreadBody(request.body)) {
      if (parser.destroyed) giveBack(chunk)
      else if (!parser.write(chunk)) await drained(parser)
    }
  }
  if (!parser.destroyed) parser.end()
}

function drained(parser: busboy.Busboy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  parser.once('drain', resolve).once('close', resolve)
  return promise.finally(() => parser.off('drain', resolve).off('close', resolve))
}

function brokenOff(cause: unknown): KnowBotError {
  return bad('The upload broke off before its end; nothing of it was kept. Send it again.', cause)
}

function bad(message: string, cause?: unknown): KnowBotError {
  return new KnowBotError('bad_request', message, { cause })
}
