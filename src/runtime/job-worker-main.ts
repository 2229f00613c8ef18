/** A job worker: opens the application, lets it work until there is nothing left to do, and exits. */
import type { JobApplication } from '../runtime.ts'
import { BEAT_MS, openPulse } from './pulse.ts'
import { fail, loadApplication, openChannel, startThreads } from './worker-host.ts'

try {
  const channel = await openChannel()
  process.on('uncaughtException', (error) => fail('run', error))
  const application = await loadApplication<JobApplication>('run')
  await application.open?.(channel.host)
  await startThreads()
  channel.send({ type: 'ready' })
  const pulse = openPulse()
  const abort = new AbortController()
  void channel.drained.then(() => abort.abort())
  const beating = setInterval(() => channel.send(pulse.beat()), BEAT_MS)
  await application.run(abort.signal)
  clearInterval(beating)
  await application.close?.()
  // What was said last is still in the channel; closing it lets it go out first.
  process.removeAllListeners('disconnect')
  process.disconnect()
  process.once('beforeExit', () => process.exit(0))
} catch (error) {
  fail('run', error)
}
