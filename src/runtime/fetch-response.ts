/** A Response of the Fetch standard as a node:http answer, at the client's pace. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BadRequest } from './fetch-request.ts'
import { leaveBody } from './unread-body.ts'

/** Resolves when the answer is written, or the client is gone. */
export async function answer(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return void response.body?.cancel().catch(() => undefined)
  leaveBody(incoming, outgoing)
  const { body } = response
  if (body === null || incoming.method === 'HEAD') {
    writeHead(response, outgoing)
    outgoing.end()
    await body?.cancel()
    return
  }
  await pump(response, body.getReader(), outgoing)
}

/** The answer to what the application threw, or to what is no request. What was begun cannot be taken back: it is cut off. */
export async function answerProblem(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
): Promise<void> {
  if (outgoing.headersSent) return void outgoing.destroy()
  const isBad = error instanceof BadRequest
  if (!isBad) process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  const status = isBad ? 400 : 500
  const problem = {
    type: 'about:blank',
    title: isBad ? 'Bad Request' : 'Internal Server Error',
    status,
    code: isBad ? 'bad_request' : 'internal',
    detail: isBad ? error.message : 'The application failed at this request.',
  }
  const init = { status, headers: { 'content-type': 'application/problem+json' } }
  await answer(new Response(JSON.stringify(problem), init), incoming, outgoing)
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

async function pump(response: Response, reader: Reader, outgoing: ServerResponse): Promise<void> {
  const onClose = () => void reader.cancel(new Error('The client closed the connection.')).catch(() => undefined)
  outgoing.once('close', onClose)
  try {
    let next = await firstRead(response, reader, outgoing)
    while (!next.done) {
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
async function firstRead(response: Response, reader: Reader, outgoing: ServerResponse) {
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

function writeHead({ status, statusText, headers }: Response, outgoing: ServerResponse): void {
  // A connection header may be set already, when we are about to close.
  const lines: Record<string, string | string[]> = {}
  headers.forEach((value, name) => {
    lines[name] = value
  })
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) lines['set-cookie'] = cookies
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
