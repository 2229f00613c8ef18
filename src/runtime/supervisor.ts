/**
 * The process that keeps the others: it binds, prepares, starts workers, replaces the dead, relays their messages and ends
 * them. It loads no application, no HTTP and no database, so that nothing of theirs can end it.
 *
 *   starting ── bound and prepared ──> serving ── stop, TERM, INT ──> stopping ── all children gone ──> stopped
 */
import type { Log } from '../lib/log.ts'
import type { SuperviseOptions, Supervisor, WorkerLimits } from '../runtime.ts'
import { type Binding, bindAll } from './binding.ts'
import { Brownout } from './brownout.ts'
import { Budget } from './budget.ts'
import { assertLoopback, openChaos } from './chaos.ts'
import type { Child, ChildEnd } from './child.ts'
import { type Hearing, hear } from './child-messages.ts'
import { answerCommand } from './commands.ts'
import { compileCacheVariable } from './compile-cache.ts'
import { Crew } from './crew.ts'
import { type Cause, isCrash } from './death.ts'
import { DeathRegister } from './death-register.ts'
import { FlightRecorder } from './flight-recorder.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { renderMetrics } from './metrics.ts'
import { takePlace, waitForPlace } from './place.ts'
import { prepare } from './prepare.ts'
import { measureRoom, type Room } from './room.ts'
import { handleSignals } from './signals.ts'
import { composeStatus, type SupervisorStatus } from './status.ts'
import { ignoreBrokenOutput, startSuccessor } from './upgrade.ts'
import { measure } from './vigil.ts'

/** Whoever waits for memory looks every second; what ends or is asked for is looked at in the same moment. */
const BUDGET_EVERY_TICKS = 4
/** How long a quick stop lets children live. */
const QUICK_MS = 1000
/** Resolves when everything is bound and prepared. Throws `SuperviseError`, and leaves nothing behind then. */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const supervision = new Supervision(options)
  await supervision.start()
  return supervision
}

export class Supervision implements Supervisor {
  readonly flight = new FlightRecorder()
  readonly deaths: DeathRegister
  readonly budget: Budget
  readonly brownout: Brownout
  readonly #options: SuperviseOptions
  readonly #held = new DisposableStack()
  readonly #stopped = Promise.withResolvers<number>()
  readonly #startedAt = new Date()
  #limits: WorkerLimits
  #log: Log
  #bindings: readonly Binding[] = []
  /** Undefined until everything is bound and prepared. */
  #crew: Crew | undefined
  #state: 'starting' | 'serving' | 'stopping' = 'starting'
  #exitCode = 0
  announcements: readonly string[] = []

  constructor(options: SuperviseOptions) {
    this.#options = options
    this.#log = options.log
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.deaths = new DeathRegister(this.flight)
    this.budget = new Budget({
      settingBytes: () => this.#limits.totalBytesMax,
      workersWanted: () => this.#crew?.web.wanted ?? options.workers,
      children: () => this.children(),
      onLimit: (limit) => this.note('memory-limit', { ...limit }),
    })
    this.brownout = new Brownout({
      budget: this.budget,
      jobs: () => this.#crew?.jobs,
      jobsMax: options.jobs?.max ?? 0,
      children: () => this.children(),
      webWorkers: () => this.#crew?.web.wanted ?? options.workers,
      note: (event, details) => this.note(event, details),
    })
  }

  get addresses(): { label: string; url: string }[] {
    return this.#bindings.map(({ label, url }) => ({ label, url }))
  }

  get log(): Log {
    return this.#log
  }

  get isStopping(): boolean {
    return this.#state === 'stopping'
  }

  get ready(): Promise<void> {
    return this.#started.web.ready
  }

  get stopped(): Promise<number> {
    return this.#stopped.promise
  }

  async start(): Promise<void> {
    const { binds, prepare: script, descriptors = [], predecessor, chaos } = this.#options
    if (chaos) assertLoopback([...binds, ...descriptors.map((fd) => ({ label: '', address: `fd://${fd}` }))])
    try {
      if (predecessor === undefined) await this.#takePlace()
      else waitForPlace(this.#held, predecessor, this.#options, () => this.#follow(predecessor))
      this.#bindings = await bindAll(binds, descriptors, this.#held)
      // While workers of an older version live nothing is migrated: a successor takes the folder as it is.
      if (script && predecessor === undefined)
        this.announcements = (await prepare(script, this.#childEnvironment())).map((line) => this.#fill(line))
    } catch (error) {
      this.#held.dispose()
      throw error
    }
    this.#held.use(ignoreBrokenOutput())
    if (this.#options.handlesSignals ?? true) this.#held.use(handleSignals(this))
    this.#startCrew()
    this.#makeChaos()
    this.#tellLimit()
    this.#state = 'serving'
  }

  /** In Kubernetes the kernel ends a container as a whole, and then only the limits of each child protect the web workers. */
  #tellLimit(): void {
    const { bytes, source, diesTogether } = this.budget.status().limit
    this.note('memory-limit', { bytes, source })
    if (diesTogether)
      this.#log.warn('memory-dies-together', {
        reason: 'memory.oom.group is set: when memory ends, the kernel ends the web workers as well',
      })
  }

  #takePlace(): Promise<void> {
    return takePlace(this.#held, this.#options, (command, args) => answerCommand(this, command, args))
  }

  async #follow(predecessor: number): Promise<void> {
    if (this.isStopping) return
    // A third server may have been quicker: then ours serves on, and cannot be commanded by socket.
    await this.#takePlace().catch((error: Error) => this.#log.error('promotion-failed', { error }))
    this.note('promoted', { predecessor })
  }

  async stop(): Promise<void> {
    await this.#stop(this.#limits.gracefulTimeoutMs)
  }

  /** Reads the settings again and gives every worker a successor. Rejects, and leaves everything as it is, when they are wrong. */
  async reload(): Promise<void> {
    const changed = (await this.#options.reload?.()) ?? {}
    this.#limits = { ...this.#limits, ...changed.limits }
    this.#log = changed.log ?? this.#log
    this.note('reload', { workers: changed.workers ?? this.#started.web.wanted })
    await this.#started.reload(changed)
  }

  /** One worker more or less. Throws with the numbers where memory does not hold it. */
  scale(by: 1 | -1): number {
    const room = this.room()
    if (by > 0 && !room.isEnough)
      throw new Error(
        `Memory does not hold another worker: it needs about ${room.neededBytes} bytes, ${room.freeBytes} are free.`,
      )
    const { web } = this.#started
    web.scale(web.wanted + by)
    this.note('scale', { workers: web.wanted })
    return web.wanted
  }

  /** The workers named by pid, or all, are followed by successors. */
  async recycle(pid: number | undefined): Promise<void> {
    const { web } = this.#started
    const chosen = web.children.filter((child) => pid === undefined || child.pid === pid)
    if (chosen.length === 0) throw new Error(`There is no web worker with the pid ${pid}.`)
    await Promise.all(chosen.map((child) => web.recycle(child)))
  }

  /** A new supervisor on the same sockets, beside this one. */
  upgrade(): void {
    this.note('upgrade', { pid: startSuccessor(this.#bindings) })
  }

  reopenLogs(): void {
    this.#options.reopenLogs?.()
    for (const child of this.children()) child.send({ type: 'reopen' })
  }

  children(): Child[] {
    return this.#crew?.children ?? []
  }

  room(): Room {
    for (const child of this.children()) measure(child)
    const held = this.children().reduce((sum, { anonymousBytes }) => sum + anonymousBytes, 0)
    const largest = Math.max(0, ...this.#started.web.children.map(({ peakBytes }) => peakBytes))
    return measureRoom(this.#limits.totalBytesMax, held, largest)
  }

  status(): SupervisorStatus {
    const { addresses, budget, brownout, deaths } = this
    const [startedAt, state, crew] = [this.#startedAt, this.#state, this.#crew]
    return composeStatus({ startedAt, state, addresses, crew, budget, brownout, deaths })
  }

  metrics(): string {
    const beats = this.#started.web.children.flatMap(({ lastBeat }) => (lastBeat ? [lastBeat] : []))
    return renderMetrics(this.status(), this.deaths.totals, beats)
  }

  note(event: string, details: Record<string, string | number> = {}): void {
    this.flight.note(event, details)
    this.#log.info(event, details)
  }

  get #started(): Crew {
    if (!this.#crew) throw new Error('Nobody has been started yet.')
    return this.#crew
  }

  #startCrew(): void {
    const { application, jobs, workers } = this.#options
    const hearing: Hearing = {
      budget: this.budget,
      flight: this.flight,
      children: () => this.children(),
      status: () => this.status(),
      metrics: () => this.metrics(),
      note: (event, details) => this.note(event, details),
      announceWork: (work) => crew.jobs?.announce(work),
      noteReadOnly: (child, why) => this.brownout.noteReadOnly(child, why),
      recycle: (child, why) => crew.recycle(child, why),
      letGo: (child) => crew.letGo(child),
    }
    const crew = new Crew({
      application,
      workers,
      ...(jobs ? { jobs } : {}),
      bindings: this.#bindings,
      environment: this.#childEnvironment(),
      limits: () => this.#limits,
      condition: () => this.brownout.condition,
      heapOptions: (semiSpaceMegabytes) => this.budget.webHeapOptions(semiSpaceMegabytes),
      hasRoom: () => this.room().isEnough,
      isServing: () => this.#state === 'serving',
      onMessage: (child, message) => hear(hearing, child, message),
      onEnd: (child, end) => this.#noteEnd(child, end),
      onDecision: (event, details) => this.note(event, details),
    })
    this.#crew = crew
    let ticks = 0
    const watch = crew.start(() => {
      ticks += 1
      if (ticks % BUDGET_EVERY_TICKS > 0) return
      this.budget.look()
      this.brownout.look()
    })
    this.#held.use(watch)
  }

  #makeChaos(): void {
    const { chaos: rates } = this.#options
    if (!rates) return
    this.#log.warn('chaos', { ...rates, reason: 'accidents happen on purpose, so many of each per second' })
    const note = (event: string, details: Record<string, string | number>) => this.note(event, details)
    this.#held.use(openChaos({ rates, children: () => this.children(), note }))
  }

  #noteEnd(child: Child, end: ChildEnd): Cause {
    this.budget.ledger.forget(child)
    this.brownout.forget(child)
    const cause = this.deaths.record(child, end, this.#log)
    if (
      this.#options.failsFast &&
      child.role === 'web' &&
      this.#state !== 'stopping' &&
      child.phase === 'ended' &&
      isCrash(cause) &&
      !child.hasServed
    ) {
      this.#exitCode = 1
      void this.#stop(QUICK_MS)
    }
    return cause
  }

  async #stop(timeoutMs: number): Promise<void> {
    if (this.#state !== 'stopping') {
      this.#state = 'stopping'
      this.note('stop', { timeoutMs })
      await this.#crew?.stop(timeoutMs)
      this.#held.dispose()
      this.#stopped.resolve(this.#exitCode)
    }
    await this.#stopped.promise
  }

  stopQuickly(): void {
    void this.#stop(QUICK_MS)
    const timer = setTimeout(() => {
      for (const child of this.children()) child.kill('quick-stop')
    }, QUICK_MS)
    void this.stopped.then(() => clearTimeout(timer))
  }

  #fill(line: string): string {
    return line.replaceAll('{url}', this.#bindings.find(({ url }) => url.startsWith('http'))?.url ?? '')
  }

  #childEnvironment(): Record<string, string> {
    return { ...compileCacheVariable(), ...this.#options.environment }
  }
}
