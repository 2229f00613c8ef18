/** Looks at every child four times a second: does it boot, does it breathe, how much does it hold, how old is it. */
import type { WorkerLimits } from '../runtime.ts'
import type { Child } from './child.ts'
import { readAnonymousBytes, readState } from './process-memory.ts'
import { readStack } from './stack.ts'

export const TICK_MS = 250
const SOFT_SHARE = 0.85
/** A worker that holds this much more than when it was fresh has grown; less is what it is made of. */
const GROWTH = 1.2
/** A fresh worker above its mark gains nothing from being replaced; now and then it is tried all the same. */
const FUTILE_PAUSE_MS = 600_000
const HARD_DRAIN_MS = 5000

export interface VigilOptions {
  children(): readonly Child[]
  limits(): WorkerLimits
  /** The child should leave when a successor serves. */
  recycle(child: Child, why: string): void
  /** The child should leave within the time. */
  expel(child: Child, withinMs: number, evidence: string): void
  onDecision(event: string, details: Record<string, string | number>): void
}

export class Vigil {
  readonly #options: VigilOptions
  readonly #handled = new WeakSet<Child>()
  #futileUntil = 0
  #lastTickAt = performance.now()

  constructor(options: VigilOptions) {
    this.#options = options
  }

  tick(): void {
    // Time that the whole machine slept, or the supervisor itself did not run, is nobody's silence.
    const now = performance.now()
    const sleptMs = Math.max(0, now - this.#lastTickAt - TICK_MS)
    this.#lastTickAt = now
    for (const child of this.#options.children()) {
      if (sleptMs > TICK_MS) child.lastBeatAt += sleptMs
      measure(child)
      if (this.#handled.has(child)) continue
      this.#checkLife(child)
      if (child.role === 'web' && child.phase === 'ready') this.#checkAge(child)
    }
  }

  #checkLife(child: Child): void {
    const { bootTimeoutMs, hangTimeoutMs } = this.#options.limits()
    if (child.role === 'caretaker') return
    if (child.phase === 'booting') {
      if (child.ageMs <= bootTimeoutMs) return
      this.#handled.add(child)
      void this.#endHung(child, 'boot-timeout', `not ready ${bootTimeoutMs} ms after its start`)
      return
    }
    const silentMs = performance.now() - child.lastBeatAt
    if (silentMs <= hangTimeoutMs) return
    this.#handled.add(child)
    void this.#endHung(child, 'hang', `its event loop stood still for ${Math.round(silentMs)} ms`)
  }

  /** The stack first: after the kill nobody can say where it was. */
  async #endHung(child: Child, reason: 'hang' | 'boot-timeout', evidence: string): Promise<void> {
    this.#options.onDecision(reason, { pid: child.pid, slot: child.slot, evidence })
    const isStopped = readState(child.pid) === 'T'
    if (!isStopped) child.stack = await readStack(child.pid)
    child.kill(reason, isStopped ? `${evidence}; the process is stopped by a signal` : evidence)
  }

  #checkAge(child: Child): void {
    const { maxLifetimeMs, workerBytesMax } = this.#options.limits()
    if (maxLifetimeMs > 0 && child.ageMs > maxLifetimeMs) this.#recycle(child, 'lifetime')
    else if (workerBytesMax > 0 && child.baselineBytes !== undefined)
      this.#checkMemory(child, child.baselineBytes, workerBytesMax)
  }

  #checkMemory(child: Child, baseline: number, hard: number): void {
    const bytes = child.anonymousBytes
    const soft = hard * SOFT_SHARE
    if (baseline >= soft) this.#checkFutile(child, soft)
    else if (bytes >= hard) {
      this.#handled.add(child)
      this.#options.expel(child, HARD_DRAIN_MS, `${bytes} bytes of ${hard}`)
    } else if (bytes >= soft && bytes >= baseline * GROWTH) this.#recycle(child, 'memory')
  }

  #checkFutile(child: Child, soft: number): void {
    if (Date.now() < this.#futileUntil) return
    this.#futileUntil = Date.now() + FUTILE_PAUSE_MS
    this.#options.onDecision('fresh-worker-above-mark', {
      pid: child.pid,
      bytes: child.anonymousBytes,
      markBytes: soft,
    })
  }

  #recycle(child: Child, why: string): void {
    this.#handled.add(child)
    this.#options.recycle(child, why)
  }
}

export function measure(child: Child): void {
  child.anonymousBytes = readAnonymousBytes(child.pid) ?? child.anonymousBytes
  child.peakBytes = Math.max(child.peakBytes, child.anonymousBytes)
  if (child.phase === 'ready') child.baselineBytes ??= child.anonymousBytes
}
