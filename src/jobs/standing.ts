/** How a job stands that is not done: what it waits for, how much is before it, and about how long that takes. */
import { SECOND_MS } from '../lib/units.ts'
import type { Reader } from '../storage.ts'
import type { Hindrance } from './task.ts'

export interface Standing {
  key: string
  state: 'queued' | 'running'
  queuedAt: number
  /** Not before this time. */
  runAt: number
  failures: number
  crashes: number
  /** Of the last attempt that failed. */
  error: { code: string; message: string } | null
  hindrance: (Hindrance & { since: number }) | null
  /** Jobs whose turn comes first; null where there are more than `AHEAD_COUNTED_MAX`. */
  ahead: number | null
  /** Until its turn, or until memory and the like come free: when those that run now are done. Null where nobody can tell. */
  etaMs: number | null
  /** For so long nobody has done any work; null while somebody does. */
  idleMs: number | null
}

/** A queue that is longer is told as long. */
export const AHEAD_COUNTED_MAX = 1000
/** So many of the last jobs tell how long a second of the estimate takes. */
const PACE_JOBS = 20
/** The estimate of what is small is 0. */
const COST_MS_MIN = SECOND_MS / 2
const PACE_MIN = 0.1
const PACE_MAX = 20

interface Row extends Omit<Standing, 'error' | 'hindrance' | 'ahead' | 'etaMs' | 'idleMs'> {
  id: number
  errorCode: string | null
  errorMessage: string | null
  hindrance: string | null
  hindranceMessage: string | null
  hinderedAt: number | null
}

/** Of the jobs of these tasks with these keys that are queued or running. */
export function standings(
  reader: Reader,
  tasks: readonly string[],
  keys: readonly string[],
  now: number,
): Map<string, Standing> {
  const rows = reader.all<Row>(
    `SELECT jobs.id, jobs.key, state, created_at AS queuedAt, run_at AS runAt, failures, crashes, error_code AS errorCode,
       error_message AS errorMessage, hindrance, hindrance_message AS hindranceMessage, hindered_at AS hinderedAt
     FROM json_each(?) AS wanted JOIN jobs ON jobs.key = wanted.value
     WHERE state IN ('queued', 'running') AND cancel_requested = 0 AND task IN (SELECT value FROM json_each(?))`,
    JSON.stringify(keys),
    JSON.stringify(tasks),
  )
  if (rows.length === 0) return new Map()
  const pace = paceOf(reader)
  const busyMs = runningMs(reader, pace, now)
  const idleMs = idleTime(reader, now)
  const turns = turnsOf(
    reader,
    rows.filter(({ state }) => state === 'queued').map(({ id }) => id),
    now,
  )
  return new Map(rows.map((row) => [row.key, { ...standingOf(row, turns.get(row.id), busyMs, pace), idleMs }]))
}

function standingOf(row: Row, turn: Turn | undefined, busyMs: number | null, pace: number): Omit<Standing, 'idleMs'> {
  const { id: _, errorCode, errorMessage, hindrance, hindranceMessage, hinderedAt, ...rest } = row
  const ahead = row.state === 'running' ? 0 : (turn?.ahead ?? null)
  const waitMs = turn && turn.aheadMs * pace
  return {
    ...rest,
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    hindrance:
      hindrance === null
        ? null
        : { kind: hindrance, message: hindranceMessage ?? '', since: hinderedAt ?? row.queuedAt },
    ahead,
    etaMs: row.state === 'running' ? busyMs : waitMs === undefined ? null : (busyMs ?? 0) + waitMs,
  }
}

interface Turn {
  id: number
  ahead: number
  aheadMs: number
}

/** Of these jobs, by the order of claiming, as far as that is counted. */
function turnsOf(reader: Reader, ids: readonly number[], now: number): Map<number, Turn> {
  if (ids.length === 0) return new Map()
  const turns = reader.all<Turn>(
    `SELECT id, ahead, aheadMs FROM (
       SELECT id, row_number() OVER turns - 1 AS ahead,
         coalesce(sum(max(cost_ms, ?)) OVER (turns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS aheadMs
       FROM (SELECT id, place, cost_ms FROM jobs WHERE state = 'queued' AND run_at <= ? ORDER BY place, id LIMIT ?)
       WINDOW turns AS (ORDER BY place, id)
     ) WHERE id IN (SELECT value FROM json_each(?))`,
    COST_MS_MIN,
    now,
    AHEAD_COUNTED_MAX + 1,
    JSON.stringify(ids),
  )
  return new Map(turns.map((turn) => [turn.id, turn]))
}

/** Until the first of those that run is done; null where nothing does. What takes longer than estimated will be done soon. */
function runningMs(reader: Reader, pace: number, now: number): number | null {
  const left = reader
    .all<{ costMs: number; claimedAt: number }>(
      `SELECT cost_ms AS costMs, claimed_at AS claimedAt FROM jobs WHERE state = 'running' AND hindrance IS NULL`,
    )
    .map(({ costMs, claimedAt }) => Math.max(COST_MS_MIN, Math.max(costMs, COST_MS_MIN) * pace - (now - claimedAt)))
  return left.length === 0 ? null : Math.min(...left)
}

function idleTime(reader: Reader, now: number): number | null {
  if (reader.get("SELECT 1 FROM jobs WHERE state = 'running' LIMIT 1")) return null
  const last = reader.get<{ at: number | null }>('SELECT max(ended_at) AS at FROM jobs WHERE ended_at IS NOT NULL')
  return now - (last?.at ?? 0)
}

/** Milliseconds for each of the estimate, by what the last jobs took. */
function paceOf(reader: Reader): number {
  const done = reader.all<{ costMs: number; tookMs: number }>(
    `SELECT cost_ms AS costMs, ended_at - claimed_at AS tookMs FROM jobs
     WHERE ended_at IS NOT NULL AND state = 'done' AND claimed_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?`,
    PACE_JOBS,
  )
  if (done.length === 0) return 1
  const sum = (of: (job: (typeof done)[number]) => number) => done.reduce((total, job) => total + of(job), 0)
  const pace = sum(({ tookMs }) => tookMs) / sum(({ costMs }) => Math.max(costMs, COST_MS_MIN))
  return Math.min(PACE_MAX, Math.max(PACE_MIN, pace))
}
