/** The supervisor's view of one child: where it is in its life, and how it ended. */
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { killGroup, spawnChild } from '../lib/cage.ts'
import { type FromChild, isFromChild, sendTo, type ToChild } from './ipc.ts'
import type { WorkerPhase, WorkerStatus } from './status.ts'

export interface ChildStart {
  role: 'web' | 'job'
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

export class Child {
  readonly role: 'web' | 'job'
  readonly slot: number
  readonly pid: number
  readonly startedAt = performance.now()
  /** Resolves when the process is gone. */
  readonly ended: Promise<ChildEnd>
  phase: WorkerPhase = 'booting'
  lastBeatAt = performance.now()
  openRequests = 0
  requests = 0
  /** Why we ended it, if we did. */
  endedFor: string | undefined
  /** What it said before it ended. */
  failure: { phase: 'boot' | 'run'; message: string; stack: string } | undefined
  readonly #process: ChildProcess

  constructor(start: ChildStart, onMessage: (message: FromChild) => void) {
    this.role = start.role
    this.slot = start.slot
    this.#process = startProcess(start)
    this.pid = this.#process.pid ?? 0
    this.#process.on('message', (message: unknown) => {
      if (isFromChild(message)) onMessage(message)
    })
    this.ended = this.#watchEnd()
  }

  send(message: ToChild): void {
    sendTo(this.#process, message)
  }

  /** Ends the child and everything in its group at once. */
  kill(reason: string): void {
    this.endedFor ??= reason
    killGroup(this.#process)
  }

  get ageMs(): number {
    return performance.now() - this.startedAt
  }

  status(): WorkerStatus {
    const { role, slot, pid, phase, openRequests, requests } = this
    return { role, slot, pid, phase, ageMs: Math.round(this.ageMs), openRequests, requests }
  }

  #watchEnd(): Promise<ChildEnd> {
    const { promise, resolve } = Promise.withResolvers<ChildEnd>()
    const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      this.phase = 'ended'
      resolve({ exitCode, signal })
    }
    this.#process.once('exit', end)
    // Not even started: no process, no memory, no descriptor left.
    this.#process.once('error', (error) => {
      this.failure ??= { phase: 'boot', message: error.message, stack: error.stack ?? '' }
      if (this.#process.pid === undefined) end(null, null)
    })
    return promise
  }
}

/** `knowbot serve` and others may run from anywhere: entries are found beside this file. */
function startProcess({ role, module, environment, nodeOptions = [], descriptors = [] }: ChildStart): ChildProcess {
  const entry = new URL(role === 'web' ? './web-worker-main.ts' : './job-worker-main.ts', import.meta.url).pathname
  // The channel comes after the descriptors: those are 3, 4, … by contract.
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', ...descriptors, 'ipc']
  return spawnChild(process.execPath, [...nodeOptions, entry, module], {
    stdio,
    environment,
    isSacrificed: role === 'job',
  })
}
