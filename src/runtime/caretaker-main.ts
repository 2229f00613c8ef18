/**
 * Answers while no worker can: reads the head of a request and says 503, come back soon. It knows nothing else, and loads
 * neither the application nor HTTP, so that what keeps workers from starting does not keep it.
 */
import { createServer, type Socket } from 'node:net'
import { openChannel } from './worker-host.ts'

const HEAD_BYTES_MAX = 16_384
const HEAD_MS_MAX = 10_000
const LINGER_MS = 1000
const CONNECTIONS_MAX = 1000
const RETRY_AFTER_S = 5

const BODY = JSON.stringify({
  type: 'about:blank',
  title: 'Service Unavailable',
  status: 503,
  code: 'overloaded',
  detail: 'The server is starting, or its application does not start. Try again shortly.',
})
const ANSWER = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: application/problem+json',
  `Content-Length: ${Buffer.byteLength(BODY)}`,
  `Retry-After: ${RETRY_AFTER_S}`,
  'Cache-Control: no-store',
  'Connection: close',
  '',
  '',
].join('\r\n')

const channel = await openChannel()
const { labels, limits } = channel.start
const servers = labels.map((_, index) => {
  const server = createServer({ allowHalfOpen: true }, converse)
  server.maxConnections = CONNECTIONS_MAX
  server.listen({ fd: 3 + index, backlog: limits.backlog })
  return server
})
channel.send({ type: 'ready' })
await channel.drained
for (const server of servers) server.close()
setTimeout(() => process.exit(0), LINGER_MS)

function converse(socket: Socket): void {
  let head = ''
  let isAnswered = false
  socket.setTimeout(HEAD_MS_MAX, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.on('data', (bytes) => {
    if (isAnswered) return // A body that nobody reads: thrown away, so that the answer is not overtaken by a reset.
    head += bytes.toString('latin1')
    if (!head.includes('\r\n\r\n') && head.length <= HEAD_BYTES_MAX) return
    isAnswered = true
    socket.end(head.startsWith('HEAD ') ? ANSWER : ANSWER + BODY)
    socket.setTimeout(LINGER_MS, () => socket.destroy())
  })
}
