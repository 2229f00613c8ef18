/** The supervisor's view of one child: where it is in its life, what it told last, and how it ended. */

import type { ChildProcess, StdioOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { killGroup, spawnChild } from '../lib/cage.ts'
import type { Reason } from './death.ts'
import { type Beat, type FromChild, isFromChild, type Role, sendTo, type ToChild } from './ipc.ts'
import type { WorkerPhase, WorkerStatus } from './status.ts'

export interface ChildStart {
  role: Role
  slot: number
  /** Path of the module that it runs. */
  module: string
  environment: Readonly<Record<string, string>>
  nodeOptions?: readonly string[]
  /** Descriptors handed on as fd 3, 4, … */
  descriptors?: readonly number[]
}

export interface ChildEnd {
  exitCode: number | null
  signal: NodeJS.Signals | null
}

// A channel that is gone leaves a process that nobody can ask to end; it should end by itself.
const WITHOUT_CHANNEL_MS_MAX = 1000

const ENTRIES: Record<Role, string> = {
  web: './web-worker-main.ts',
  job: './job-worker-main.ts',
  caretaker: './caretaker-main.ts',
}

export class Child {
  readonly role: Role
  readonly slot: number
  readonly pid: number
  readonly startedAt = performance.now()
  /** Resolves when the process is gone. */
  readonly ended: Promise<ChildEnd>
  /** Resolves when it serves. */
  readonly becameReady: Promise<void>
  phase: WorkerPhase = 'booting'
  lastBeatAt = performance.now()
  lastBeat: Beat | undefined
  anonymousBytes = 0
  peakBytes = 0
  /** What it held when it had just become ready. */
  baselineBytes: number | undefined
  /** Why we ended it, if we did. */
  endedFor: Reason | undefined
  /** What we saw, in words. */
  evidence: string | undefined
  /** JavaScript of its thread when it hung. */
  stack: string | undefined
  /** What it said before it ended. */
  failure: { phase: 'boot' | 'run'; message: string; stack: string } | undefined
  /** Undefined where it could not even be tried. */
  readonly #process: ChildProcess | undefined
  #hasServed = false
  readonly #ready = Promise.withResolvers<void>()

  constructor(start: ChildStart, onMessage: (message: FromChild) => void) {
    this.role = start.role
    this.slot = start.slot
    this.becameReady = this.#ready.promise
    this.#process = this.#start(start)
    this.pid = this.#process?.pid ?? 0
    this.#process?.on('message', (message: unknown) => {
      if (!isFromChild(message)) return
      this.#note(message)
      onMessage(message)
    })
    this.ended = this.#watchEnd()
  }

  send(message: ToChild): void {
    if (this.#process) sendTo(this.#process, message)
  }

  /** Ends the child and everything in its group at once. */
  kill(reason: Reason, evidence?: string): void {
    this.endedFor ??= reason
    this.evidence ??= evidence
    if (this.#process) killGroup(this.#process)
  }

  get ageMs(): number {
    return performance.now() - this.startedAt
  }

  /** Whether it has ever been ready. */
  get hasServed(): boolean {
    return this.#hasServed
  }

  get requests(): number {
    return this.lastBeat?.requests ?? 0
  }

  get openRequests(): number {
    return this.lastBeat?.open ?? 0
  }

  get inFlight(): readonly string[] {
    return this.lastBeat?.inFlight ?? []
  }

  status(): WorkerStatus {
    const { role, slot, pid, phase, openRequests, requests, anonymousBytes, peakBytes, lastBeat } = this
    return {
      role,
      slot,
      pid,
      phase,
      ageMs: Math.round(this.ageMs),
      openRequests,
      openConnections: lastBeat?.connections ?? 0,
      requests,
      anonymousBytes,
      peakBytes,
      lagP99Ms: lastBeat?.lagP99Ms ?? 0,
      sinceBeatMs: Math.round(performance.now() - this.lastBeatAt),
    }
  }

  #note(message: FromChild): void {
    if (message.type === 'beat') {
      this.lastBeat = message
      this.lastBeatAt = performance.now()
    } else if (message.type === 'failed') this.failure = message
    else if (message.type === 'ready') {
      if (this.phase === 'booting') this.phase = 'ready'
      this.lastBeatAt = performance.now()
      this.#hasServed = true
      this.#ready.resolve()
    }
  }

  /** Most failures come as an event. For want of memory (ENOMEM) Node throws, and that must not be the end of the supervisor. */
  #start(start: ChildStart): ChildProcess | undefined {
    try {
      return startProcess(start)
    } catch (error) {
      const { message, stack = '' } = error as Error
      this.failure = { phase: 'boot', message, stack }
      return undefined
    }
  }

  #watchEnd(): Promise<ChildEnd> {
    const child = this.#process
    const { promise, resolve } = Promise.withResolvers<ChildEnd>()
    const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      this.phase = 'ended'
      resolve({ exitCode, signal })
    }
    if (!child) {
      setImmediate(end, null, null)
      return promise
    }
    child.once('exit', end)
    child.once('disconnect', () => {
      setTimeout(() => killGroup(child), WITHOUT_CHANNEL_MS_MAX).unref()
    })
    // Not even started: no process, no memory, no descriptor left.
    child.once('error', (error) => {
      this.failure ??= { phase: 'boot', message: error.message, stack: error.stack ?? '' }
      if (child.pid === undefined) end(null, null)
    })
    return promise
  }
}

function startProcess({ role, module, environment, nodeOptions = [], descriptors = [] }: ChildStart): ChildProcess {
  // Entries are found beside this file, wherever the command was called.
  const entry = fileURLToPath(new URL(ENTRIES[role], import.meta.url))
  // The channel comes after the descriptors: those are 3, 4, … by contract.
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', ...descriptors, 'ipc']
  return spawnChild(process.execPath, [...nodeOptions, entry, module], {
    stdio,
    environment,
    isSacrificed: role === 'job',
  })
}
