/** Why a document is not being read yet, so that nobody has to guess. */
import type { Standing } from '../jobs.ts'
import { printMs, SECOND_MS } from '../lib/units.ts'

/**
 * `turn`: others come first. `memory`: others hold it. `disk`: there is no room on it. `retry`: an attempt has failed, and the next one
 * has its time. `paused`: the server does not read for now. `no_worker`: nobody is there who reads.
 */
export type WaitingReason = 'turn' | 'memory' | 'disk' | 'retry' | 'paused' | 'no_worker'

export interface Waiting {
  reason: WaitingReason
  message: string
  /** Unix milliseconds. */
  since: number
  /** About so long until it is read; null where nobody can tell. */
  etaSeconds: number | null
}

/** What the server as a whole says of why nobody reads. */
export type Idleness = { reason: 'paused' | 'no_worker'; message: string } | null

/** A worker that is wanted is there after a second, as a rule. */
const NOBODY_CAME_MS = 5 * SECOND_MS

/** Null while it is being read. */
export function waitingOf(standing: Standing, idleness: Idleness, now: number): Waiting | null {
  const { state, hindrance, runAt, queuedAt, etaMs } = standing
  if (hindrance && (state === 'running' || runAt > now)) {
    const { message, since } = hindrance
    const isMemory = hindrance.kind === 'memory'
    const reason = isMemory ? 'memory' : hindrance.kind === 'disk_full' ? 'disk' : 'retry'
    return { reason, message, since, etaSeconds: seconds(isMemory ? etaMs : runAt - now) }
  }
  if (state === 'running') return null
  if (idleness) return { ...idleness, since: queuedAt, etaSeconds: null }
  if (runAt > now) {
    return { reason: 'retry', message: nextTry(standing, now), since: queuedAt, etaSeconds: seconds(runAt - now) }
  }
  const isNobodyThere = standing.idleMs !== null && Math.min(standing.idleMs, now - queuedAt) > NOBODY_CAME_MS
  if (isNobodyThere) return { reason: 'no_worker', message: NOBODY, since: queuedAt, etaSeconds: null }
  return { reason: 'turn', message: turn(standing), since: queuedAt, etaSeconds: seconds(etaMs) }
}

const NOBODY = 'Nobody reads documents at the moment. It is kept, and is read as soon as somebody does.'

function nextTry({ error, runAt }: Standing, now: number): string {
  const what = error ? `The last attempt failed: ${error.message}` : 'The process that was reading it died.'
  return `${what} The next one begins in ${printMs(runAt - now)}.`
}

function turn({ ahead }: Standing): string {
  if (ahead === null) return 'A long queue is before it.'
  if (ahead === 0) return 'Its turn comes next.'
  return ahead === 1 ? 'One piece of work comes first.' : `${ahead} pieces of work come first.`
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, Math.ceil(ms / SECOND_MS))
}
