/**
 * One extractor process as the door sees it: messages come out, permits go in, and it ends in exactly one way.
 * Time limits are kept here, because a parser that hangs keeps none.
 */
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, KnowBotError } from '../errors.ts'
import { killGroup, limitData, spawnChild } from '../lib/cage.ts'
import { readOomKills } from '../lib/cgroup.ts'
import { MIB, printMs, SECOND_MS } from '../lib/units.ts'
import { type FromExtractor, type ReaderRequest, readMessage, type ToExtractor } from './protocol.ts'

/** Whose fault it was: for certain the document's, probably, or that of somebody who sent a signal. */
export type Blame = 'certain' | 'probable' | 'none'
export type Message = FromExtractor | { kind: 'died'; code: ErrorCode; message: string; blame: Blame }

/** By protocol no more than a few wait; more is a child out of control. */
const QUEUE_MAX = 64
const STDERR_CHARACTERS_MAX = 4_096
/** Stacks and reserves that count as data but are hardly touched (measured: the smallest allowance that worked was growth + 64 MB). */
const STACKS_BYTES = 64 * MIB
/** Booting takes a tenth of a second; Node waits for ever where the kernel gives it some of its threads and not the rest. */
const READY_MS_MAX = 30 * SECOND_MS
const NOT_STARTED = {
  code: 'overloaded',
  message: 'No process for reading documents can be started at the moment. It is tried again.',
} as const
/** Kernel ticks of `/proc/PID/stat`, the same on every Linux that Node runs on. */
const TICK_MS = 10
/** Where programs, temporary files and recognition data lie, and Node's cache: no keys, no settings. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TESSDATA_PREFIX', 'NODE_COMPILE_CACHE']

export class Extractor {
  readonly #child: ChildProcess
  readonly #request: ReaderRequest
  readonly #queue: Message[] = []
  #wake: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #isReady = false
  #killedFor: { code: ErrorCode; message: string } | undefined
  #stderr = ''
  readonly #closed: Promise<void>
  readonly #oomKills = readOomKills()

  constructor(request: ReaderRequest, signal: AbortSignal) {
    this.#request = request
    this.#child = startOrThrow(request)
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX)
    })
    this.#child.on('message', (message) => this.#receive(message))
    const cancel = () => this.#kill('cancelled', 'Reading was cancelled.')
    signal.addEventListener('abort', cancel)
    this.#closed = new Promise((resolve) => {
      const end = (exit: number | null, by: NodeJS.Signals | null) => {
        signal.removeEventListener('abort', cancel)
        clearTimeout(this.#timer)
        endGroup(this.#child)
        this.#push({ kind: 'died', ...this.#causeOfDeath(exit, by) })
        resolve()
      }
      this.#child.once('close', end)
      this.#child.once('error', (error) => {
        this.#stderr += error.message
        if (this.#child.pid === undefined) end(null, null)
      })
    })
    this.#timer = setTimeout(() => this.#kill(NOT_STARTED.code, NOT_STARTED.message), READY_MS_MAX)
    if (signal.aborted) cancel()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** What the child says next; after its end always `died`. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#queue.shift()
      if (message) return message
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  allowMore(): void {
    this.#tell({ kind: 'more' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill('cancelled', 'Reading was cancelled.')
    await this.#closed
  }

  #tell(message: ToExtractor): void {
    // A child that is gone cannot be told; that it is gone arrives as `died`.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** The cage is measured from what the child has by now, and closed before it sees the document. */
  async #start(): Promise<void> {
    const { memoryBytesMax } = this.#request.limits
    if (memoryBytesMax !== null) await limitData(this.#child.pid!, memoryBytesMax + STACKS_BYTES)
    this.#tell({ kind: 'start', request: this.#request })
  }

  #receive(value: unknown): void {
    const message = readMessage(value)
    if (!message || this.#queue.length >= QUEUE_MAX) {
      this.#kill('reader_crashed', 'The reader said what it must not.')
      return
    }
    if (message.kind === 'ready') {
      this.#isReady = true
      clearTimeout(this.#timer)
      void this.#start()
      return
    }
    if (message.kind === 'working') this.#limitTime(message.wallMs, message.cpuMs)
    else if (message.kind !== 'event' || message.event.kind !== 'opened') clearTimeout(this.#timer)
    this.#push(message)
  }

  #push(message: Message): void {
    this.#queue.push(message)
    this.#wake?.()
  }

  /** CPU time counts what the child and its finished children used since the page was begun. */
  #limitTime(wallMs: number, cpuMs: number): void {
    clearTimeout(this.#timer)
    const startedAt = performance.now()
    let cpuStart: number | undefined
    const check = async () => {
      const cpuNow = cpuMs > 0 ? await readCpuMs(this.#child.pid) : undefined
      cpuStart ??= cpuNow
      if (performance.now() - startedAt >= wallMs) return this.#timeOut(wallMs, 'of time')
      if (cpuNow !== undefined && cpuNow - cpuStart! >= cpuMs) return this.#timeOut(cpuMs, 'of processor time')
      if (this.#timer === timer) timer = this.#timer = setTimeout(check, Math.min(SECOND_MS, wallMs))
    }
    let timer = setTimeout(check, Math.min(SECOND_MS, wallMs))
    this.#timer = timer
  }

  #timeOut(limitMs: number, ofWhat: string): void {
    this.#kill('read_timeout', `Expected this page to take at most ${printMs(limitMs)} ${ofWhat}, then gave up.`)
  }

  #kill(code: ErrorCode, message: string): void {
    this.#killedFor ??= { code, message }
    clearTimeout(this.#timer)
    killGroup(this.#child)
  }

  #causeOfDeath(exit: number | null, by: NodeJS.Signals | null): { code: ErrorCode; message: string; blame: Blame } {
    if (this.#killedFor) return { ...this.#killedFor, blame: 'certain' }
    // It has not seen the document, and Node itself gave up: for want of threads or of memory, as a rule.
    if (!this.#isReady && (by === null || by === 'SIGABRT' || by === 'SIGTRAP'))
      return { ...NOT_STARTED, blame: 'none' }
    const isCaged = this.#request.limits.memoryBytesMax !== null
    if (MEMORY_WORDS.test(this.#stderr) || (isCaged && by !== null && MEMORY_SIGNALS.has(by))) {
      return { ...OUT_OF_MEMORY, blame: 'certain' }
    }
    if (by === 'SIGKILL') {
      const oomKills = readOomKills()
      const isOfMemory = oomKills === undefined || oomKills > this.#oomKills!
      if (isOfMemory && !this.#isReady) return { ...NOT_STARTED, blame: 'none' }
      if (isOfMemory) return { ...OUT_OF_MEMORY, blame: oomKills === undefined ? 'probable' : 'certain' }
      return { code: 'reader_crashed', message: 'The reader was ended from outside.', blame: 'none' }
    }
    const message = `The reader ended without a result (${by ?? `exit status ${exit}`}).`
    return { code: 'reader_crashed', message, blame: 'probable' }
  }
}

const OUT_OF_MEMORY = {
  code: 'out_of_memory',
  message: 'Reading this page needs more memory than may be used for it.',
} as const
/** V8 and C++ say what they died of, or fall over where the cage ends. */
const MEMORY_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set(['SIGABRT', 'SIGTRAP', 'SIGSEGV'])
const MEMORY_WORDS = /out of memory|allocation failed|bad_alloc|cannot allocate/i

/** Left to itself V8 lets its heap grow while there is memory: 500 pages of PDF took 121 MB, with these 62, in the same time. */
const SMALL_HEAP = ['--optimize-for-size', '--max-semi-space-size=1']

/** Where the kernel has no room for another process that is nobody's fault, and passes. For want of memory Node throws, else it tells later. */
function startOrThrow(request: ReaderRequest): ChildProcess {
  try {
    const child = startProcess(request)
    if (child.pid !== undefined) return child
    child.once('error', () => undefined)
  } catch (cause) {
    throw new KnowBotError(NOT_STARTED.code, NOT_STARTED.message, { cause })
  }
  throw new KnowBotError(NOT_STARTED.code, NOT_STARTED.message)
}

function startProcess({ render, isProbe }: ReaderRequest): ChildProcess {
  const entry = fileURLToPath(new URL('./child.ts', import.meta.url))
  const isAwaited = render !== null
  // For whoever looks at the list of processes; the child is told by message.
  const work = isAwaited ? 'draw' : isProbe ? 'examine' : 'read'
  return spawnChild(process.execPath, [...SMALL_HEAP, '--no-warnings', entry, work], {
    inherits: INHERITED,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    isSacrificed: true,
    isAwaited,
    // With more threads recognition takes three times the processor time for the same pages in the same memory.
    environment: { OMP_THREAD_LIMIT: '1' },
  })
}

/** What the child had started may still run when it has died alone. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing is left, as a rule.
  }
}

async function readCpuMs(pid: number | undefined): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return TICK_MS * [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  } catch {
    return undefined // Not Linux, or gone: the wall time remains.
  }
}
