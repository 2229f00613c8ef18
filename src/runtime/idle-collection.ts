/**
 * Gives memory back when work is done. V8 collects garbage when something is allocated, and a worker with nothing to do
 * allocates nothing: after twenty uploads it would keep 9 of 39 MB for ever (bench/memory.ts).
 */
import { performance } from 'node:perf_hooks'
import { MIB } from '../lib/units.ts'

/** Of the time since the last look. A collection stops a worker for some tens of milliseconds: nobody may be waiting for it. */
const IDLE_UTILISATION_MAX = 0.01
/** So often in a row. */
const IDLE_LOOKS = 3
/** Less garbage is not worth it. */
const GROWTH_MIN_BYTES = 2 * MIB

export interface IdleCollection {
  /** Looks whether there was anything to do since the last time; at even intervals. */
  look(): void
}

/** Does nothing in a process that was not started with `--expose-gc`. */
export function openIdleCollection(): IdleCollection {
  let last = performance.eventLoopUtilization()
  let idleLooks = 0
  let keptBytes = 0
  return {
    look() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      idleLooks = utilization > IDLE_UTILISATION_MAX ? 0 : idleLooks + 1
      if (idleLooks < IDLE_LOOKS || heldBytes() - keptBytes < GROWTH_MIN_BYTES) return
      // Of the flavours the one that gives pages back: after eight uploads 6 of 38 MB, the regular one none.
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      keptBytes = heldBytes()
    },
  }
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
