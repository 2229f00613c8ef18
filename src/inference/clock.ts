/** Time, handed in so that a test need not wait. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Clock {
  /** From any beginning, never backwards. */
  nowMs(): number
  /** Throws the signal's reason when it is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  async wait(ms, signal) {
    await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
  },
}
