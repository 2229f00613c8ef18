/** The runtime in numbers, as Prometheus reads them (text exposition format 0.0.4). */
import type { Beat } from './ipc.ts'
import { STEPS } from './ladder.ts'
import type { SupervisorStatus } from './status.ts'

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** Counters of workers that are gone, and numbers of deaths: a counter must not fall when a worker is replaced. */
export interface Totals {
  requests: number
  answers: number[]
  refused: number
  seconds: number
  deaths: Map<string, number>
}

export function newTotals(): Totals {
  return { requests: 0, answers: [0, 0, 0, 0, 0], refused: 0, seconds: 0, deaths: new Map() }
}

export function addBeat(totals: Totals, beat: Beat | undefined): void {
  if (!beat) return
  totals.requests += beat.requests
  totals.refused += beat.refused
  totals.seconds += beat.seconds
  for (const [index, count] of beat.answers.entries()) totals.answers[index]! += count
}

/** `beats`: the last word of every worker that lives. */
export function renderMetrics(status: SupervisorStatus, past: Totals, beats: readonly Beat[]): string {
  const sum: Totals = { ...past, answers: [...past.answers] }
  for (const beat of beats) addBeat(sum, beat)
  const { workers, supervisor, circuit, workersWanted, memory, condition } = status
  return [
    family('runtime_requests_total', 'counter', 'Requests begun.', [['', sum.requests]]),
    family('runtime_responses_total', 'counter', 'Answers by class of status.', [
      ...CLASSES.map((name, index) => [`{class="${name}"}`, sum.answers[index]!] as const),
    ]),
    family('runtime_refused_total', 'counter', 'Requests refused for want of room.', [['', sum.refused]]),
    family('runtime_request_seconds_total', 'counter', 'Time spent on answers.', [['', sum.seconds]]),
    family('runtime_worker_deaths_total', 'counter', 'Ends of children, by role and cause.', [
      ...[...past.deaths].map(([labels, count]) => [labels, count] as const),
    ]),
    family('runtime_workers_wanted', 'gauge', 'Web workers that should serve.', [['', workersWanted]]),
    family('runtime_circuit_open', 'gauge', '1 while starts wait after crashes.', [
      ['', circuit.state === 'open' ? 1 : 0],
    ]),
    family('runtime_supervisor_anonymous_bytes', 'gauge', 'Anonymous memory of the supervisor.', [
      ['', supervisor.anonymousBytes],
    ]),
    family('runtime_memory_limit_bytes', 'gauge', 'What all processes together may hold.', [['', memory.limit.bytes]]),
    family('runtime_memory_held_bytes', 'gauge', 'Anonymous memory of all processes.', [['', memory.held.total]]),
    family('runtime_memory_available_bytes', 'gauge', 'What could still be taken.', [['', memory.held.available]]),
    family('runtime_brownout_step', 'gauge', `What is left out for want of memory: ${STEPS.join(', ')}.`, [
      ['', STEPS.indexOf(condition.step)],
    ]),
    family('runtime_jobs_state', 'gauge', '1 for how job workers stand.', [
      ...(['run', 'wait', 'cannot start'] as const).map(
        (state) => [`{state="${state}"}`, condition.jobs.state === state ? 1 : 0] as const,
      ),
    ]),
    family('runtime_read_only', 'gauge', '1 while nothing may be written.', [
      ['', condition.readOnlyWhy === null ? 0 : 1],
    ]),
    family('runtime_streams_max', 'gauge', 'Streams of events that one web worker may have open.', [
      ['', condition.streamsMax],
    ]),
    family('runtime_memory_grantable_bytes', 'gauge', 'What background work may be granted.', [
      ['', memory.jobs.capacityBytes],
    ]),
    family('runtime_memory_granted_bytes', 'gauge', 'What background work was granted.', [['', memory.jobs.heldBytes]]),
    family('runtime_memory_waiting', 'gauge', 'Pieces of background work that wait for memory.', [
      ['', memory.jobs.waiting.length],
    ]),
    perWorker('runtime_worker_anonymous_bytes', 'Anonymous memory.', ({ anonymousBytes }) => anonymousBytes),
    perWorker('runtime_worker_open_requests', 'Requests in progress.', ({ openRequests }) => openRequests),
    perWorker('runtime_worker_open_connections', 'Connections.', ({ openConnections }) => openConnections),
    perWorker(
      'runtime_worker_loop_delay_p99_ms',
      'Delay of the event loop, 99th percentile.',
      ({ lagP99Ms }) => lagP99Ms,
    ),
  ].join('')

  function perWorker(name: string, help: string, read: (worker: (typeof workers)[number]) => number): string {
    const samples = workers.map(
      (worker) => [`{role="${worker.role}",slot="${worker.slot}",pid="${worker.pid}"}`, read(worker)] as const,
    )
    return family(name, 'gauge', help, samples)
  }
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [string, number])[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
