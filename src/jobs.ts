/**
 * Work that must happen, once, whatever dies meanwhile. The queue is a table of the application's database: a job commits
 * together with what it is about. This component knows no task; tasks are handed to `run`.
 *
 *   queued ── claim ──> running ── complete ──> done
 *     ^                   │  │ └─ cancel ─────> cancelled   (a queued job is cancelled at once)
 *     └── give back ──────┘  └─── give up ────> failed
 *
 * Claiming counts the attempt, and whatever an attempt writes is fenced by it: a process that was thought dead and comes
 * back changes nothing. What threw is a *failure*, what took its process with it a *crash*; they are counted apart. Giving
 * back (a stop, a full disk, a time slice that is over) counts as neither, nor does a process that was ended from outside. Of jobs with the same key at most one runs.
 */
import { Claimant } from './jobs/claimant.ts'
import * as queue from './jobs/queue.ts'
import { LOG_BYTES_MAX, runJobs } from './jobs/runner.ts'
import { type Standing, standings } from './jobs/standing.ts'
import { JOBS_CANCELLED, JOBS_WAITING, type Task } from './jobs/task.ts'
import type { Log } from './lib/log.ts'
import type { Messages } from './lib/messages.ts'
import { SECOND_MS } from './lib/units.ts'
import type { Database, Transaction } from './storage.ts'

export type { NewJob, Overview } from './jobs/queue.ts'
export type { Standing } from './jobs/standing.ts'
export {
  type GivenUpJob,
  type Hindrance,
  JOBS_CANCELLED,
  JOBS_WAITING,
  type Job,
  JobEnded,
  RetryLater,
  type Task,
} from './jobs/task.ts'

export interface Jobs {
  /** In the caller's transaction; answers the public id. */
  enqueue(tx: Transaction, job: queue.NewJob): string
  /** Of this key: what is queued never runs, what runs is aborted and cannot commit from now on. */
  cancel(tx: Transaction, key: string): void
  /** Whether a job of this key is queued or running. */
  isOpen(tx: Transaction, key: string): boolean
  /** Whether there is something to do now, be it moving the write-ahead log, and when (Unix milliseconds) there will be. */
  workWaiting(): { waiting: boolean; nextAt: number | null }
  /** When no job worker lives: takes back whatever is marked as running, and counts it as a crash or not. Answers how many. */
  recover(tx: Transaction, options?: { isCrash: boolean }): number
  /** Queues the periodic tasks that are not queued; one whose time was missed runs once. At the start of the server. */
  plan(tx: Transaction, tasks: readonly Task[]): void
  /** A job that was given up gets all its attempts again. False when there is none of this public id. */
  retry(tx: Transaction, id: string): boolean
  /** How those of these tasks with these keys stand that are queued or running. */
  standings(tasks: readonly string[], keys: readonly string[]): Map<string, Standing>
  overview(): queue.Overview
  /**
   * The loop of a job worker: one job at a time, until nothing came for `idleMs` or the signal aborts. `isPartial`: jobs of other
   * tasks are left to others.
   */
  run(tasks: readonly Task[], options: { signal: AbortSignal; idleMs: number; isPartial?: boolean }): Promise<void>
}

export interface JobsDeps {
  database: Database
  messages: Messages
  log: Log
  /** After this time a job lets others go first, if it can stop and go on; 20 s unless said otherwise. */
  sliceMs?: number
  /**
   * Whether a job worker of this process id that is gone was ended by somebody, not by its work. Without it every death counts
   * against the work.
   */
  wasEndedFromOutside?(pid: number): Promise<boolean>
}

const SLICE_MS = 20 * SECOND_MS

export function openJobs({ database, messages, log, sliceMs = SLICE_MS, ...more }: JobsDeps): Jobs {
  const { wasEndedFromOutside = async () => false } = more
  const claimant = new Claimant()
  // A worker that could not empty the log does not ask for another one: those who serve do, at their own pace.
  let hasTriedLog = false
  return {
    enqueue(tx, job) {
      tx.afterCommit(() => messages.publish(JOBS_WAITING, null))
      return queue.enqueue(tx, job, Date.now())
    },
    cancel(tx, key) {
      tx.afterCommit(() => messages.publish(JOBS_CANCELLED, key))
      queue.cancel(tx, key, Date.now())
    },
    isOpen: queue.isOpen,
    workWaiting() {
      const { waiting, nextAt } = queue.workWaiting(database, Date.now(), claimant)
      return { waiting: waiting || (!hasTriedLog && database.walBytes() >= LOG_BYTES_MAX), nextAt }
    },
    recover: (tx, { isCrash } = { isCrash: true }) =>
      queue.recover(tx, Date.now(), { isAlive: () => false, isToBlame: () => isCrash }),
    plan: (tx, tasks) => queue.plan(tx, tasks, Date.now()),
    retry(tx, id) {
      tx.afterCommit(() => messages.publish(JOBS_WAITING, null))
      return queue.retry(tx, id, Date.now())
    },
    standings: (tasks, keys) => standings(database, tasks, keys, Date.now()),
    overview: () => queue.overview(database),
    async run(tasks, options) {
      await runJobs({ database, messages, log, claimant, sliceMs, wasEndedFromOutside }, tasks, options)
      hasTriedLog = true
    },
  }
}
