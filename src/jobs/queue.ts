/**
 * The queue's SQL.
 *
 * The order of claiming is fixed when a job is queued: its *place* is the time at which it would be done if its owner had a
 * machine alone (virtual clock, Zhang, SIGCOMM 1990). Somebody who queues a thousand documents pushes only their own
 * further back; small jobs go before large ones, because the cost is part of the place; and since the places of new jobs grow
 * with the time, everything is served. A claim reads one row of an index.
 */
import { KnowBotError } from '../errors.ts'
import type { JsonValue } from '../lib/json.ts'
import { SECOND_MS } from '../lib/units.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Reader, Transaction } from '../storage.ts'
import type { Claimant } from './claimant.ts'
import type { Hindrance } from './task.ts'

export interface NewJob {
  task: string
  payload: JsonValue
  /** Jobs of one key never run at the same time. */
  key?: string
  /** Whose turn it takes: an id of `users`. Jobs of nobody are for the house and need no turn. */
  ownerId?: number
  /** How long it takes, roughly. */
  costMs?: number
  /** Not before this time (Unix milliseconds). */
  runAt?: number
}

export interface ClaimedJob {
  rowId: number
  id: string
  task: string
  key: string | null
  ownerId: number | null
  payload: JsonValue
  costMs: number
  attempt: number
  failures: number
  crashes: number
}

export interface Overview {
  queued: number
  running: number
  /** The last that were given up, newest first. */
  failed: { id: string; task: string; code: string; message: string; attempts: number; endedAt: number }[]
}

const FAILED_SHOWN_MAX = 20
/** Steps of cost, so that the furthest place of an owner's smaller jobs is a few look-ups and no scan. */
const COST_STEPS_MS = [0, 1, 4, 16, 64, 256, 1024].map((seconds) => seconds * SECOND_MS)
const COST_STEPS_JSON = JSON.stringify(COST_STEPS_MS)
/** The second crash in a row waits this long, each further one twice as long. */
const CRASH_DELAY_MS = SECOND_MS
const CRASH_DELAY_MS_MAX = 60 * SECOND_MS

// A job is claimable when its time has come and no other of its key runs.
const CLAIMABLE = `state = 'queued' AND run_at <= ?
  AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.state = 'running' AND other.key = jobs.key))`

export function enqueue(tx: Transaction, job: NewJob, now: number): string {
  const { task, payload, key = null, ownerId = null, runAt = now } = job
  const id = uuidv7(now)
  const costMs = stepOf(job.costMs ?? 0)
  tx.run(
    `INSERT INTO jobs (public_id, task, key, owner_id, payload, state, cost_ms, place, run_at, created_at)
     VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
    id,
    task,
    key,
    ownerId,
    JSON.stringify(payload),
    costMs,
    placeOf(tx, ownerId, costMs, runAt),
    runAt,
    now,
  )
  return id
}

function stepOf(costMs: number): number {
  return COST_STEPS_MS.findLast((step) => step <= costMs) ?? 0
}

/** Behind the owner's other jobs of at most this cost, if those lie further back than the time. */
function placeOf(tx: Transaction, ownerId: number | null, costMs: number, runAt: number): number {
  if (ownerId === null) return runAt + costMs
  const last = tx.get<{ place: number | null }>(
    `SELECT max((SELECT max(place) FROM jobs WHERE state = 'queued' AND owner_id = ? AND cost_ms = step.value)) AS place
     FROM json_each(?) AS step WHERE step.value <= ?`,
    ownerId,
    COST_STEPS_JSON,
    costMs,
  )
  return Math.max(runAt, last?.place ?? 0) + costMs
}

// Looks through the queue until one fits: for processes that can do little, while nobody does the rest.
const OF_TASKS = 'AND task IN (SELECT value FROM json_each(?))'

/** The first whose turn it is: one row of an index, however long the queue is. */
export const NEXT = `SELECT id FROM jobs WHERE ${CLAIMABLE} ORDER BY place, id LIMIT 1`

/** The first job whose turn it is, now running as a new attempt of this claimant; of these tasks, where some are named. */
export function claim(
  tx: Transaction,
  claimant: string,
  now: number,
  tasks?: readonly string[],
): ClaimedJob | undefined {
  const row = tx.get<Omit<ClaimedJob, 'payload'> & { payload: string }>(
    `UPDATE jobs SET state = 'running', attempt = attempt + 1, claimed_by = ?, claimed_at = ?, cancel_requested = 0,
       hindrance = NULL, hindrance_message = NULL, hindered_at = NULL
     WHERE id = (SELECT id FROM jobs WHERE ${CLAIMABLE} ${tasks ? OF_TASKS : ''} ORDER BY place, id LIMIT 1)
     RETURNING id AS rowId, public_id AS id, task, key, owner_id AS ownerId, payload, cost_ms AS costMs, attempt, failures,
       crashes`,
    claimant,
    now,
    now,
    ...(tasks ? [JSON.stringify(tasks)] : []),
  )
  return row && { ...row, payload: JSON.parse(row.payload) }
}

/** Whether this attempt may still change anything. */
export function ownership(tx: Reader, job: ClaimedJob): 'ours' | 'cancelled' | 'lost' {
  const row = tx.get<{ cancelled: number }>(
    `SELECT cancel_requested AS cancelled FROM jobs WHERE id = ? AND attempt = ? AND state = 'running'`,
    job.rowId,
    job.attempt,
  )
  if (!row) return 'lost'
  return row.cancelled ? 'cancelled' : 'ours'
}

export function forgetCrashes(tx: Transaction, job: ClaimedJob): void {
  tx.run('UPDATE jobs SET crashes = 0 WHERE id = ? AND attempt = ? AND crashes > 0', job.rowId, job.attempt)
}

/** What a task says about when it comes again. */
interface Periodic {
  name: string
  everyMs?: number
}

/** The next run of periodic tasks, where none is queued. Of a key of their own, so that no two of one task run at once. */
export function plan(tx: Transaction, tasks: readonly Periodic[], runAt: number): void {
  for (const { name, everyMs } of tasks) {
    const key = `periodic:${name}`
    if (everyMs === undefined || isOpen(tx, key)) continue
    enqueue(tx, { task: name, payload: null, key, runAt }, Date.now())
  }
}

/** All attempts again for a job that was given up. */
export function retry(tx: Transaction, publicId: string, now: number): boolean {
  const { changes } = tx.run(
    `UPDATE jobs SET state = 'queued', failures = 0, crashes = 0, run_at = ?1, place = ?1, ended_at = NULL,
       error_code = NULL, error_message = NULL
     WHERE public_id = ?2 AND state = 'failed'`,
    now,
    publicId,
  )
  return changes === 1
}

export type Ending = 'done' | 'failed' | 'cancelled'

/** Ends the job, if this attempt still owns it. */
export function end(tx: Transaction, job: ClaimedJob, ending: Ending, now: number, error?: KnowBotError): boolean {
  const { changes } = tx.run(
    `UPDATE jobs SET state = ?, ended_at = ?, error_code = ?, error_message = ?
     WHERE id = ? AND attempt = ? AND state = 'running'`,
    ending,
    now,
    error?.code ?? null,
    error?.message ?? null,
    job.rowId,
    job.attempt,
  )
  return changes === 1
}

/** Back into the queue, at its owner's end of it. `failure` counts as one. */
export function giveBack(tx: Transaction, job: ClaimedJob, runAt: number, failure?: KnowBotError): void {
  tx.run(
    `UPDATE jobs SET state = CASE cancel_requested WHEN 1 THEN 'cancelled' ELSE 'queued' END,
       ended_at = CASE cancel_requested WHEN 1 THEN ? END, place = ?, run_at = ?, claimed_by = NULL, claimed_at = NULL,
       failures = failures + ?, error_code = coalesce(?, error_code), error_message = coalesce(?, error_message)
     WHERE id = ? AND attempt = ? AND state = 'running'`,
    runAt,
    placeOf(tx, job.ownerId, job.costMs, runAt),
    runAt,
    failure ? 1 : 0,
    failure?.code ?? null,
    failure?.message ?? null,
    job.rowId,
    job.attempt,
  )
}

/** What keeps the job from going on, or null. Of the attempt that runs, or that was the last. */
export function noteHindrance(tx: Transaction, job: ClaimedJob, hindrance: Hindrance | null, now: number): void {
  tx.run(
    `UPDATE jobs SET hindrance = ?, hindrance_message = ?, hindered_at = ? WHERE id = ? AND attempt = ?`,
    hindrance?.kind ?? null,
    hindrance?.message ?? null,
    hindrance && now,
    job.rowId,
    job.attempt,
  )
}

export function cancel(tx: Transaction, key: string, now: number): void {
  tx.run(`UPDATE jobs SET state = 'cancelled', ended_at = ? WHERE key = ? AND state = 'queued'`, now, key)
  tx.run(`UPDATE jobs SET cancel_requested = 1 WHERE key = ? AND state = 'running'`, key)
}

export function isOpen(tx: Reader, key: string): boolean {
  return (
    tx.get(
      `SELECT 1 FROM jobs WHERE key = ? AND state IN ('queued', 'running') AND cancel_requested = 0 LIMIT 1`,
      key,
    ) !== undefined
  )
}

export interface Circumstances {
  /** Whether the process behind a claim is still there. */
  isAlive(claimant: string): boolean
  /** Whether the work may be to blame for the death of the process. What was ended from outside is taken up again uncounted. */
  isToBlame(claimant: string): boolean
}

/** Takes back what the dead left running. */
export function recover(tx: Transaction, now: number, { isAlive, isToBlame }: Circumstances): number {
  const left = abandoned(tx, isAlive)
  for (const { id, claimedBy, crashes } of left) {
    const isCrash = isToBlame(claimedBy)
    const delayMs = crashes === 0 || !isCrash ? 0 : Math.min(CRASH_DELAY_MS * 2 ** (crashes - 1), CRASH_DELAY_MS_MAX)
    tx.run(
      `UPDATE jobs SET state = CASE cancel_requested WHEN 1 THEN 'cancelled' ELSE 'queued' END,
         ended_at = CASE cancel_requested WHEN 1 THEN ? END,
         crashes = crashes + ?, run_at = ?, claimed_by = NULL, claimed_at = NULL, hindrance = NULL
       WHERE id = ?`,
      now,
      isCrash ? 1 : 0,
      now + delayMs,
      id,
    )
  }
  return left.length
}

export function isAnyClaimable(reader: Reader, now: number, tasks?: readonly string[]): boolean {
  const sql = `SELECT 1 FROM jobs WHERE ${CLAIMABLE} ${tasks ? OF_TASKS : ''} LIMIT 1`
  return reader.get(sql, now, ...(tasks ? [JSON.stringify(tasks)] : [])) !== undefined
}

export function nextTime(reader: Reader, now: number): number | null {
  const row = reader.get<{ at: number | null }>(
    `SELECT min(run_at) AS at FROM jobs WHERE state = 'queued' AND run_at > ?`,
    now,
  )
  return row?.at ?? null
}

/** Jobs marked as running of which nobody is left who runs them. */
export function abandoned(
  reader: Reader,
  isAlive: Circumstances['isAlive'],
): { id: number; claimedBy: string; crashes: number }[] {
  return reader
    .all<{ id: number; claimedBy: string; crashes: number }>(
      `SELECT id, claimed_by AS claimedBy, crashes FROM jobs WHERE state = 'running'`,
    )
    .filter(({ claimedBy }) => !isAlive(claimedBy))
}

export function workWaiting(
  reader: Reader,
  now: number,
  claimant: Claimant,
): { waiting: boolean; nextAt: number | null } {
  const isAnyAbandoned = () => abandoned(reader, (name) => claimant.isAlive(name)).length > 0
  return { waiting: isAnyClaimable(reader, now) || isAnyAbandoned(), nextAt: nextTime(reader, now) }
}

export function overview(reader: Reader): Overview {
  const count = (state: 'queued' | 'running') =>
    reader.get<{ n: number }>(`SELECT count(*) AS n FROM jobs WHERE state = '${state}'`)?.n ?? 0
  return {
    queued: count('queued'),
    running: count('running'),
    failed: reader.all(
      `SELECT public_id AS id, task, error_code AS code, error_message AS message, attempt AS attempts, ended_at AS endedAt
       FROM jobs WHERE ended_at IS NOT NULL AND state = 'failed' ORDER BY ended_at DESC LIMIT ${FAILED_SHOWN_MAX}`,
    ),
  }
}

/** Forgets what ended long ago; at most so many at once. */
export function forgetEnded(tx: Transaction, before: number, limit: number): number {
  return tx.run(
    `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT ?)`,
    before,
    limit,
  ).changes
}

export function givenUpAfterCrashes(job: ClaimedJob): KnowBotError {
  return new KnowBotError(
    'reader_crashed',
    `The process that worked on this died ${job.crashes} times in a row, so it was given up.`,
  )
}
