/** A Response of the Fetch standard as a node:http answer, at the client's pace. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PacedBody, type PacedSource } from '../lib/paced-body.ts'
import { BadRequest } from './fetch-request.ts'
import { JSON_HEADERS, type SimpleAnswer, simpleAnswerOf } from './lazy-response.ts'
import { leaveBody } from './unread-body.ts'

export interface Problem {
  status: number
  code: string
  title: string
  detail: string
  retryAfterS?: number
}

/**
 * What was answered, for the access log: node:http keeps the head as text only, and counts no body. Beside the answer itself,
 * because a WeakMap with an entry for every request is work for the garbage collector.
 */
const ANSWERED = Symbol('answered')
type Answering = ServerResponse & { [ANSWERED]?: { bytes: number; lines: Lines } }

export function bodyBytesOf(outgoing: Answering): number {
  return outgoing[ANSWERED]?.bytes ?? 0
}

export function sentHeaderOf(outgoing: Answering, name: string): string | undefined {
  return outgoing[ANSWERED]?.lines[name.toLowerCase()]?.toString()
}

/** Whether the answer could be written at once and was. */
export function answerAtOnce(
  response: Response | Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  const simple = outgoing.destroyed ? undefined : simpleAnswerOf(response)
  if (!simple) return false
  answerSimply(simple, incoming, outgoing)
  return true
}

/** Resolves when the answer is written, or the client is gone. */
export async function answer(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const simple = outgoing.destroyed ? undefined : simpleAnswerOf(response)
  if (simple) {
    leaveBody(incoming, outgoing)
    answerSimply(simple, incoming, outgoing)
    return
  }
  if (outgoing.destroyed && leftPaced(response)) return
  const { body } = response
  if (outgoing.destroyed) {
    await body?.cancel().catch(() => undefined) // Nobody is left to hear how that ends.
    return
  }
  leaveBody(incoming, outgoing)
  if (body === null || incoming.method === 'HEAD') {
    writeHead(response, outgoing)
    outgoing.end()
    await body?.cancel()
    return
  }
  await pump(response, body.getReader(), outgoing)
}

/** Nobody is left to begin it for. */
function leftPaced(response: Response): boolean {
  const body = simpleAnswerOf(response)?.body
  if (!(body instanceof PacedBody)) return false
  body.source.left()
  return true
}

/** A text or some bytes: one write, with its length. Or what writes itself. */
function answerSimply(
  { status, headers, body, contentType }: SimpleAnswer,
  incoming: IncomingMessage,
  outgoing: Answering,
): void {
  if (body instanceof PacedBody) {
    answerPaced({ status, headers }, body.source, incoming, outgoing)
    return
  }
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : (body?.byteLength ?? 0)
  const lines = linesOf(headers)
  if (contentType !== undefined && lines['content-type'] === undefined) lines['content-type'] = contentType
  if (body !== null && lines['transfer-encoding'] === undefined) lines['content-length'] ??= String(bytes)
  outgoing[ANSWERED] = { bytes: incoming.method === 'HEAD' ? 0 : bytes, lines }
  outgoing.writeHead(status, lines)
  if (incoming.method === 'HEAD' || body === null) outgoing.end()
  else outgoing.end(body)
}

function answerPaced(
  { status, headers }: Pick<SimpleAnswer, 'status' | 'headers'>,
  source: PacedSource,
  incoming: IncomingMessage,
  outgoing: Answering,
): void {
  const lines = linesOf(headers)
  const answered = { bytes: 0, lines }
  outgoing[ANSWERED] = answered
  outgoing.writeHead(status, lines)
  if (incoming.method === 'HEAD') {
    outgoing.end()
    source.left()
    return
  }
  // On its own: joined with the first piece, the head would stay in memory in the forty pieces that it was made of.
  outgoing.flushHeaders()
  outgoing.on('close', () => source.left())
  const onDrain = () => source.drained()
  outgoing.on('drain', onDrain)
  source.begin({
    write(text) {
      const bytes = Buffer.byteLength(text)
      answered.bytes += bytes
      const { socket } = outgoing
      // Through node:http a chunk is four writes that are put together again.
      if (!outgoing.chunkedEncoding || !socket || socket.writableCorked > 0) return outgoing.write(text)
      const isTaking = socket.write(`${bytes.toString(16)}\r\n${text}\r\n`)
      if (!isTaking) socket.once('drain', onDrain)
      return isTaking
    },
    end: () => outgoing.end(),
    fail: () => outgoing.destroy(),
  })
}

type Lines = Record<string, string | string[]>

function linesOf(init: ResponseInit['headers']): Lines {
  if (init === undefined) return {}
  if (init === JSON_HEADERS) return { 'content-type': 'application/json' }
  // The usual case, without a Headers on the way; node:http checks names and values itself.
  if (Object.getPrototypeOf(init) === Object.prototype) {
    const plain: Lines = {}
    for (const name in init) plain[name.toLowerCase()] = String((init as Record<string, string>)[name])
    return plain
  }
  const headers = init instanceof Headers ? init : new Headers(init)
  const lines: Lines = {}
  for (const [name, value] of headers) if (name !== 'set-cookie') lines[name] = value
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) lines['set-cookie'] = cookies
  return lines
}

/** What was begun cannot be taken back: it is cut off. */
export async function answerProblem(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  problem: Problem,
): Promise<void> {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const { status, code, title, detail, retryAfterS } = problem
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  if (retryAfterS !== undefined) headers.set('retry-after', String(retryAfterS))
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail })
  await answer(new Response(body, { status, headers }), incoming, outgoing)
}

/** The answer to what the application threw, or to what is no request; the error itself goes to standard error and not to strangers. */
export function describeError(error: unknown): Problem {
  if (error instanceof BadRequest)
    return { status: 400, code: 'bad_request', title: 'Bad Request', detail: error.message }
  process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error), 'RequestFailed')
  const detail = 'The application failed at this request.'
  return { status: 500, code: 'internal', title: 'Internal Server Error', detail }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

async function pump(response: Response, reader: Reader, outgoing: Answering): Promise<void> {
  const onClose = () => void reader.cancel(new Error('The client closed the connection.')).catch(() => undefined)
  outgoing.once('close', onClose)
  // Who waits for the client reads no body: one that breaks off meanwhile is to end the wait.
  reader.closed.catch(() => outgoing.headersSent && outgoing.destroy())
  try {
    let next = await firstRead(response, reader, outgoing)
    while (!next.done) {
      outgoing[ANSWERED]!.bytes += next.value.byteLength
      if (!outgoing.write(next.value) && !(await drained(outgoing))) return
      next = await reader.read()
    }
    outgoing.end()
  } catch (error) {
    if (!outgoing.headersSent) throw error
    // Half an answer must not look whole: without the last chunk the client sees that it was cut off.
    outgoing.destroy()
  } finally {
    outgoing.off('close', onClose)
  }
}

/** The head goes out with the first bytes when they are there at once, and alone when the application takes its time. */
async function firstRead(response: Response, reader: Reader, outgoing: Answering) {
  const reading = reader.read()
  let isWaiting = true
  const timer = setImmediate(() => {
    if (!isWaiting || outgoing.headersSent || outgoing.destroyed) return
    writeHead(response, outgoing)
    outgoing.flushHeaders()
  })
  try {
    return await reading
  } finally {
    isWaiting = false
    clearImmediate(timer)
    if (!outgoing.headersSent && !outgoing.destroyed) writeHead(response, outgoing)
  }
}

function writeHead({ status, statusText, headers }: Response, outgoing: Answering): void {
  const lines = linesOf(headers)
  outgoing[ANSWERED] = { bytes: 0, lines }
  if (statusText) outgoing.writeHead(status, statusText, lines)
  else outgoing.writeHead(status, lines)
}

/** Whether there is still somebody to write to. */
function drained(outgoing: ServerResponse): Promise<boolean> {
  if (outgoing.destroyed) return Promise.resolve(false)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const onDrain = () => settle(true)
  const onClose = () => settle(false)
  const settle = (is: boolean) => {
    outgoing.off('drain', onDrain).off('close', onClose)
    resolve(is)
  }
  outgoing.on('drain', onDrain).on('close', onClose)
  return promise
}
