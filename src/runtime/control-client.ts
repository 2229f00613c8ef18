/** Asks a running supervisor. */
import { createConnection } from 'node:net'
import type { JsonValue } from '../lib/json.ts'

/** Rejects with ENOENT or ECONNREFUSED where no supervisor is, and with its message when it refuses. */
export async function controlCall(socketPath: string, command: string, args: JsonValue = null): Promise<JsonValue> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const socket = createConnection(socketPath)
  socket.setEncoding('utf8')
  socket.once('error', reject)
  socket.on('data', (part: string) => {
    text += part
  })
  socket.once('close', () => resolve(text))
  // Not ended from here before the answer has come.
  socket.write(`${JSON.stringify({ command, args })}\n`)
  const answer = await promise
  if (answer === '') throw new Error('The server closed the connection without an answer.')
  const { ok, result, message } = JSON.parse(answer) as { ok: boolean; result: JsonValue; message: string }
  if (!ok) throw new Error(message)
  return result
}
