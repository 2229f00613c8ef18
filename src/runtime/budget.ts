/**
 * The memory of the whole server: what there is, how it is divided, who holds how much, and the ledger of background work. The limit
 * is read again all the time: an operator may resize the container while we run.
 */
import { freemem, totalmem } from 'node:os'
import { MIB } from '../lib/units.ts'
import { type GroupMemory, readGroupMemory, readStalled } from './cgroup-memory.ts'
import { type MemorySigns, shortMark } from './ladder.ts'
import { type Capacity, Ledger, type LedgerStatus } from './ledger.ts'
import { readAnonymousBytes } from './process-memory.ts'
import { readDescendantBytes } from './process-tree.ts'
import { divide, type Shares, streamsMax } from './shares.ts'

/** What a job worker holds itself, beside what it starts: 23 MB while it has twenty scans read, 25 at most. */
const JOB_WORKER_BYTES = 25 * MIB

/** Where the kernel would end everything at once, background work keeps further away from the limit. */
const DIES_TOGETHER_SHARE = 0.75

const HEAP_LIMIT_BELOW_BYTES = 1024 * MIB
/**
 * By how much the heap may grow before V8 collects it, in percent. By itself it lets as much garbage wait again as is held, and more:
 * 58 to 76 kB for each of 1,000 answers instead of 40 (bench/answer-streams.ts). It never collects before 8 MB are new.
 */
const HEAP_GROWTH_PERCENT = 15

export type MemoryLimit = {
  readonly bytes: number
  /** What the smallest limit was told by. */
  readonly source: 'setting' | 'container' | 'machine'
}

export type BudgetStatus = {
  readonly limit: MemoryLimit & {
    readonly cgroupVersion: 1 | 2 | null
    /** The kernel ends everything at once when memory ends. */
    readonly diesTogether: boolean
  }
  /** How the limit is divided. `worker` is for one of `workers`. */
  readonly shares: Shares & { readonly workers: number; readonly streamsMax: number }
  /** Anonymous memory right now. */
  readonly held: {
    readonly supervisor: number
    readonly webWorkers: number
    readonly jobWorkers: number
    /** What workers have started: readers of documents, text recognition, and what draws pages for whoever looks at them. */
    readonly readers: number
    readonly total: number
    /** As the kernel counts it for the container, other programs in it included. */
    readonly cgroup: number | null
    readonly cgroupWithFileCache: number | null
    /** What could still be taken; below the mark it is short. */
    readonly available: number
    readonly shortMark: number
  }
  readonly jobs: LedgerStatus
}

export interface BudgetOptions {
  /** 0 where nobody set one. */
  settingBytes(): number
  workersWanted(): number
  children(): readonly { readonly role: string; readonly pid: number; readonly anonymousBytes: number }[]
  onLimit(limit: MemoryLimit): void
}

export class Budget {
  readonly ledger: Ledger
  readonly #options: BudgetOptions
  #limit: MemoryLimit
  #group: GroupMemory | undefined

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#group = readGroupMemory()
    this.#limit = readLimit(options.settingBytes(), this.#group)
    this.ledger = new Ledger(this.#capacity())
  }

  /** Reads the limit and what is held again. Before every decision, and now and then for those who wait. */
  look(): void {
    this.#group = readGroupMemory()
    const limit = readLimit(this.#options.settingBytes(), this.#group)
    const isOther = limit.bytes !== this.#limit.bytes
    this.#limit = limit
    if (isOther) this.#options.onLimit(limit)
    this.ledger.resize(this.#capacity())
  }

  /**
   * What Node must be told so that the heap of a web worker stays within its share: below 512 MB its own default is larger than the
   * container; where there is plenty, only that it collects its garbage in time.
   */
  webHeapOptions(semiSpaceMegabytes: number): string[] {
    const { bytes } = this.#limit
    const growth = `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`
    if (bytes > HEAP_LIMIT_BELOW_BYTES) return [growth]
    // V8 counts the young generation three times.
    const oldSpace = divide(bytes, this.#options.workersWanted()).worker / MIB - 3 * semiSpaceMegabytes
    return [growth, `--max-old-space-size=${oldSpace}`]
  }

  status(): BudgetStatus {
    this.look()
    const group = this.#group
    const workers = this.#options.workersWanted()
    const shares = divide(this.#limit.bytes, workers)
    const { availableBytes, shortBytes } = this.signs()
    const supervisor = readAnonymousBytes(process.pid) ?? 0
    const [webWorkers, jobWorkers] = [this.#heldBy('web'), this.#heldBy('job')]
    const readers = this.#heldByReaders()
    return {
      limit: {
        ...this.#limit,
        cgroupVersion: group?.version ?? null,
        diesTogether: group?.diesTogether ?? false,
      },
      shares: { ...shares, workers, streamsMax: streamsMax(shares) },
      held: {
        supervisor,
        webWorkers,
        jobWorkers,
        readers,
        total: supervisor + webWorkers + jobWorkers + readers,
        cgroup: group?.anonymousBytes ?? null,
        cgroupWithFileCache: group?.usedBytes ?? null,
        available: availableBytes,
        shortMark: shortBytes,
      },
      jobs: this.ledger.status(),
    }
  }

  /** What all web workers together may have open. */
  get streamsMax(): number {
    return streamsMax(divide(this.#limit.bytes, this.#options.workersWanted()))
  }

  /** As of the last look: the limit that leaves least counts. */
  signs(): MemorySigns {
    const { usedBytes, reclaimableBytes = 0, limitBytes, stalledPercent } = this.#group ?? {}
    const left = [freemem()] // What the kernel calls MemAvailable, of the machine.
    if (usedBytes !== undefined && limitBytes !== undefined) left.push(limitBytes - (usedBytes - reclaimableBytes))
    const settingBytes = this.#options.settingBytes()
    if (settingBytes > 0) left.push(settingBytes - this.#heldByTree())
    return {
      availableBytes: Math.min(...left),
      shortBytes: shortMark(divide(this.#limit.bytes, this.#options.workersWanted()).reserve),
      // That of the machine is no matter of ours while the container has a limit of its own.
      stalledPercent: this.#limit.source === 'machine' ? readStalled() : stalledPercent,
    }
  }

  #heldByTree(): number {
    return (readAnonymousBytes(process.pid) ?? 0) + this.#heldBy('web') + this.#heldBy('job') + this.#heldByReaders()
  }

  /** Of what the workers have started. */
  #heldByReaders(): number {
    return this.#options
      .children()
      .reduce((sum, { role, pid }) => sum + (role === 'caretaker' ? 0 : readDescendantBytes(pid)), 0)
  }

  #capacity(): Capacity {
    const { bytes } = this.#limit
    const shares = divide(bytes, this.#options.workersWanted())
    const jobWorkers = this.#options.children().filter(({ role }) => role === 'job').length
    const ofWorkers = Math.max(1, jobWorkers) * JOB_WORKER_BYTES
    // As the last look at the children found them: this is asked often, and files leave garbage.
    const ofWeb = this.#options
      .children()
      .reduce((sum, child) => sum + (child.role === 'web' ? child.anonymousBytes : 0), 0)
    const part = this.#group?.diesTogether ? DIES_TOGETHER_SHARE : 1
    // Of one alone: the file cache gives way, for it is what the kernel takes back first.
    const alone = (ofWebWorkers: number) => bytes - shares.reserve - shares.supervisor - ofWebWorkers - ofWorkers
    const grantable = (left: number) => Math.max(0, Math.floor(left * part))
    return {
      bytes: grantable(shares.jobs - ofWorkers),
      exclusiveBytes: grantable(alone(ofWeb)),
      quietBytes: grantable(alone(Math.min(ofWeb, shares.worker * this.#options.workersWanted()))),
    }
  }

  #heldBy(role: string): number {
    return this.#options
      .children()
      .filter((child) => child.role === role)
      .reduce((sum, { pid, anonymousBytes }) => sum + (readAnonymousBytes(pid) ?? anonymousBytes), 0)
  }
}

/** The smallest of what was set, what the container allows and what the machine has. */
export function readLimit(
  settingBytes: number,
  group: GroupMemory | undefined,
  machineBytes: number = totalmem(),
): MemoryLimit {
  const limits: MemoryLimit[] = [{ bytes: machineBytes, source: 'machine' }]
  // Node looks for a limit as well, and may know of one that is not in files.
  const containerBytes = group?.limitBytes ?? (process.constrainedMemory() || Number.POSITIVE_INFINITY)
  if (containerBytes < machineBytes) limits.push({ bytes: containerBytes, source: 'container' })
  if (settingBytes > 0) limits.push({ bytes: settingBytes, source: 'setting' })
  return limits.reduce((least, limit) => (limit.bytes < least.bytes ? limit : least))
}
