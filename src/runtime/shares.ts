/**
 * How the memory of a container is divided, and how many web workers it holds. Pure arithmetic over the shares of a limit; the
 * table is a first estimate, corrected by what benchmarks measure.
 */
import { availableParallelism, totalmem } from 'node:os'
import { MIB } from '../lib/units.ts'

export interface Machine {
  /** What all our processes together may use. */
  memoryBytes: number
  cores: number
}

export interface WorkerCount {
  workers: number
  /** The whole calculation in one line, for people. */
  arithmetic: string
}

/** In bytes. Types, not interfaces: only those are JSON values to the compiler. */
export type Shares = {
  /** Never given away: the kernel needs some, and estimates err. */
  readonly reserve: number
  /** Pages of files and of the programs that should stay in memory. */
  readonly fileCache: number
  readonly supervisor: number
  /** Answers that are being written, 34 KB each. */
  readonly streams: number
  /** One web worker. */
  readonly worker: number
  /** What is left for background work: job workers and all that they start. */
  readonly jobs: number
}

/** In MiB at a limit of so many MiB; between two rows everything grows evenly. */
const ROWS: readonly (readonly [limit: number, row: Shares])[] = [
  [192, { reserve: 16, fileCache: 25, supervisor: 12, streams: 7, jobs: 84, worker: 48 }],
  [256, { reserve: 20, fileCache: 40, supervisor: 12, streams: 14, jobs: 106, worker: 64 }],
  [512, { reserve: 41, fileCache: 56, supervisor: 12, streams: 34, jobs: 241, worker: 128 }],
  [1024, { reserve: 82, fileCache: 72, supervisor: 12, streams: 68, jobs: 598, worker: 192 }],
  // From here on the jobs' minimum is two large pieces of work at once, and only the reserve goes on growing.
  [4096, { reserve: 328, fileCache: 96, supervisor: 12, streams: 272, jobs: 1024, worker: 256 }],
]
const RESERVE_SHARE = 0.08

/**
 * What an answer that is being written is reckoned to cost, in decimal kB: so a row of the table has 2,000 at 1 GB, 1,000 at 512 MB. Measured
 * are 39 to 43 with 1,000 of them (bench/answer-streams.ts); the reserve has the rest.
 */
const STREAM_KB = 34
const STREAMS_STEP = 100

/** How many streams of events may be open at once, over all workers. */
export function streamsMax(shares: Shares): number {
  const fitting = ((shares.streams / MIB) * 1000) / STREAM_KB
  return Math.max(STREAMS_STEP, Math.floor(fitting / STREAMS_STEP) * STREAMS_STEP)
}

export function autoWorkers({ memoryBytes, cores }: Machine): WorkerCount {
  const limit = Math.floor(memoryBytes / MIB)
  const { reserve, fileCache, supervisor, streams, jobs, worker } = rowOf(limit)
  const byCores = 2 * cores + 1
  const byMemory = Math.floor((limit - reserve - fileCache - supervisor - streams - jobs) / worker)
  // Without a worker there is no service, so one is started where memory holds none.
  const workers = Math.max(1, Math.min(byCores, byMemory))
  const cost = `${reserve} reserve − ${fileCache} file cache − ${supervisor} supervisor − ${streams} streams − ${jobs} jobs`
  return {
    workers,
    arithmetic:
      `Web workers: ${workers}, the smaller of (2 × ${cores} cores) + 1 = ${byCores} ` +
      `and (${limit} MB − ${cost}) ÷ ${worker} = ${Math.max(0, byMemory)}${byMemory < 1 ? ', but at least 1' : ''}`,
  }
}

/** The shares beside so many web workers. Together they are the limit, as long as that holds the workers at all. */
export function divide(limitBytes: number, workers: number): Shares {
  const limit = Math.floor(limitBytes / MIB)
  const row = rowOf(limit)
  const jobs = limit - row.reserve - row.fileCache - row.supervisor - row.streams - row.worker * workers
  const inBytes = (megabytes: number) => Math.max(0, megabytes) * MIB
  return {
    reserve: inBytes(row.reserve),
    fileCache: inBytes(row.fileCache),
    supervisor: inBytes(row.supervisor),
    streams: inBytes(row.streams),
    worker: inBytes(row.worker),
    jobs: inBytes(jobs),
  }
}

/** The container's limit (cgroup v1 and v2) or the machine: without a limit the kernel names a number beyond any machine. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { memoryBytes: Math.min(limit, totalmem()), cores: availableParallelism() }
}

function rowOf(limit: number): Shares {
  const [smallest, largest] = [ROWS[0]!, ROWS.at(-1)!]
  if (limit <= smallest[0]) return smallest[1]
  if (limit >= largest[0]) return { ...largest[1], reserve: Math.round(limit * RESERVE_SHARE) }
  const above = ROWS.findIndex(([row]) => row > limit)
  const [low, high] = [ROWS[above - 1]!, ROWS[above]!]
  const part = (limit - low[0]) / (high[0] - low[0])
  // Rounded down, so that no rounding takes the place of the one worker that the row has room for.
  const between = (name: keyof Shares) => Math.floor(low[1][name] + (high[1][name] - low[1][name]) * part)
  return {
    reserve: between('reserve'),
    fileCache: between('fileCache'),
    supervisor: between('supervisor'),
    streams: between('streams'),
    jobs: between('jobs'),
    worker: between('worker'),
  }
}
