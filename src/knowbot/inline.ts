/** The jobs that a web worker does itself while no job worker can be started, or none shall be. */
import { JOBS_WAITING, type Jobs, type Task } from '../jobs.ts'
import type { Log } from '../lib/log.ts'
import type { Messages } from '../lib/messages.ts'
import { SECOND_MS } from '../lib/units.ts'

export interface InlineOptions {
  jobs: Pick<Jobs, 'run'>
  tasks: readonly Task[]
  messages: Messages
  log: Log
  /** Whether it is to be done now; asked again and again. */
  isInline(): boolean
  /** Aborted when this process has been asked to end. */
  draining: AbortSignal
}

/** What was queued by a process that died, or is due by time, rings no bell. */
const LOOK_EVERY_MS = 5 * SECOND_MS

export function workInline({ jobs, tasks, messages, log, isInline, draining }: InlineOptions): () => Promise<void> {
  const stopped = new AbortController()
  const signal = AbortSignal.any([draining, stopped.signal])
  let running: Promise<void> | undefined
  const look = () => {
    if (running || signal.aborted || !isInline()) return
    running = jobs
      .run(tasks, { signal, idleMs: 0, isPartial: true })
      .catch((error: Error) => log.warn('inline-work-failed', { error }))
      .finally(() => {
        running = undefined
      })
  }
  const stopListening = messages.subscribe(JOBS_WAITING, look)
  const timer = setInterval(look, LOOK_EVERY_MS)
  return async () => {
    clearInterval(timer)
    stopListening()
    stopped.abort()
    await running
  }
}
