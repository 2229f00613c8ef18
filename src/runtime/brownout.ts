/**
 * How the server stands, put together from what is measured and what is told, carried out where it is the supervisor's to do, and
 * told to every child, which does the rest: `Condition` in runtime.ts.
 */
import type { Condition } from '../runtime.ts'
import type { Budget } from './budget.ts'
import type { Child } from './child.ts'
import type { JobPool } from './job-pool.ts'
import { hasReached, judge, Ladder } from './ladder.ts'

export interface BrownoutOptions {
  budget: Budget
  /** Undefined where the application has no job workers. */
  jobs(): JobPool | undefined
  jobsMax: number
  children(): readonly Child[]
  webWorkers(): number
  note(event: string, details: Record<string, string | number>): void
}

/** From "fewer streams" on. */
const STREAMS_SHARE = 0.5

export class Brownout {
  readonly #options: BrownoutOptions
  readonly #ladder = new Ladder()
  readonly #readOnly = new Map<Child, string>()
  #condition: Condition
  #since = new Date()

  constructor(options: BrownoutOptions) {
    this.#options = options
    this.#condition = this.#compose()
  }

  get condition(): Condition {
    return this.#condition
  }

  /** Since when it is as it is. */
  get since(): Date {
    return this.#since
  }

  /** To be called about once a second, when the budget has just looked. */
  look(): void {
    this.#ladder.look(judge(this.#options.budget.signs()), performance.now())
    this.tell()
  }

  noteReadOnly(child: Child, why: string | null): void {
    if (why === null) this.#readOnly.delete(child)
    else this.#readOnly.set(child, why)
    this.tell()
  }

  /** What the child has said dies with it. */
  forget(child: Child): void {
    this.#readOnly.delete(child)
  }

  /** Carries out and tells what is otherwise than before, if anything is. */
  tell(): void {
    this.#carryOut()
    const condition = this.#compose()
    if (JSON.stringify(condition) === JSON.stringify(this.#condition)) return
    const { step, jobs, readOnlyWhy } = condition
    const isOther =
      step !== this.#condition.step ||
      jobs.state !== this.#condition.jobs.state ||
      (readOnlyWhy === null) !== (this.#condition.readOnlyWhy === null)
    this.#condition = condition
    if (isOther) {
      this.#since = new Date()
      const why = condition.stepWhy ?? jobs.why ?? readOnlyWhy
      this.#options.note('condition', { step, jobs: jobs.state, ...(why === null ? {} : { why }) })
    }
    for (const child of this.#options.children()) child.send({ type: 'condition', condition })
  }

  #carryOut(): void {
    const { budget, jobsMax } = this.#options
    const jobs = this.#options.jobs()
    const { step, why } = this.#ladder
    const isHeld = hasReached(step, 'jobs wait')
    budget.ledger.hold(isHeld ? why : null)
    jobs?.limit(isHeld ? 0 : hasReached(step, 'one job worker') ? 1 : jobsMax, (child) =>
      // A grant is work in hand, which has its memory already; at the last step even that is put back into the queue.
      hasReached(step, 'essentials only') ? true : !budget.ledger.isHolder(child),
    )
  }

  #compose(): Condition {
    const { budget, webWorkers } = this.#options
    const { step, why } = this.#ladder
    const startFailure = this.#options.jobs()?.startFailure
    const jobs: Condition['jobs'] =
      startFailure !== undefined
        ? { state: 'cannot start', why: startFailure }
        : hasReached(step, 'jobs wait')
          ? { state: 'wait', why }
          : { state: 'run', why: null }
    const streams = budget.streamsMax * (hasReached(step, 'fewer streams') ? STREAMS_SHARE : 1)
    return {
      step,
      stepWhy: why,
      jobs,
      readOnlyWhy: this.#readOnly.values().next().value ?? null,
      streamsMax: Math.max(1, Math.floor(streams / webWorkers())),
      webWorkers: webWorkers(),
    }
  }
}
