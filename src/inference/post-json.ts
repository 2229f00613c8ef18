/** One POST to a model server that answers with a JSON object, within a time. Nothing is tried again here. */
import type { IncomingMessage } from 'node:http'
import { SECOND_MS } from '../lib/units.ts'
import { explainNetworkError, explainStatus, type NamedServer } from './explain.ts'
import { type Json, parseObject } from './json.ts'
import { ModelError } from './model-error.ts'
import { answerTo, openRequest, readStart } from './request.ts'

export interface Post {
  /** Behind the base address. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Json
  timeoutMs: number
  answerBytesMax: number
}

/** Throws a `ModelError` in words for people, or the signal's reason. */
export async function postForJson(
  server: NamedServer,
  { path, headers, body, timeoutMs, answerBytesMax }: Post,
  signal: AbortSignal,
): Promise<Json> {
  signal.throwIfAborted()
  const late = AbortSignal.timeout(timeoutMs)
  const request = openRequest(server.baseUrl + path, { accept: 'application/json', ...headers })
  const stop = () => request.destroy()
  const either = AbortSignal.any([signal, late])
  either.addEventListener('abort', stop, { once: true })
  try {
    const response = await answerTo(request, JSON.stringify(body))
    if (!isJson(response)) throw explainStatus(server, response, await readStart(response))
    const answer = parseObject(await readWhole(server, response, answerBytesMax))
    if (!answer) throw new ModelError('model_broken', 'lasting', `The model ${server.model} answered what is not JSON.`)
    return answer
  } catch (error) {
    // The first cause counts: what a destroyed socket says afterwards is only its echo.
    signal.throwIfAborted()
    throw late.aborted ? tooLate(server, timeoutMs) : explainNetworkError(server, error)
  } finally {
    either.removeEventListener('abort', stop)
    request.destroy()
  }
}

function isJson({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 200 && !/html|event-stream/i.test(headers['content-type'] ?? '')
}

async function readWhole(server: NamedServer, response: IncomingMessage, bytesMax: number): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > bytesMax) {
      throw new ModelError('model_broken', 'answer', `The model ${server.model} answered with more than was asked for.`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function tooLate({ model }: NamedServer, timeoutMs: number): ModelError {
  return new ModelError(
    'model_timeout',
    'passing',
    `The model ${model} did not answer within ${timeoutMs / SECOND_MS} s.`,
  )
}
