/** The loop of a job worker: claim, run, settle. It stops when nothing is left, and starts nothing of its own accord. */
import { type ErrorCode, KnowBotError, toKnowBotError } from '../errors.ts'
import type { Log } from '../lib/log.ts'
import type { Messages } from '../lib/messages.ts'
import { DAY_MS, MIB, printMs, SECOND_MS } from '../lib/units.ts'
import type { Database, Transaction } from '../storage.ts'
import { Attempt } from './attempt.ts'
import { Claimant } from './claimant.ts'
import * as queue from './queue.ts'
import { type Hindrance, JOBS_CANCELLED, JOBS_WAITING, type Job, JobEnded, RetryLater, type Task } from './task.ts'

const CRASHES_MAX = 3
/** Messages can be lost: a running job looks by itself whether it was cancelled. */
const CANCEL_CHECK_MS = 2 * SECOND_MS
/** What is full or locked now may not be in a moment. */
const CIRCUMSTANCES: ReadonlySet<ErrorCode> = new Set(['storage_busy', 'disk_full', 'overloaded', 'shutting_down'])
const CIRCUMSTANCE_DELAY_MS = 5 * SECOND_MS
const ENDED_KEPT_MS = 7 * DAY_MS
const FORGOTTEN_AT_ONCE = 500
/** How long an attempt may clean up after its time. */
const CLEAN_UP_MS_MAX = 5 * SECOND_MS
/** Above this the write-ahead log is work by itself (of the 64 MB that it may have). */
export const LOG_BYTES_MAX = 16 * MIB
/** Each waits for 5 s. */
const BUSY_TRIES_MAX = 12

export interface RunnerDeps {
  database: Database
  messages: Messages
  log: Log
  claimant: Claimant
  sliceMs: number
  wasEndedFromOutside(pid: number): Promise<boolean>
}

export async function runJobs(
  deps: RunnerDeps,
  tasks: readonly Task[],
  { signal, idleMs, isPartial = false }: { signal: AbortSignal; idleMs: number; isPartial?: boolean },
): Promise<void> {
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const only = isPartial ? [...byName.keys()] : undefined
  const bell = openBell(deps.messages, signal)
  try {
    let idleSince = performance.now()
    while (!signal.aborted) {
      const claimed = await claimNext(deps, only)
      if (claimed) {
        await runOne(deps, byName.get(claimed.task), claimed, signal)
        idleSince = performance.now()
        continue
      }
      const patienceMs = idleSince + idleMs - performance.now()
      if (patienceMs <= 0) return
      const nextAt = queue.nextTime(deps.database, Date.now())
      await bell.wait(Math.min(patienceMs, nextAt === null ? patienceMs : nextAt - Date.now()))
    }
  } finally {
    bell.close()
    await emptyLog(deps)
  }
}

/** Web workers let the write-ahead log grow; whoever works in the background moves it before leaving. */
async function emptyLog({ database, log }: RunnerDeps): Promise<void> {
  const bytes = database.walBytes()
  if (bytes < LOG_BYTES_MAX) return
  try {
    if (!(await database.emptyLog())) log.info('log-not-emptied', { bytes })
  } catch (error) {
    log.warn('log-not-emptied', { bytes, error: toKnowBotError(error) })
  }
}

/** Takes back what dead workers left and claims what comes first; writes only when there is something to write. */
async function claimNext(deps: RunnerDeps, only: readonly string[] | undefined) {
  const { database, claimant } = deps
  const isAlive = (name: string) => claimant.isAlive(name)
  const abandoned = queue.abandoned(database, isAlive)
  if (abandoned.length === 0 && !queue.isAnyClaimable(database, Date.now(), only)) return undefined
  const blameless = new Set<string>()
  for (const { claimedBy } of abandoned) {
    if (await deps.wasEndedFromOutside(Claimant.pidOf(claimedBy))) blameless.add(claimedBy)
  }
  return persist(database, (tx) => {
    queue.recover(tx, Date.now(), { isAlive, isToBlame: (name) => !blameless.has(name) })
    queue.forgetEnded(tx, Date.now() - ENDED_KEPT_MS, FORGOTTEN_AT_ONCE)
    return queue.claim(tx, claimant.name, Date.now(), only)
  })
}

async function runOne(deps: RunnerDeps, task: Task | undefined, claimed: queue.ClaimedJob, stop: AbortSignal) {
  const { database } = deps
  if (!task) {
    return giveUp(
      deps,
      undefined,
      claimed,
      new KnowBotError('internal', `Nothing here does the work called ${claimed.task}.`),
    )
  }
  if (claimed.crashes >= (task.maxCrashes ?? CRASHES_MAX)) {
    return giveUp(deps, task, claimed, queue.givenUpAfterCrashes(claimed))
  }

  using watch = watchForCancel(deps, claimed)
  const limit = limitTime(task)
  const signal = AbortSignal.any([stop, watch.signal, ...(limit ? [limit.soft] : [])])
  const attempted = attempt(task, new Attempt(database, claimed, deps.sliceMs), signal)
  const outcome = await (limit ? Promise.race([attempted, limit.hard]) : attempted)
  limit?.clear()

  if (watch.signal.aborted) return end(deps, task, claimed, 'cancelled')
  switch (outcome.kind) {
    case 'done':
      return end(deps, task, claimed, 'done')
    case 'ended':
      return end(deps, task, claimed, 'cancelled')
    case 'later':
      return persist(database, (tx) => {
        queue.giveBack(tx, claimed, Date.now() + outcome.delayMs)
        if (outcome.hindrance) queue.noteHindrance(tx, claimed, outcome.hindrance, Date.now())
      })
    case 'failed':
      if (stop.aborted) return persist(database, (tx) => queue.giveBack(tx, claimed, Date.now()))
      return settleFailure(deps, task, claimed, limit?.soft.aborted ? timedOut(task) : outcome.error)
    case 'stuck': {
      const error = timedOut(task)
      await settleFailure(deps, task, claimed, error)
      // What ignores its signal cannot be ended alone: the process goes, and takes it along.
      throw new KnowBotError('internal', `The work ${task.name} did not stop when its time was over.`, { cause: error })
    }
  }
}

async function settleFailure(deps: RunnerDeps, task: Task, claimed: queue.ClaimedJob, error: KnowBotError) {
  const failures = claimed.failures + 1
  if (failures >= task.maxFailures) return giveUp(deps, task, claimed, error)
  deps.log.warn('job-failed', { job: claimed.id, task: task.name, failures, code: error.code, error: cause(error) })
  const delayMs = task.retryDelayMs(failures) * (1 + Math.random() / 4)
  return persist(deps.database, (tx) => queue.giveBack(tx, claimed, Math.round(Date.now() + delayMs), error))
}

function giveUp(deps: RunnerDeps, task: Task | undefined, claimed: queue.ClaimedJob, error: KnowBotError) {
  const { id: job, task: name, attempt, crashes } = claimed
  deps.log.warn('job-given-up', { job, task: name, attempt, crashes, code: error.code, error: cause(error) })
  return end(deps, task, claimed, 'failed', error)
}

/** Nothing happens when the attempt does not own the job any more. */
function end(
  { database }: RunnerDeps,
  task: Task | undefined,
  claimed: queue.ClaimedJob,
  ending: queue.Ending,
  error?: KnowBotError,
) {
  return persist(database, (tx) => {
    const isEnded = queue.end(tx, claimed, ending, Date.now(), error)
    if (isEnded && error) task?.onGivenUp?.(claimed, error, tx)
    if (task?.everyMs !== undefined) queue.plan(tx, [task], Date.now() + task.everyMs)
  })
}

type Outcome =
  | { kind: 'done' }
  | { kind: 'ended' }
  | { kind: 'later'; delayMs: number; hindrance: Hindrance | undefined }
  | { kind: 'failed'; error: KnowBotError }
  | { kind: 'stuck' }

async function attempt(task: Task, job: Job, signal: AbortSignal): Promise<Outcome> {
  try {
    await task.run(job, signal)
    return { kind: 'done' }
  } catch (thrown) {
    if (thrown instanceof JobEnded) return { kind: 'ended' }
    if (thrown instanceof RetryLater) return { kind: 'later', delayMs: thrown.delayMs, hindrance: thrown.hindrance }
    const error = toKnowBotError(thrown)
    if (CIRCUMSTANCES.has(error.code)) {
      const hindrance = { kind: error.code, message: error.message }
      return { kind: 'later', delayMs: CIRCUMSTANCE_DELAY_MS, hindrance }
    }
    return { kind: 'failed', error }
  }
}

/** A signal that aborts once somebody has cancelled the job, or another attempt owns it. */
function watchForCancel({ database, messages }: RunnerDeps, claimed: queue.ClaimedJob) {
  const controller = new AbortController()
  const look = () => {
    const ownership = queue.ownership(database, claimed)
    if (ownership !== 'ours') controller.abort(new JobEnded(ownership))
  }
  const stopListening = messages.subscribe(JOBS_CANCELLED, (key) => {
    if (key === claimed.key) look()
  })
  const timer = setInterval(look, CANCEL_CHECK_MS)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearInterval(timer)
      stopListening()
    },
  }
}

/** The soft limit asks the attempt to stop, the hard one does not ask. */
function limitTime({ timeoutMs }: Task) {
  if (timeoutMs === undefined) return undefined
  const { promise: hard, resolve } = Promise.withResolvers<Outcome>()
  const controller = new AbortController()
  const timers = [
    setTimeout(
      () => controller.abort(new KnowBotError('read_timeout', 'The time of this attempt is over.')),
      timeoutMs,
    ),
    setTimeout(resolve, timeoutMs + CLEAN_UP_MS_MAX, { kind: 'stuck' }),
  ]
  return { soft: controller.signal, hard, clear: () => timers.forEach(clearTimeout) }
}

function timedOut({ name, timeoutMs }: Task): KnowBotError {
  return new KnowBotError('read_timeout', `Expected ${name} to take at most ${printMs(timeoutMs ?? 0)}, then gave up.`)
}

/** A write that outlasts a locked database: what a job has come to must not be forgotten because somebody else is writing. */
async function persist<T>(database: Database, change: (tx: Transaction) => T): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await database.write(change)
    } catch (error) {
      const isBusy = error instanceof KnowBotError && error.code === 'storage_busy'
      if (!isBusy || tries >= BUSY_TRIES_MAX) throw error
    }
  }
}

/** Waits for a message that there is work, for a time, or for the stop. A message that came before the wait counts. */
function openBell(messages: Messages, signal: AbortSignal) {
  let hasRung = false
  let wake: () => void = () => undefined
  const ring = () => {
    hasRung = true
    wake()
  }
  const stopListening = messages.subscribe(JOBS_WAITING, ring)
  signal.addEventListener('abort', ring)
  return {
    async wait(ms: number) {
      if (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const timer = setTimeout(resolve, Math.max(0, ms))
        await promise
        clearTimeout(timer)
      }
      hasRung = false
    },
    close() {
      stopListening()
      signal.removeEventListener('abort', ring)
    },
  }
}

/** What our own mistake was, which the message for people leaves out. */
function cause(error: KnowBotError): Error {
  return error.code === 'internal' && error.cause instanceof Error ? error.cause : error
}
