/**
 * The supervisor's own door: a unix socket that only its user may open. One line of JSON each way and the connection ends:
 * `{command, args}` in, `{ok: true, result}` or `{ok: false, message}` out.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { JsonValue } from '../lib/json.ts'

export type AnswerCommand = (command: string, args: JsonValue) => JsonValue | Promise<JsonValue>

const LINE_CHARS_MAX = 65_536
const SILENCE_MS_MAX = 10_000

export async function openControlSocket(path: string, answer: AnswerCommand): Promise<Disposable> {
  // The lock is ours, so that what lies here is what a killed supervisor left.
  rmSync(path, { force: true })
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    void converse(socket, answer)
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(path, resolve)
  await promise
  chmodSync(path, 0o600)
  return {
    [Symbol.dispose]: () => {
      server.close()
      // What is just being answered may be read to its end; the process does not wait for it.
      for (const socket of open) socket.unref()
    },
  }
}

async function converse(socket: Socket, answer: AnswerCommand): Promise<void> {
  try {
    const line = await readLine(socket)
    const { command, args = null } = JSON.parse(line) as { command: string; args?: JsonValue }
    socket.end(`${JSON.stringify({ ok: true, result: await answer(command, args) })}\n`)
  } catch (error) {
    socket.end(`${JSON.stringify({ ok: false, message: (error as Error).message })}\n`)
  }
}

function readLine(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy(new Error('nothing was asked')))
  socket.on('data', (part: string) => {
    text += part
    const end = text.indexOf('\n')
    if (end >= 0) {
      socket.setTimeout(0)
      resolve(text.slice(0, end))
    } else if (text.length > LINE_CHARS_MAX) reject(new Error('the line is too long'))
  })
  socket.once('close', () => reject(new Error('the connection was closed')))
  return promise
}
