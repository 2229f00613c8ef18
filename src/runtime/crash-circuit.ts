/**
 * Crashes that follow each other quickly slow down the next start: the first is repaired at once, then after 1, 2, 4 … 30 s.
 * After five the circuit is open, which people are told; it closes when a worker has lived for a minute.
 */
import { retryDelayMs } from './retry.ts'

/** A worker that dies younger than this may die of what its start does. */
export const YOUNG_MS = 10_000
export const HEALTHY_AFTER_MS = 60_000
const OPEN_AFTER = 5

export class CrashCircuit {
  #crashes = 0

  get crashes(): number {
    return this.#crashes
  }

  get isOpen(): boolean {
    return this.#crashes >= OPEN_AFTER
  }

  noteCrash(ageMs: number): void {
    if (ageMs < YOUNG_MS) this.#crashes += 1
  }

  noteHealthy(): void {
    this.#crashes = 0
  }

  /** How long the next start has to wait. */
  get delayMs(): number {
    return this.#crashes <= 1 ? 0 : retryDelayMs(this.#crashes - 1)
  }
}
