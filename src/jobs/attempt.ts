/** One attempt at one job, and the fence around what it writes. */
import type { Database, Transaction } from '../storage.ts'
import * as queue from './queue.ts'
import { type Job, JobEnded } from './task.ts'

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

  shouldYield(): boolean {
    return performance.now() - this.#startedAt > this.#sliceMs && queue.isAnyClaimable(this.#database, Date.now())
  }

  #assertOwned(tx: Transaction): void {
    const ownership = queue.ownership(tx, this.#claimed)
    if (ownership !== 'ours') throw new JobEnded(ownership)
  }
}
