/** A search is made of many steps; between them others may go first. */

/** Without a pause, at most. A single step takes up to 2 ms. */
const TURN_MS_MAX = 3

export interface Turn {
  /** Lets others go first when this turn has taken its time. */
  pause(): Promise<void>
}

export function openTurn(): Turn {
  let startedAt = performance.now()
  return {
    async pause() {
      if (performance.now() - startedAt < TURN_MS_MAX) return
      await new Promise((resolve) => setImmediate(resolve))
      startedAt = performance.now()
    },
  }
}
