/** What the server does, in words, as long as one looks. For administrators. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import type { ReadyAnswer, StatusAnswer } from '../wire.ts'
import { Gauges } from './gauges.tsx'
import { settings } from './requests.ts'
import { numberOf, recordOf } from './status-shape.ts'

const LOOK_MS = 5000
/** More stands in the log. */
const TOLD_MAX = 5

export function Server() {
  const status = useSignal<StatusAnswer | null>(null)
  const mode = useSignal<ReadyAnswer['mode'] | null>(null)
  const problem = useSignal<string | null>(null)
  useEffect(() => {
    const leave = new AbortController()
    const look = async () => {
      try {
        status.value = await settings.status(leave.signal)
        problem.value = null
        mode.value = (await api.ready()).mode
      } catch (error) {
        if (!leave.signal.aborted) problem.value = asRequestError(error).message
      }
    }
    void look()
    const timer = setInterval(() => void look(), LOOK_MS)
    return () => {
      clearInterval(timer)
      leave.abort()
    }
  }, [])
  return (
    <>
      {status.value !== null && (
        <>
          <ul class="setting-rows">
            {mode.value !== null && <li>{t.modes[mode.value]}</li>}
            {wordsFor(status.value).map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
          <Gauges status={status.value} />
        </>
      )}
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  )
}

/** What is not told in the expected form is not said: the supervisor may be newer than the page. */
function wordsFor(status: StatusAnswer): string[] {
  const { workers, jobs } = status
  const supervisor = recordOf(status['supervisor'])
  const web = workers.filter(({ role }) => role === 'web').length
  const bytes = [supervisor, ...workers].reduce((sum, process) => sum + numberOf(process['anonymousBytes']), 0)
  return [
    ...(typeof supervisor['startedAt'] === 'string' ? [t.servingSince(new Date(supervisor['startedAt']))] : []),
    t.processes(web, workers.length - web),
    ...(bytes > 0 ? [t.memoryUsed(bytes)] : []),
    t.work(jobs.running, jobs.queued),
    ...(recordOf(status['circuit'])['state'] === 'open' ? [t.circuitOpen] : []),
    ...jobs.failed
      .slice(0, TOLD_MAX)
      .map(({ endedAt, message, code }) => t.jobFailed(new Date(endedAt), message ?? code ?? '')),
    ...deathsOf(status).slice(-TOLD_MAX).reverse(),
  ]
}

function deathsOf(status: StatusAnswer): string[] {
  const { deaths } = status as { deaths?: unknown }
  return (Array.isArray(deaths) ? deaths : []).map(recordOf).map(({ time, role, cause, signal }) => {
    const how = typeof signal === 'string' ? signal : String(cause)
    return t.processDied(new Date(String(time)), String(role), how)
  })
}
