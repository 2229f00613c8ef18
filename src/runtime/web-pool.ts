/** The web workers: as many as wanted, each in a slot, replaced when they end. */

import type { Log } from '../lib/log.ts'
import type { WorkerLimits } from '../runtime.ts'
import { Child, type ChildEnd, type ChildStart } from './child.ts'
import type { FromChild } from './ipc.ts'
import { retryDelayMs } from './retry.ts'

export interface WebPoolOptions {
  start: Omit<ChildStart, 'role' | 'slot'>
  labels: readonly string[]
  limits: WorkerLimits
  wanted: number
  log: Log
  onMessage(child: Child, message: FromChild): void
  onEnd(child: Child, end: ChildEnd): void
}

export class WebPool {
  readonly #options: WebPoolOptions
  readonly #children = new Set<Child>()
  readonly #ready = Promise.withResolvers<void>()
  #wanted: number
  #bootFailures = 0
  #isStopping = false

  constructor(options: WebPoolOptions) {
    this.#options = options
    this.#wanted = options.wanted
  }

  get children(): readonly Child[] {
    return [...this.#children]
  }

  get wanted(): number {
    return this.#wanted
  }

  /** Resolves when a worker answers for the first time. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  start(): void {
    for (let slot = 0; slot < this.#wanted; slot += 1) this.#spawn(slot)
  }

  /** Lets every worker end what is open; what is not done in time is killed. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.children.map((child) => drain(child, timeoutMs)))
  }

  killAll(reason: string): void {
    for (const child of this.#children) child.kill(reason)
  }

  #spawn(slot: number): void {
    const { start, labels, limits, onMessage } = this.#options
    const child = new Child({ ...start, role: 'web', slot }, (message) => {
      if (message.type === 'ready') this.#becomeReady(child)
      if (message.type === 'beat') noteBeat(child, message)
      onMessage(child, message)
    })
    this.#children.add(child)
    child.send({ type: 'start', role: 'web', slot, labels, limits })
    void child.ended.then((end) => this.#replace(child, end))
  }

  #becomeReady(child: Child): void {
    if (child.phase === 'booting') child.phase = 'ready'
    this.#bootFailures = 0
    this.#ready.resolve()
  }

  #replace(child: Child, end: ChildEnd): void {
    this.#children.delete(child)
    this.#options.onEnd(child, end)
    if (this.#isStopping) return
    // A worker that served is replaced at once; one that could not even start would fail again at once.
    if (child.requests === 0 && child.ageMs < this.#options.limits.bootTimeoutMs) this.#bootFailures += 1
    const delayMs = this.#bootFailures > 1 ? retryDelayMs(this.#bootFailures - 1) : 0
    setTimeout(() => {
      if (!this.#isStopping) this.#spawn(child.slot)
    }, delayMs)
  }
}

/** Asks the child to end by itself, and sees to it. */
export async function drain(child: Child, timeoutMs: number): Promise<void> {
  child.phase = 'draining'
  child.send({ type: 'drain', timeoutMs })
  const timer = setTimeout(() => child.kill('drain time over'), timeoutMs)
  await child.ended
  clearTimeout(timer)
}

function noteBeat(child: Child, { open, requests }: { open: number; requests: number }): void {
  child.lastBeatAt = performance.now()
  child.openRequests = open
  child.requests = requests
}
