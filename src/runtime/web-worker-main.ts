/** A web worker: listens on the descriptors that the supervisor handed over, and serves the application until it is told to end. */
import type { Application } from '../runtime.ts'
import { type HttpServer, openHttpServer } from './http-server.ts'
import { type Channel, fail, loadApplication, openChannel } from './worker-host.ts'

const BEAT_MS = 1000

try {
  const channel = await openChannel()
  const application = await loadApplication<Application>('fetch')
  await application.open?.(channel.host)
  const server = await openHttpServer({
    fetch: (request, info) => application.fetch(request, info),
    labels: channel.start.labels,
    limits: channel.start.limits,
  })
  process.on('uncaughtException', (error) => void endAfterMistake(channel, server, error))
  channel.send({ type: 'ready' })
  setInterval(
    () => channel.send({ type: 'beat', open: server.openRequests, requests: server.requests }),
    BEAT_MS,
  ).unref()
  const { timeoutMs } = await channel.drained
  await server.drain(timeoutMs)
  await application.close?.()
  process.exit(0)
} catch (error) {
  fail('boot', error)
}

/** State may be broken after an exception that nobody caught: what is open is ended, and nothing new is begun. */
async function endAfterMistake({ start, send }: Channel, server: HttpServer, error: unknown): Promise<void> {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  send({ type: 'failed', phase: 'run', message, stack })
  await server.drain(start.limits.gracefulTimeoutMs)
  process.exit(1)
}
