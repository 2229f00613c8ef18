/**
 * What a server leaves out while memory is short. One step at a time, in this order, so that what people wait for goes last:
 *
 *   everything ─> no optional work ─> one job worker ─> jobs wait ─> fewer streams ─> essentials only
 *
 *   down   a step at every look at which memory is *short*, as far as "jobs wait"; at which it is *critical*, to the end
 *   up     a step after every 5 s in which it was *ample* at each look
 *   stay   in between, so that nothing is switched on and off again and again
 *
 * No step is left out in either direction. Pure: what is measured is told.
 */
import { MIB, printBytes } from '../lib/units.ts'

export const STEPS = [
  'everything',
  'no optional work',
  'one job worker',
  'jobs wait',
  'fewer streams',
  'essentials only',
] as const
export type Step = (typeof STEPS)[number]

/** Whether the step is the mark or lies below it. */
export function hasReached(step: Step, mark: Step): boolean {
  return STEPS.indexOf(step) >= STEPS.indexOf(mark)
}

export interface MemorySigns {
  /** What could still be taken before the kernel takes it from somebody. */
  availableBytes: number
  /** Below this it is short, below half of it critical. */
  shortBytes: number
  /** Share of the last ten seconds, in percent, in which everybody stood still for want of memory (PSI, `full avg10`); where it is told. */
  stalledPercent: number | undefined
}

export interface Judgement {
  state: 'ample' | 'enough' | 'short' | 'critical'
  /** In words, where it is short. */
  why: string | null
}

/** It is ample again only this far above the mark. */
const AMPLE = 1.5
/** systemd-oomd kills at 60 % over 30 s; the steps are to make that unnecessary. */
const STALLED_SHORT = 10
const STALLED_CRITICAL = 40
const STALLED_AMPLE = 5
const AMPLE_MS = 5000

export function judge({ availableBytes, shortBytes, stalledPercent = 0 }: MemorySigns): Judgement {
  const why =
    availableBytes >= shortBytes
      ? `processes stand still for want of memory ${Math.round(stalledPercent)} % of the time`
      : `${printBytes(Math.max(0, availableBytes))} of memory left, ${printBytes(shortBytes)} are wanted`
  if (availableBytes < shortBytes / 2 || stalledPercent >= STALLED_CRITICAL) return { state: 'critical', why }
  if (availableBytes < shortBytes || stalledPercent >= STALLED_SHORT) return { state: 'short', why }
  const isAmple = availableBytes >= shortBytes * AMPLE && stalledPercent < STALLED_AMPLE
  return { state: isAmple ? 'ample' : 'enough', why: null }
}

/** Half of what is never given away, and no more than this on large machines. */
const SHORT_BYTES_MAX = 128 * MIB

export function shortMark(reserveBytes: number): number {
  return Math.min(reserveBytes / 2, SHORT_BYTES_MAX)
}

export class Ladder {
  #index = 0
  #why: string | null = null
  #ampleSince: number | undefined

  get step(): Step {
    return STEPS[this.#index]!
  }

  /** Why it is not higher: what was seen when the last step down was taken. Null at the top. */
  get why(): string | null {
    return this.#why
  }

  /** Answers whether the step is another one now. `nowMs` of a clock that never goes back. */
  look({ state, why }: Judgement, nowMs: number): boolean {
    const before = this.#index
    if (state !== 'ample') this.#ampleSince = undefined
    if (state === 'short' || state === 'critical') {
      const lowest = STEPS.indexOf(state === 'short' ? 'jobs wait' : 'essentials only')
      if (before < lowest) {
        this.#index += 1
        this.#why = why
      }
    } else if (state === 'ample' && before > 0) {
      this.#ampleSince ??= nowMs
      if (nowMs - this.#ampleSince >= AMPLE_MS) {
        this.#index -= 1
        this.#ampleSince = nowMs
        if (this.#index === 0) this.#why = null
      }
    }
    return this.#index !== before
  }
}
