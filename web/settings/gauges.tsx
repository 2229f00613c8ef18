/** How much memory is held by whom, and what each process does, as bars with words. For administrators. */
import { t } from '../messages.ts'
import type { StatusAnswer } from '../wire.ts'
import { numberOf, recordOf } from './status-shape.ts'

interface Gauge {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly words: string
}

export function Gauges({ status }: { status: StatusAnswer }) {
  return (
    <dl class="gauges">
      {gaugesOf(status).map(({ label, value, max, words }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <meter value={value} max={max} high={max * HIGH} aria-label={label} />
            {words}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** From here on a bar warns. */
const HIGH = 0.9

/** What is not told in the expected form is not drawn: the supervisor may be newer than the page. */
function gaugesOf(status: StatusAnswer): Gauge[] {
  const memory = recordOf(status['memory'])
  const [held, limit] = [recordOf(memory['held']), recordOf(memory['limit'])]
  const max = numberOf(limit['bytes'])
  if (max === 0) return []
  const parts = [
    [t.gauges.all, held['total']],
    [t.gauges.web, held['webWorkers']],
    [t.gauges.jobs, numberOf(held['jobWorkers']) + numberOf(held['readers'])],
    [t.gauges.supervisor, held['supervisor']],
  ] as const
  return [
    ...parts.map(([label, bytes]) => gauge(label, numberOf(bytes), max)),
    ...status.workers.map((worker) => workerGauge(recordOf(worker), max)),
  ]
}

function gauge(label: string, bytes: number, max: number): Gauge {
  return { label, value: bytes, max, words: t.bytesOf(bytes, max) }
}

function workerGauge(worker: Record<string, unknown>, max: number): Gauge {
  const bytes = numberOf(worker['anonymousBytes'])
  const role = worker['role'] === 'web' ? t.gauges.webWorker : t.gauges.jobWorker
  return {
    label: `${role} ${numberOf(worker['pid'])}`,
    value: bytes,
    max,
    words: t.workerDoes(bytes, numberOf(worker['openRequests']), numberOf(worker['lagP99Ms'])),
  }
}
