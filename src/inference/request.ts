/** Requests to model servers. Nothing is tried again here: whoever asks knows whether that makes sense. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { KIB, MIB, SECOND_MS } from '../lib/units.ts'
import { explainNetworkError, explainStatus, type NamedServer } from './explain.ts'
import { type Head, openHttpStream } from './http-stream.ts'
import type { Json } from './json.ts'
import { ModelError } from './model-error.ts'
import type { WireFormat } from './wire-format.ts'

export interface ModelServer extends NamedServer {
  format: WireFormat
  /** Of every request, in the words of its format. */
  parameters: Json
  /** To the first token, all attempts together; half of it between tokens. */
  timeoutS: number
}

/** What is made of the answer. */
export interface StreamReader {
  /** The next bytes, valid until the call returns. `token`: the model lives. `end`: nothing more is wanted. */
  read(bytes: Buffer): 'token' | 'nothing' | 'end'
}

/** All bytes of one answer, with the JSON around each word. */
const BODY_BYTES_MAX = 64 * MIB
const ERROR_BYTES_MAX = 16 * KIB

const JSON_HEADERS = {
  'content-type': 'application/json',
  // Gateways in front of some providers take whoever does not say a name for a scraper.
  'user-agent': 'KnowBot',
  'accept-encoding': 'identity',
}

/**
 * One POST, and its answer as bytes while they arrive. Resolves at its end; whatever else the server answers is thrown, in words for
 * people. Each answer has a connection of its own: an idle one that the server has closed meanwhile would fail the next question.
 */
export function postForStream(
  server: ModelServer,
  body: string,
  { firstTokenMs, reader }: { firstTokenMs: number; reader: StreamReader },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { format, key } = server
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let refusal: { head: Head; start: string } | undefined
  let bytes = 0

  const settle = (error?: unknown) => {
    patience.end()
    signal.removeEventListener('abort', onAbort)
    stream.destroy()
    if (error === undefined) resolve()
    else reject(error)
  }
  const onAbort = () => settle(signal.reason)
  const stream = openHttpStream(
    {
      url: new URL(server.baseUrl + format.path),
      headers: { ...JSON_HEADERS, accept: 'text/event-stream', ...format.headers(key) },
      body,
    },
    {
      head(head) {
        if (!isStream(head)) refusal = { head, start: '' }
      },
      body(piece) {
        if (refusal) {
          refusal.start += piece.toString('latin1', 0, ERROR_BYTES_MAX - refusal.start.length)
          if (refusal.start.length >= ERROR_BYTES_MAX) settle(refused(server, refusal))
          return
        }
        bytes += piece.length
        if (bytes > BODY_BYTES_MAX) throw new ModelError('model_broken', 'answer', endless(server))
        const what = reader.read(piece)
        if (what === 'token') patience.sawToken()
        if (what === 'end') settle()
      },
      end: () => settle(refusal && refused(server, refusal)),
      fail: (error) => settle(explainNetworkError(server, error)),
    },
  )
  const patience = startPatience(server, firstTokenMs, settle)
  signal.addEventListener('abort', onAbort, { once: true })
  return promise
}

/** Some servers name no type, or `text/plain`; JSON and HTML are never a stream. */
function isStream({ statusCode, headers }: Head): boolean {
  return statusCode === 200 && !/json|html/i.test(headers['content-type'] ?? '')
}

function refused(server: ModelServer, { head, start }: { head: Head; start: string }): ModelError {
  return explainStatus(server, head, Buffer.from(start, 'latin1').toString())
}

function endless({ model }: ModelServer): string {
  return `The model ${model} did not come to an end.`
}

interface Patience {
  sawToken(): void
  end(): void
}

/**
 * Waits for the first token, then half as long for each next one. A token moves a deadline and no timer: of those a thousand answers
 * would make twenty thousand a second.
 */
function startPatience(
  { model, timeoutS }: ModelServer,
  firstTokenMs: number,
  giveUp: (error: ModelError) => void,
): Patience {
  let deadline = performance.now() + firstTokenMs
  let isFirst = true
  const look = () => {
    const leftMs = deadline - performance.now()
    if (leftMs > 0) {
      timer = setTimeout(look, leftMs)
      return
    }
    const waited = isFirst ? timeoutS : timeoutS / 2
    const what = isFirst ? 'did not begin to answer' : 'fell silent in the middle of its answer'
    giveUp(new ModelError('model_timeout', 'lasting', `The model ${model} ${what} within ${waited} s.`))
  }
  let timer = setTimeout(look, firstTokenMs)
  return {
    sawToken() {
      const isEarlier = isFirst
      isFirst = false
      deadline = performance.now() + (timeoutS / 2) * SECOND_MS
      if (!isEarlier) return
      // The timer of the first token may run longer than the next one has.
      clearTimeout(timer)
      timer = setTimeout(look, (timeoutS / 2) * SECOND_MS)
    },
    end: () => clearTimeout(timer),
  }
}

/** A POST of JSON that is not sent yet. */
export function openRequest(address: string, headers: Readonly<Record<string, string>>): ClientRequest {
  const url = new URL(address)
  const { request } =
    url.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  return request(url, {
    method: 'POST',
    // A connection of its own: an idle one that the server has closed meanwhile would fail the next question.
    agent: false,
    headers: { ...JSON_HEADERS, ...headers },
  })
}

export function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.on('response', resolve)
  request.on('error', reject) // Stays: a destroyed request may say so after its answer was read.
  request.end(body)
  return promise
}

/** The beginning of an answer that is no stream: enough for what a provider says of its error. */
export async function readStart(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const piece of response as AsyncIterable<string>) {
    text += piece
    if (text.length >= ERROR_BYTES_MAX) break
  }
  return text.slice(0, ERROR_BYTES_MAX)
}
