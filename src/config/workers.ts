/**
 * How many web workers `--workers auto` means: (2 × cores) + 1 as Gunicorn has it, as far as memory holds them. Pure arithmetic
 * over the shares of a memory limit; the table is a first estimate, corrected by what benchmarks measure.
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

interface Shares {
  /** Never given away: the kernel needs some, and estimates err. */
  reserve: number
  /** Pages of the database and of the programs that should stay in memory. */
  fileCache: number
  supervisor: number
  /** Answers that are being written, 34 KB each. */
  streams: number
  /** The least that reading documents needs to be of use: job worker, extractor and text recognition together. */
  jobs: number
  /** One web worker. */
  worker: number
}

/** In MiB at a limit of so many MiB; between two rows everything grows evenly. */
const SHARES: readonly (readonly [limit: number, shares: Shares])[] = [
  [192, { reserve: 16, fileCache: 25, supervisor: 12, streams: 7, jobs: 84, worker: 48 }],
  [256, { reserve: 20, fileCache: 40, supervisor: 12, streams: 14, jobs: 106, worker: 64 }],
  [512, { reserve: 41, fileCache: 56, supervisor: 12, streams: 34, jobs: 241, worker: 128 }],
  [1024, { reserve: 82, fileCache: 72, supervisor: 12, streams: 68, jobs: 598, worker: 192 }],
  // From here on the jobs' minimum is two large documents at once, and only the reserve goes on growing.
  [4096, { reserve: 328, fileCache: 96, supervisor: 12, streams: 272, jobs: 1024, worker: 256 }],
]
const RESERVE_SHARE = 0.08

export function autoWorkers({ memoryBytes, cores }: Machine): WorkerCount {
  const limit = Math.floor(memoryBytes / MIB)
  const { reserve, fileCache, supervisor, streams, jobs, worker } = sharesOf(limit)
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

/** The container's limit (cgroup v1 and v2) or the machine: without a limit the kernel names a number beyond any machine. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { memoryBytes: Math.min(limit, totalmem()), cores: availableParallelism() }
}

function sharesOf(limit: number): Shares {
  const [smallest, largest] = [SHARES[0]!, SHARES.at(-1)!]
  if (limit <= smallest[0]) return smallest[1]
  if (limit >= largest[0]) return { ...largest[1], reserve: Math.round(limit * RESERVE_SHARE) }
  const above = SHARES.findIndex(([row]) => row > limit)
  const [low, high] = [SHARES[above - 1]!, SHARES[above]!]
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
