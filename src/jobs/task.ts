/** What a kind of work says about itself, what it is given, and how it may stop before the end. */
import type { KnowBotError } from '../errors.ts'
import type { JsonValue } from '../lib/json.ts'
import type { Transaction } from '../storage.ts'

/** Topics of the messages about jobs: there is work; jobs of this key (the data) were cancelled. */
export const JOBS_WAITING = 'jobs'
export const JOBS_CANCELLED = 'jobs-cancelled'

/** What keeps a job from going on, in a word for programs and in a sentence for people. */
export interface Hindrance {
  kind: string
  message: string
}

/** A kind of work. */
export interface Task<P extends JsonValue = JsonValue> {
  name: string
  /** Resolves when the work is done. May be called again for the same job, after anything: it goes on where it stopped. */
  run(job: Job<P>, signal: AbortSignal): Promise<void>
  /** Failures after which the job is given up. */
  maxFailures: number
  /** Crashes without progress after which the job is given up; 3 unless said otherwise. */
  maxCrashes?: number
  /** How long to wait after the nth failure; up to a quarter is added by chance. */
  retryDelayMs(failures: number): number
  /** How long one attempt may take. Then the signal aborts, and 5 s later the worker that still runs it is given up with it. */
  timeoutMs?: number
  /** The work comes again so long after it has ended. `Jobs.plan` queues it for the first time. */
  everyMs?: number
  /** In the transaction that ends the job as failed. */
  onGivenUp?(job: GivenUpJob<P>, error: KnowBotError, tx: Transaction): void
}

export interface GivenUpJob<P extends JsonValue = JsonValue> {
  readonly id: string
  readonly payload: P
  readonly attempt: number
  readonly failures: number
  /** Since the last progress. */
  readonly crashes: number
}

/** One piece of work, as the attempt that runs it sees it. */
export interface Job<P extends JsonValue = JsonValue> extends GivenUpJob<P> {
  /** A transaction that happens only while this attempt owns the job; throws `JobEnded` when it was cancelled or lost. */
  commit<T>(change: (tx: Transaction) => T): Promise<T>
  /** A commit that brings the work forward: earlier crashes are forgotten. */
  progress<T>(change: (tx: Transaction) => T): Promise<T>
  /** The last commit, which ends the job as done in the same transaction: what it changes happens exactly once. */
  finish<T>(change: (tx: Transaction) => T): Promise<T>
  /**
   * Waits for something outside of the job, and tells it to whoever looks while it takes. `onTold` belongs to the transactions that
   * begin and end the telling. Throws what the promise throws.
   */
  waitFor<T>(hindrance: Hindrance, promise: Promise<T>, onTold: (tx: Transaction) => void): Promise<T>
  /** The time slice of this attempt is over and others wait: throw `RetryLater` at the next good moment. */
  shouldYield(): boolean
}

/** The attempt does not own its job any more: it was cancelled, or another attempt has begun. */
export class JobEnded extends Error {
  override readonly name = 'JobEnded'
  readonly reason: 'cancelled' | 'lost'

  constructor(reason: 'cancelled' | 'lost') {
    super(reason === 'cancelled' ? 'The job was cancelled.' : 'Another attempt at the job has begun.')
    this.reason = reason
  }
}

/** Thrown by a task that cannot go on now. Counts neither as failure nor as crash. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater'
  readonly delayMs: number
  /** Told to whoever looks until then. */
  readonly hindrance: Hindrance | undefined

  constructor(delayMs: number, reason: string, hindrance?: Hindrance) {
    super(reason)
    this.delayMs = delayMs
    this.hindrance = hindrance
  }
}
