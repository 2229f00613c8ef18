/**
 * The job workers: none while there is nothing to do, one more for each announcement of work up to the maximum, gone when done.
 * Where several in a row do not even start they *cannot start*, until one does: it is tried again and again, ever more slowly.
 */
import type { Condition, Reloadable, WorkAnnouncement, WorkerLimits } from '../runtime.ts'
import { Child, type ChildEnd, type ChildStart } from './child.ts'
import { type Cause, isCrash } from './death.ts'
import { drain } from './drain.ts'
import type { FromChild } from './ipc.ts'
import { retryDelayMs } from './retry.ts'

export interface JobPoolOptions {
  start: Omit<ChildStart, 'role' | 'slot'>
  max: number
  limits: WorkerLimits
  /** As told to the child at its start. */
  condition(): Condition
  onMessage(child: Child, message: FromChild): void
  /** Records the death and answers its cause. */
  onEnd(child: Child, end: ChildEnd): Cause
}

/** One may fail by accident, or because it was killed. */
const START_FAILURES_MAX = 3
const ABORTED = 'Node gave up while it booted, as it does where the kernel starts no more threads (SIGABRT)'
/** A page in hand may end. */
const LEAVE_MS = 5000

// setTimeout holds 31 bits of milliseconds; whoever waits longer looks again in between.
const TIMER_MS_MAX = 2 ** 31 - 1

export class JobPool {
  #options: JobPoolOptions
  readonly #children = new Set<Child>()
  #work: WorkAnnouncement = { waiting: false, nextAt: null }
  #timer: NodeJS.Timeout | undefined
  #crashes = 0
  #failedStarts = 0
  #lastFailure = ''
  #max: number
  #notBefore = 0
  #isStopping = false

  constructor(options: JobPoolOptions) {
    this.#options = options
    this.#max = options.max
  }

  get children(): readonly Child[] {
    return [...this.#children]
  }

  get work(): WorkAnnouncement {
    return this.#work
  }

  /** Why no job worker can be started, in words; undefined where one can, or nobody has tried. */
  get startFailure(): string | undefined {
    if (this.#failedStarts < START_FAILURES_MAX) return undefined
    return `no job worker starts: ${this.#lastFailure}`
  }

  /** At most so many from now on; of those that are too many leave whom `mayLeave` names. */
  limit(max: number, mayLeave: (child: Child) => boolean): void {
    const isMore = max > this.#max
    this.#max = max
    const surplus = this.children.filter(({ phase }) => phase !== 'draining').slice(max)
    for (const child of surplus) if (mayLeave(child)) void drain(child, LEAVE_MS)
    if (isMore) this.#look()
  }

  /** Somebody has looked into the queue. The latest word counts. */
  announce({ waiting, nextAt }: WorkAnnouncement): void {
    this.#work = { waiting, nextAt }
    this.#look()
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    await Promise.all(this.children.map((child) => drain(child, timeoutMs)))
  }

  /** From the next start on. */
  reload({ environment, limits }: Reloadable): void {
    const { start } = this.#options
    this.#options = {
      ...this.#options,
      start: environment ? { ...start, environment: { ...start.environment, ...environment } } : start,
      limits: { ...this.#options.limits, ...limits },
    }
  }

  #look(): void {
    if (this.#isStopping || this.#max === 0) return
    clearTimeout(this.#timer)
    const dueAt = this.#work.waiting ? 0 : (this.#work.nextAt ?? Number.POSITIVE_INFINITY)
    const waitMs = Math.max(dueAt, this.#notBefore) - Date.now()
    if (waitMs <= 0) this.#spawn()
    else if (Number.isFinite(waitMs)) this.#timer = setTimeout(() => this.#look(), Math.min(waitMs, TIMER_MS_MAX))
  }

  #spawn(): void {
    const { start, limits, onMessage, condition } = this.#options
    // One that is just starting will find the work that was announced.
    if (this.#children.size >= this.#max || this.children.some(({ phase }) => phase === 'booting')) return
    // The child takes the announcement along: what is left at its end it says itself, or its crash does.
    this.#work = { waiting: false, nextAt: null }
    const slot = firstFree(this.children.map((child) => child.slot))
    const child = new Child({ ...start, role: 'job', slot }, (message) => {
      if (message.type === 'ready') this.#failedStarts = 0
      onMessage(child, message)
    })
    this.#children.add(child)
    child.send({ type: 'start', role: 'job', slot, labels: [], limits, condition: condition() })
    void child.ended.then((end) => this.#noteEnd(child, end))
  }

  #noteEnd(child: Child, end: ChildEnd): void {
    this.#children.delete(child)
    const cause = this.#options.onEnd(child, end)
    if (!child.hasServed && isCrash(cause)) {
      // What takes until the time is over is no accident.
      this.#failedStarts += cause === 'boot-timeout' ? START_FAILURES_MAX : 1
      this.#lastFailure = child.failure?.message ?? child.evidence ?? (end.signal === 'SIGABRT' ? ABORTED : cause)
    }
    // A death leaves its work waiting, whatever was announced before; after the second the next one looks after a pause.
    const isDeath = isCrash(cause) || cause === 'signal'
    this.#crashes = isDeath ? this.#crashes + 1 : 0
    this.#notBefore = this.#crashes > 1 ? Date.now() + retryDelayMs(this.#crashes - 1) : 0
    if (isDeath) this.#work = { waiting: true, nextAt: null }
    this.#look()
  }
}

function firstFree(taken: readonly number[]): number {
  let slot = 0
  while (taken.includes(slot)) slot += 1
  return slot
}
