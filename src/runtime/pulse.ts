/** What a child tells of itself every second. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Beat } from './ipc.ts'

export const BEAT_MS = 1000
const NANOSECONDS_PER_MS = 1e6
const RESOLUTION_MS = 20

export type Counts = Omit<Beat, 'type' | 'lagP99Ms' | 'heapBytes'>

const NOTHING: Counts = {
  open: 0,
  connections: 0,
  requests: 0,
  answers: [0, 0, 0, 0, 0],
  refused: 0,
  seconds: 0,
  inFlight: [],
}

export interface Pulse {
  beat(counts?: Counts): Beat
}

export function openPulse(): Pulse {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return {
    beat: (counts = NOTHING) => ({
      type: 'beat',
      ...counts,
      lagP99Ms: readLag(delay),
      heapBytes: process.memoryUsage().heapUsed,
    }),
  }
}

function readLag(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  // The histogram counts the timer's own interval too.
  const p99 = Math.max(0, delay.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS)
  delay.reset()
  return Math.round(p99)
}
