/** One attempt at one job, and the fence around what it writes. */
import type { Database, Transaction } from '../storage.ts'
import * as queue from './queue.ts'
import { type Hindrance, type Job, JobEnded } from './task.ts'

/** What comes sooner is not worth two transactions. */
const WORTH_TELLING_MS = 250

export class Attempt implements Job {
  readonly #database: Database
  readonly #claimed: queue.ClaimedJob
  readonly #sliceMs: number
  readonly #startedAt = performance.now()
  #crashes: number

  constructor(database: Database, claimed: queue.ClaimedJob, sliceMs: number) {
    this.#database = database
    this.#sliceMs = sliceMs
    this.#claimed = claimed
    this.#crashes = claimed.crashes
  }

  get id() {
    return this.#claimed.id
  }
  get payload() {
    return this.#claimed.payload
  }
  get attempt() {
    return this.#claimed.attempt
  }
  get failures() {
    return this.#claimed.failures
  }
  get crashes() {
    return this.#crashes
  }

  commit<T>(change: (tx: Transaction) => T): Promise<T> {
    return this.#database.write((tx) => {
      this.#assertOwned(tx)
      return change(tx)
    })
  }

  async progress<T>(change: (tx: Transaction) => T): Promise<T> {
    const value = await this.#database.write((tx) => {
      this.#assertOwned(tx)
      queue.forgetCrashes(tx, this.#claimed)
      return change(tx)
    })
    this.#crashes = 0
    return value
  }

  finish<T>(change: (tx: Transaction) => T): Promise<T> {
    return this.#database.write((tx) => {
      this.#assertOwned(tx)
      const value = change(tx)
      queue.end(tx, this.#claimed, 'done', Date.now())
      return value
    })
  }

  async waitFor<T>(hindrance: Hindrance, promise: Promise<T>, onTold: (tx: Transaction) => void): Promise<T> {
    const tell = (what: Hindrance | null) =>
      this.commit((tx) => {
        queue.noteHindrance(tx, this.#claimed, what, Date.now())
        onTold(tx)
        return true
      })
    let telling: Promise<boolean> | undefined
    // What goes wrong with telling goes wrong with the next commit too.
    const timer = setTimeout(() => (telling = tell(hindrance).catch(() => false)), WORTH_TELLING_MS)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      if (await telling) await tell(null)
    }
  }

  shouldYield(): boolean {
    return performance.now() - this.#startedAt > this.#sliceMs && queue.isAnyClaimable(this.#database, Date.now())
  }

  #assertOwned(tx: Transaction): void {
    const ownership = queue.ownership(tx, this.#claimed)
    if (ownership !== 'ours') throw new JobEnded(ownership)
  }
}
