/** How many passages one transaction writes, so that it holds the lock for a moment only, on whatever machine this is. */

/** Half of what a transaction of a job may hold the lock: the rest is for the commit and for a machine that is busy. */
const TARGET_MS = 25
const COUNT_MIN = 10
const COUNT_MAX = 200
/** Before anything is known. */
const COUNT_FIRST = 50

export class Pace {
  #count = COUNT_FIRST

  get count(): number {
    return this.#count
  }

  /** Learns from a batch that took so long inside its transaction. Grows in steps, shrinks at once. */
  note(count: number, ms: number): void {
    if (count === 0) return
    const fitting = (count * TARGET_MS) / Math.max(ms, 0.1)
    const next = Math.min(fitting, this.#count * 1.5)
    // A small batch says little about a larger one: it may slow down, not speed up.
    if (next > this.#count && count < this.#count) return
    this.#count = Math.round(Math.min(COUNT_MAX, Math.max(COUNT_MIN, next)))
  }
}
