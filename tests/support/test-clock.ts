/** Time that passes when somebody waits for it, at once. */
import type { Clock } from '../../src/inference.ts'

export interface TestClock extends Clock {
  readonly waits: readonly number[]
  pass(ms: number): void
}

export function testClock(): TestClock {
  const waits: number[] = []
  let nowMs = 0
  return {
    waits,
    nowMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms
    },
    async wait(ms, signal) {
      signal.throwIfAborted()
      waits.push(ms)
      nowMs += ms
    },
  }
}
