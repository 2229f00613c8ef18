/** A web worker: listens on the descriptors that the supervisor handed over, and serves the application until it is told to end. */
import type { Application, WorkerLimits } from '../runtime.ts'
import { openAccessLog } from './access-log.ts'
import { openHttpServer } from './http-server.ts'
import { openIdleCollection } from './idle-collection.ts'
import { BEAT_MS, openPulse } from './pulse.ts'
import { fail, loadApplication, openChannel, startThreads } from './worker-host.ts'

/** How long the application's own close may take beyond the open requests. */
const CLOSE_MS_MAX = 5000

/** For the application to put away what it could not finish, before the deadline. */
const LEFT_OVER_MS = 1000

try {
  const channel = await openChannel()
  const { labels, limits } = channel.start
  const application = await loadApplication<Application>('fetch')
  await application.open?.(channel.host)
  const accessLog = limits.accessLog === null ? undefined : openAccessLog(limits.accessLog, limits.accessLogFormat)
  if (accessLog) channel.onReopen(() => accessLog.reopen())
  const recycleAt = chooseEnd(limits)
  const server = await openHttpServer({
    application,
    labels,
    limits,
    accessLog,
    onRequest: (count) => {
      if (count === recycleAt) channel.send({ type: 'recycle', reason: `${count} requests` })
    },
  })
  process.on('uncaughtException', (error) => {
    // State may be broken after an exception that nobody caught: a successor comes, and this worker ends what is open.
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    channel.send({ type: 'failed', phase: 'run', message, stack })
    channel.send({ type: 'recycle', reason: 'uncaught exception' })
    server.blame(error)
  })
  await startThreads()
  channel.send({ type: 'ready' })
  const pulse = openPulse()
  const collection = openIdleCollection()
  setInterval(() => {
    channel.send(pulse.beat(server.counts))
    collection.look()
  }, BEAT_MS)
  const { timeoutMs } = await channel.drained
  // Readers of what is left over are still there when they are told.
  const leftOver = AbortSignal.timeout(timeoutMs - Math.min(LEFT_OVER_MS, timeoutMs / 4))
  await Promise.all([server.drain(timeoutMs), application.finish?.(leftOver)])
  setTimeout(() => process.exit(0), CLOSE_MS_MAX)
  await application.close?.()
  process.exit(0)
} catch (error) {
  fail('boot', error)
}

/** With jitter, so that workers that began together do not end together. */
function chooseEnd({ maxRequests, maxRequestsJitter }: WorkerLimits): number {
  return maxRequests === 0 ? 0 : maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1))
}
