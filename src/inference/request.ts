/**
 * One POST to a model server, and its answer as text while it arrives.
 *
 * Over `node:http` instead of `fetch`: 100 streams cost 15 to 19 MB with this and 31 to 42 with that. The module is taken from
 * the running Node, because importing it as an ES module loads what makes `fetch` (6.5 MB).
 * Nothing is tried again here: whoever asks knows whether that makes sense.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { KnowBotError } from '../errors.ts'
import { KIB, MIB, SECOND_MS } from '../lib/units.ts'
import { explainNetworkError, explainStatus, type NamedServer } from './explain.ts'
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

export interface ModelStream extends AsyncDisposable {
  text(): AsyncIterable<string>
  /** The model lives: from now on it has half the time for the next token. */
  sawToken(): void
}

/** All bytes of one answer, with the JSON around each word. */
const BODY_BYTES_MAX = 64 * MIB
const ERROR_BYTES_MAX = 16 * KIB

/** Resolves when the server answers with a stream; whatever else it answers is thrown, in words for people. */
export async function postForStream(
  server: ModelServer,
  { body, firstTokenMs }: { body: Json; firstTokenMs: number },
  signal: AbortSignal,
): Promise<ModelStream> {
  signal.throwIfAborted()
  const { format, key } = server
  const request = openRequest(server.baseUrl + format.path, { accept: 'text/event-stream', ...format.headers(key) })
  const patience = startPatience(server, firstTokenMs, request)
  const stop = () => request.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const close = () => {
    patience.end()
    signal.removeEventListener('abort', stop)
    request.destroy()
  }
  /** The first cause counts: what a destroyed socket says afterwards is only its echo. */
  const explain = (error: unknown) =>
    signal.aborted ? signal.reason : (patience.error() ?? explainNetworkError(server, error))

  try {
    const response = await answerTo(request, JSON.stringify(body))
    if (!isStream(response)) throw explainStatus(server, response, await readStart(response))
    return {
      text: () => readText(server, response, patience, explain),
      sawToken: () => patience.expectNextToken(),
      async [Symbol.asyncDispose]() {
        close()
      },
    }
  } catch (error) {
    close()
    throw explain(error)
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
    headers: {
      'content-type': 'application/json',
      // Gateways in front of some providers take whoever does not say a name for a scraper.
      'user-agent': 'KnowBot',
      'accept-encoding': 'identity',
      ...headers,
    },
  })
}

export function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.on('response', resolve)
  request.on('error', reject) // Stays: a destroyed request may say so after its answer was read.
  request.end(body)
  return promise
}

/** Some servers name no type, or `text/plain`; JSON and HTML are never a stream. */
function isStream({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 200 && !/json|html/i.test(headers['content-type'] ?? '')
}

async function* readText(
  server: ModelServer,
  response: IncomingMessage,
  patience: Patience,
  explain: (error: unknown) => unknown,
): AsyncGenerator<string, void, undefined> {
  response.setEncoding('utf8')
  let bytes = 0
  try {
    for await (const piece of response as AsyncIterable<string>) {
      bytes += Buffer.byteLength(piece)
      if (bytes > BODY_BYTES_MAX) {
        throw new ModelError('model_broken', 'answer', `The model ${server.model} did not come to an end.`)
      }
      // The time that our reader takes is not the model's.
      patience.pause()
      yield piece
      patience.resume()
    }
  } catch (error) {
    throw explain(error)
  }
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

interface Patience {
  expectNextToken(): void
  pause(): void
  resume(): void
  end(): void
  error(): KnowBotError | undefined
}

/** Waits for the first token, then half as long for each next one; ends the request when it was in vain. */
function startPatience({ model, timeoutS }: ModelServer, firstTokenMs: number, request: ClientRequest): Patience {
  let remainingMs = firstTokenMs
  let error: KnowBotError | undefined
  let startedAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  let isFirst = true

  const resume = () => {
    startedAt = performance.now()
    timer = setTimeout(giveUp, remainingMs)
  }
  const pause = () => {
    clearTimeout(timer)
    remainingMs -= performance.now() - startedAt
  }
  const giveUp = () => {
    const waited = isFirst ? timeoutS : timeoutS / 2
    const what = isFirst ? 'did not begin to answer' : 'fell silent in the middle of its answer'
    error = new ModelError('model_timeout', 'lasting', `The model ${model} ${what} within ${waited} s.`)
    request.destroy(error)
  }
  resume()
  return {
    expectNextToken() {
      isFirst = false
      remainingMs = (timeoutS / 2) * SECOND_MS
    },
    pause,
    resume,
    end: () => clearTimeout(timer),
    error: () => error,
  }
}
