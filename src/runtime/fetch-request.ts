/** A node:http request as a Request of the Fetch standard. The body is a stream that is read when the application reads it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { nextPiece } from '../lib/pieces.ts'
import { makeRequest, type RequestParts } from './lazy-request.ts'

/** What a client said that is no HTTP. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

/** What the request line and the Host header do not say, and a trusted proxy may. */
interface Told {
  scheme: 'http' | 'https'
  host: string | undefined
}

/** Refuses at once what Fetch does not know; everything else is made when it is asked for. */
export function toRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  told: Told,
  expectsContinue: boolean,
  bodySilenceMs: number,
): Request {
  const method = incoming.method!
  if (FORBIDDEN.has(method)) throw new BadRequest(`Expected a method that the Fetch standard allows, got ${method}.`)
  return makeRequest(new IncomingParts(incoming, outgoing, urlOf(incoming, told), expectsContinue, bodySilenceMs))
}

/** One object per request, where closures would be three. */
class IncomingParts implements RequestParts {
  readonly method: string
  readonly url: string
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #expectsContinue: boolean
  /** How long the client may be silent while its body is being read. */
  readonly #bodySilenceMs: number
  #signal: AbortSignal | undefined

  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    url: string,
    expectsContinue: boolean,
    bodySilenceMs: number,
  ) {
    this.method = incoming.method!
    this.url = url
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#expectsContinue = expectsContinue
    this.#bodySilenceMs = bodySilenceMs
  }

  headers(): Headers {
    return headersOf(this.#incoming)
  }

  signal(): AbortSignal {
    this.#signal ??= signalOf(this.#outgoing)
    return this.#signal
  }

  body(): ReadableStream<Uint8Array> | null {
    if (!hasBody(this.#incoming)) return null
    const onFirstRead = this.#expectsContinue ? () => this.#outgoing.writeContinue() : undefined
    return bodyOf(this.#incoming, this.#bodySilenceMs, onFirstRead)
  }
}

const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK'])

function signalOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const abort = () => {
    if (!outgoing.writableFinished)
      controller.abort(new DOMException('The client closed the connection.', 'AbortError'))
  }
  if (outgoing.destroyed) abort()
  else outgoing.once('close', abort)
  return controller.signal
}

export function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function urlOf({ url = '/', headers }: IncomingMessage, { scheme, host: told }: Told): string {
  // Absolute form (RFC 9112 §3.2.2): the target names the host itself.
  if (!url.startsWith('/')) {
    if (URL.canParse(url)) return url
    throw new BadRequest(`Expected a path as the request's target, got ${url.slice(0, 100)}.`)
  }
  const host = told ?? (headers.host || 'localhost')
  if (host !== lastHost && !HOST.test(host)) throw new BadRequest(`Expected a host name, got ${host.slice(0, 100)}.`)
  lastHost = host
  const text = `${scheme}://${host}${url}`
  // The standard's Request has a URL in its normal form; most are in it already.
  return PLAIN.test(url) ? text : normalise(text)
}

/** A path that normalising would not change: no dots to resolve, nothing to escape. */
const PLAIN = /^(?:\/[\w~-][\w~.-]*)*\/?(?:\?[\w~.=&%+-]*)?$/

function normalise(text: string): string {
  const url = URL.parse(text)
  if (!url) throw new BadRequest(`Expected a URL, got ${text.slice(0, 100)}.`)
  return url.href
}

/** What may stand in Host without changing what the rest of the URL means: no slash, no @, no query. */
const HOST = /^[\w.:[\]%-]+$/
/** The last that passed: most servers have one name. */
let lastHost = ''

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  return headers
}

/** Pull by pull: node reads from the socket no faster than the application reads from the stream. */
function bodyOf(
  incoming: IncomingMessage,
  silenceMs: number,
  onFirstRead: (() => void) | undefined,
): ReadableStream<Uint8Array> {
  let isFirst = true
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isFirst && onFirstRead) onFirstRead()
        isFirst = false
        const silent = () => incoming.destroy(new Error(`The client was silent for ${silenceMs} ms.`))
        const timer = setTimeout(silent, silenceMs)
        try {
          const piece = await nextPiece(incoming)
          if (piece) controller.enqueue(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
          else controller.close()
        } finally {
          clearTimeout(timer)
        }
      },
      // What is not wanted is drained, or the connection closed, when the answer is out.
      cancel: () => undefined,
    },
    { highWaterMark: 0 },
  )
}
