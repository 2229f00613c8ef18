/**
 * The web workers: as many as wanted, each in a slot. A dead one is replaced, one that has served its time is followed by a
 * successor. Successions happen one after the other, so that no two workers leave together and nobody is asked twice.
 */
import type { Condition, Reloadable, WorkerLimits } from '../runtime.ts'
import { Child, type ChildEnd, type ChildStart } from './child.ts'
import { CrashCircuit, HEALTHY_AFTER_MS } from './crash-circuit.ts'
import { type Cause, isCrash } from './death.ts'
import { drain } from './drain.ts'
import type { FromChild } from './ipc.ts'

export interface WebPoolOptions {
  start: Omit<ChildStart, 'role' | 'slot'>
  labels: readonly string[]
  limits: WorkerLimits
  wanted: number
  /** As told to a child at its start. */
  condition(): Condition
  /** Whether memory holds one worker more than there are. */
  hasRoom(): boolean
  onMessage(child: Child, message: FromChild): void
  /** Records the death and answers its cause. */
  onEnd(child: Child, end: ChildEnd): Cause
  onDecision(event: string, details: Record<string, string | number>): void
}

export class WebPool {
  readonly circuit = new CrashCircuit()
  readonly #children = new Set<Child>()
  readonly #bySlot = new Map<number, Child>()
  /** Starts that wait for the circuit. */
  readonly #waiting = new Map<NodeJS.Timeout, number>()
  readonly #ready = Promise.withResolvers<void>()
  #options: WebPoolOptions
  #wanted: number
  #successions: Promise<unknown> = Promise.resolve()
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

  /** Whether somebody is on the way who may serve in a moment. */
  get isBooting(): boolean {
    return this.children.some(({ phase }) => phase === 'booting')
  }

  get hasReady(): boolean {
    return this.children.some(({ phase }) => phase === 'ready')
  }

  /** Resolves when a worker answers for the first time. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** When the next start is due, in epoch ms, if one waits. */
  get nextStartAt(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...this.#waiting.values())
  }

  start(): void {
    this.#fill()
  }

  /** Every worker gets a successor under the new conditions. Resolves when the last succession is through. */
  reload({ environment, limits, workers }: Reloadable): Promise<void> {
    const { start } = this.#options
    this.#options = {
      ...this.#options,
      start: environment ? { ...start, environment: { ...start.environment, ...environment } } : start,
      limits: { ...this.#options.limits, ...limits },
    }
    if (workers !== undefined) this.scale(workers)
    return this.#inTurn(async () => {
      for (const child of [...this.#bySlot.values()]) await this.#succeed(child)
    })
  }

  /** One worker leaves and another takes its slot. */
  recycle(child: Child): Promise<void> {
    return this.#inTurn(() => this.#succeed(child))
  }

  /** It is leaving already. Where memory does not hold two, its end is waited for. */
  replace(child: Child): void {
    if (this.#isStopping || this.#bySlot.get(child.slot) !== child || !this.#options.hasRoom()) return
    this.#bySlot.delete(child.slot)
    this.#fill()
  }

  /** More or fewer; the oldest leaves first, because it has leaked longest. */
  scale(wanted: number): void {
    this.#wanted = Math.max(1, wanted)
    this.#fill()
    const byAge = [...this.#bySlot.values()].sort((one, other) => one.startedAt - other.startedAt)
    for (const child of byAge.slice(0, Math.max(0, byAge.length - this.#wanted))) {
      this.#bySlot.delete(child.slot)
      void drain(child, this.#options.limits.gracefulTimeoutMs)
    }
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#waiting.keys()) clearTimeout(timer)
    this.#waiting.clear()
    await Promise.all(this.children.map((child) => drain(child, timeoutMs)))
  }

  #inTurn(succession: () => Promise<void>): Promise<void> {
    const turn = this.#successions.then(succession)
    this.#successions = turn.catch(() => undefined)
    return turn
  }

  /** Start-before-stop where memory holds both; else the kernel holds connections between the two. */
  async #succeed(child: Child): Promise<void> {
    if (this.#isStopping || this.#bySlot.get(child.slot) !== child) return
    const { limits, hasRoom, onDecision } = this.#options
    const order = child.phase === 'ready' && !hasRoom() ? 'stop-then-start' : 'start-before-stop'
    onDecision('succession', { slot: child.slot, pid: child.pid, order })
    if (order === 'stop-then-start') {
      await drain(child, limits.gracefulTimeoutMs)
      const next = this.#bySlot.get(child.slot)
      if (next && next !== child) await Promise.race([next.becameReady, next.ended])
      return
    }
    const successor = this.#spawn(child.slot)
    await Promise.race([successor.becameReady, successor.ended])
    // One that does not boot changes nothing: the old one serves on.
    if (successor.phase !== 'ready' || this.#isStopping) return
    const present = this.#bySlot.get(child.slot)
    // The old one may have died meanwhile and been replaced, or left without a successor because fewer are wanted.
    const isWanted = present !== undefined || this.#bySlot.size < this.#wanted
    if (isWanted) this.#bySlot.set(child.slot, successor)
    const leaving = isWanted ? present : successor
    if (leaving) void drain(leaving, limits.gracefulTimeoutMs)
  }

  /** A worker for every free slot, the lowest first. */
  #fill(): void {
    for (let slot = 0; this.#bySlot.size + this.#waiting.size < this.#wanted; slot += 1) {
      if (!this.#bySlot.has(slot)) this.#bySlot.set(slot, this.#spawn(slot))
    }
  }

  #spawn(slot: number): Child {
    const { start, labels, limits, condition, onMessage } = this.#options
    const child = new Child({ ...start, role: 'web', slot }, (message) => {
      if (message.type === 'ready') this.#ready.resolve()
      onMessage(child, message)
    })
    this.#children.add(child)
    child.send({ type: 'start', role: 'web', slot, labels, limits, condition: condition() })
    const healthy = setTimeout(() => this.circuit.noteHealthy(), HEALTHY_AFTER_MS)
    void child.ended.then((end) => {
      clearTimeout(healthy)
      this.#noteEnd(child, end)
    })
    return child
  }

  #noteEnd(child: Child, end: ChildEnd): void {
    this.#children.delete(child)
    if (isCrash(this.#options.onEnd(child, end))) this.circuit.noteCrash(child.ageMs)
    if (this.#bySlot.get(child.slot) !== child) return // Its successor serves already, or it was one that did not boot.
    this.#bySlot.delete(child.slot)
    if (this.#isStopping) return
    const { delayMs } = this.circuit
    if (delayMs === 0) {
      this.#fill()
      return
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(timer)
      this.#fill()
    }, delayMs)
    this.#waiting.set(timer, Date.now() + delayMs)
  }
}
