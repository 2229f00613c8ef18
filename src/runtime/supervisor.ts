/**
 * The process that keeps the others: it binds, prepares, starts workers, replaces the dead, relays their messages and ends
 * them. It loads no application, no HTTP and no database, so that nothing of theirs can end it.
 *
 *   starting ── bound and prepared ──> serving ── stop, TERM, INT ──> stopping ── all children gone ──> stopped
 */
import type { JsonValue } from '../lib/json.ts'
import type { Log } from '../lib/log.ts'
import type { SuperviseOptions, Supervisor, WorkerLimits } from '../runtime.ts'
import { type Binding, bindAll } from './binding.ts'
import { Budget } from './budget.ts'
import { Caretaker } from './caretaker.ts'
import type { Child, ChildEnd, ChildStart } from './child.ts'
import { answerCommand } from './commands.ts'
import { compileCacheVariable } from './compile-cache.ts'
import { openControlSocket } from './control-socket.ts'
import { CrashCircuit } from './crash-circuit.ts'
import { type Cause, isCrash } from './death.ts'
import { DeathRegister } from './death-register.ts'
import { drain } from './drain.ts'
import { FlightRecorder } from './flight-recorder.ts'
import { lockFolder } from './folder-lock.ts'
import type { FromChild } from './ipc.ts'
import { JobPool } from './job-pool.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { renderMetrics } from './metrics.ts'
import { writePidFile } from './pid-file.ts'
import { prepare } from './prepare.ts'
import { readAnonymousBytes } from './process-memory.ts'
import { measureRoom, type Room } from './room.ts'
import { handleSignals } from './signals.ts'
import type { SupervisorStatus } from './status.ts'
import { endOf, ignoreBrokenOutput, startSuccessor } from './upgrade.ts'
import { measure, TICK_MS, Vigil } from './vigil.ts'
import { WebPool } from './web-pool.ts'

/** Whoever waits for memory looks every second; what ends or is asked for is looked at in the same moment. */
const BUDGET_EVERY_TICKS = 4
/** How long a quick stop lets children live. */
const QUICK_MS = 1000
// A small young generation: V8 would let it grow to 16 MB and more for requests that need one.
const WEB_SEMI_SPACE_MB = 2
// The port: an inspector that is opened to look at a hung worker must not meet that of another.
const WEB_NODE_OPTIONS = [`--max-semi-space-size=${WEB_SEMI_SPACE_MB}`, '--inspect-port=127.0.0.1:0']

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
  readonly #options: SuperviseOptions
  readonly #held = new DisposableStack()
  readonly #stopped = Promise.withResolvers<number>()
  readonly #startedAt = new Date()
  #limits: WorkerLimits
  #log: Log
  #bindings: readonly Binding[] = []
  #web!: WebPool
  #jobs: JobPool | undefined
  #caretaker!: Caretaker
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
      workersWanted: () => this.#web?.wanted ?? options.workers,
      children: () => this.children(),
      onLimit: (limit) => this.note('memory-limit', { ...limit }),
    })
  }

  get addresses(): { label: string; url: string }[] {
    return this.#bindings.map(({ label, url }) => ({ label, url }))
  }

  get ready(): Promise<void> {
    return this.#web.ready
  }

  get stopped(): Promise<number> {
    return this.#stopped.promise
  }

  async start(): Promise<void> {
    const { binds, prepare: script, descriptors = [], predecessor, pidFile } = this.#options
    try {
      if (predecessor === undefined) await this.#takePlace()
      else if (pidFile) this.#held.use(writePidFile(`${pidFile}.2`))
      this.#bindings = await bindAll(binds, descriptors, this.#held)
      // While workers of an older version live nothing is migrated: a successor takes the folder as it is.
      if (script && predecessor === undefined)
        this.announcements = (await prepare(script, this.#childEnvironment())).map((line) => this.#fill(line))
    } catch (error) {
      this.#held.dispose()
      throw error
    }
    if (predecessor !== undefined) this.#followLater(predecessor)
    this.#held.use(ignoreBrokenOutput())
    if (this.#options.handlesSignals ?? true) this.#held.use(this.#handleSignals())
    this.#startChildren()
    this.#held.use(this.#keepWatch())
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

  /** What only one supervisor can hold: the lock, the control socket, the pid file. */
  async #takePlace(): Promise<void> {
    const { lockFile, pidFile, controlSocket } = this.#options
    this.#held.use(lockFolder(lockFile))
    if (controlSocket) {
      const answer = (command: string, args: JsonValue) => answerCommand(this, command, args)
      this.#held.use(await openControlSocket(controlSocket, answer))
    }
    if (pidFile) this.#held.use(writePidFile(pidFile))
  }

  #followLater(predecessor: number): void {
    const { ended } = this.#held.use(endOf(predecessor))
    void ended.then(async () => {
      if (this.#state === 'stopping') return
      // A third server may have been quicker: then ours serves on, and cannot be commanded by socket.
      await this.#takePlace().catch((error: Error) => this.#log.error('promotion-failed', { error }))
      this.note('promoted', { predecessor })
    })
  }

  async stop(): Promise<void> {
    await this.#stop(this.#limits.gracefulTimeoutMs)
  }

  /** Reads the settings again and gives every worker a successor. Rejects, and leaves everything as it is, when they are wrong. */
  async reload(): Promise<void> {
    const changed = (await this.#options.reload?.()) ?? {}
    this.#limits = { ...this.#limits, ...changed.limits }
    this.#log = changed.log ?? this.#log
    this.note('reload', { workers: changed.workers ?? this.#web.wanted })
    this.#jobs?.reload(changed)
    await this.#web.reload(changed)
  }

  /** One worker more or less. Throws with the numbers where memory does not hold it. */
  scale(by: 1 | -1): number {
    const room = this.room()
    if (by > 0 && !room.isEnough)
      throw new Error(
        `Memory does not hold another worker: it needs about ${room.neededBytes} bytes, ${room.freeBytes} are free.`,
      )
    this.#web.scale(this.#web.wanted + by)
    this.note('scale', { workers: this.#web.wanted })
    return this.#web.wanted
  }

  /** The workers named by pid, or all, are followed by successors. */
  async recycle(pid: number | undefined): Promise<void> {
    const chosen = this.#web.children.filter((child) => pid === undefined || child.pid === pid)
    if (chosen.length === 0) throw new Error(`There is no web worker with the pid ${pid}.`)
    await Promise.all(chosen.map((child) => this.#web.recycle(child)))
  }

  reopenLogs(): void {
    this.#options.reopenLogs?.()
    for (const child of this.children()) child.send({ type: 'reopen' })
  }

  children(): Child[] {
    return [...(this.#web?.children ?? []), ...(this.#jobs?.children ?? []), ...(this.#caretaker?.children ?? [])]
  }

  room(): Room {
    for (const child of this.children()) measure(child)
    const held = this.children().reduce((sum, { anonymousBytes }) => sum + anonymousBytes, 0)
    const largest = Math.max(0, ...this.#web.children.map(({ peakBytes }) => peakBytes))
    return measureRoom(this.#limits.totalBytesMax, held, largest)
  }

  status(): SupervisorStatus {
    const { waiting, nextAt } = this.#jobs?.work ?? { waiting: false, nextAt: null }
    const { circuit, nextStartAt, wanted } = this.#web ?? {
      circuit: new CrashCircuit(),
      nextStartAt: undefined,
      wanted: 0,
    }
    return {
      supervisor: {
        pid: process.pid,
        startedAt: this.#startedAt.toISOString(),
        state: this.#state,
        anonymousBytes: readAnonymousBytes(process.pid) ?? 0,
      },
      addresses: this.addresses,
      workersWanted: wanted,
      circuit: {
        state: circuit.isOpen ? 'open' : 'closed',
        crashes: circuit.crashes,
        nextStartAt: nextStartAt === undefined ? null : new Date(nextStartAt).toISOString(),
      },
      workers: this.children().map((child) => child.status()),
      memory: this.budget.status(),
      work: { waiting, nextAt: nextAt === null ? null : new Date(nextAt).toISOString() },
      deaths: this.deaths.latest,
    }
  }

  metrics(): string {
    const beats = this.#web.children.flatMap(({ lastBeat }) => (lastBeat ? [lastBeat] : []))
    return renderMetrics(this.status(), this.deaths.totals, beats)
  }

  note(event: string, details: Record<string, string | number> = {}): void {
    this.flight.note(event, details)
    this.#log.info(event, details)
  }

  #startChildren(): void {
    const { application, jobs, workers } = this.#options
    const descriptors = this.#bindings.map(({ fd }) => fd)
    const labels = this.#bindings.map(({ label }) => label)
    const environment = this.#childEnvironment()
    const shared = {
      limits: this.#limits,
      onMessage: (child: Child, message: FromChild) => this.#hear(child, message),
      onEnd: (child: Child, end: ChildEnd) => this.#noteEnd(child, end),
    }
    const web: Omit<ChildStart, 'role' | 'slot'> = {
      module: application,
      environment,
      nodeOptions: [...WEB_NODE_OPTIONS, ...this.budget.webHeapOptions(WEB_SEMI_SPACE_MB)],
      descriptors,
    }
    this.#web = new WebPool({
      ...shared,
      start: web,
      labels,
      wanted: workers,
      hasRoom: () => this.room().isEnough,
      onDecision: (event, details) => this.note(event, details),
    })
    if (jobs) this.#jobs = new JobPool({ ...shared, start: { module: jobs.module, environment }, max: jobs.max })
    this.#caretaker = new Caretaker({ ...shared, environment, descriptors, labels })
    this.#web.start()
  }

  #keepWatch(): Disposable {
    const vigil = new Vigil({
      children: () => this.children(),
      limits: () => this.#limits,
      recycle: (child, why) => this.#recycleFor(child, why),
      expel: (child, withinMs, evidence) => {
        child.evidence = evidence
        void drain(child, withinMs, 'memory-mark')
      },
      onDecision: (event, details) => this.note(event, details),
    })
    let ticks = 0
    const timer = setInterval(() => {
      vigil.tick()
      ticks += 1
      if (ticks % BUDGET_EVERY_TICKS === 0) this.budget.look()
      if (this.#state === 'serving') this.#caretaker.look(this.#web.hasReady, this.#web.circuit.crashes > 0)
    }, TICK_MS)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  #recycleFor(child: Child, why: string): void {
    this.note('recycle', { pid: child.pid, slot: child.slot, why })
    void this.#web.recycle(child)
  }

  /** Somebody else, an operator as a rule, has sent TERM to one child: it drains as if we had asked, and the record says so. */
  #letGo(child: Child): void {
    child.evidence ??= 'killed(operator): TERM from outside, not from the supervisor'
    void drain(child, this.#limits.gracefulTimeoutMs, 'signal')
    this.#web.replace(child)
  }

  /** Everything a child says that concerns more than itself. */
  #hear(child: Child, message: FromChild): void {
    const { role, slot, pid } = child
    if (message.type === 'publish') this.#relay(child, message.topic, message.data)
    else if (message.type === 'work') this.#jobs?.announce(message)
    else if (message.type === 'call') {
      const value = message.command === 'metrics' ? this.metrics() : this.status()
      child.send({ type: 'answer', call: message.call, value })
    } else if (message.type === 'memory') this.#grant(child, message)
    else if (message.type === 'release') this.budget.ledger.release(child, message.grant)
    else if (message.type === 'recycle') this.#recycleFor(child, message.reason)
    else if (message.type === 'told-to-end') this.#letGo(child)
    else if (message.type === 'ready') this.note('worker-ready', { role, slot, pid, ms: Math.round(child.ageMs) })
    else if (message.type === 'beat') {
      const { open, requests, lagP99Ms } = message
      this.flight.note('beat', { pid, open, requests, lagP99Ms, bytes: child.anonymousBytes })
    }
  }

  #grant(child: Child, { call, ...wish }: Extract<FromChild, { type: 'memory' }>): void {
    this.budget.look()
    this.budget.ledger.ask(child, wish, (answer) => {
      const { what } = wish
      if ('granted' in answer) {
        const { id: grant, bytes, kind } = answer.granted
        this.flight.note('memory-granted', { what, bytes, kind })
        child.send({ type: 'answer', call, value: { grant, bytes } })
      } else {
        const { neededBytes, mostBytes } = answer.refused
        this.note('memory-refused', { what, neededBytes, mostBytes })
        child.send({ type: 'answer', call, value: { neededBytes, mostBytes } })
      }
    })
  }

  #relay(from: Child, topic: string, data: JsonValue): void {
    for (const child of this.children()) if (child !== from) child.send({ type: 'message', topic, data })
  }

  #noteEnd(child: Child, end: ChildEnd): Cause {
    this.budget.ledger.forget(child)
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
      await Promise.all([this.#web.stop(timeoutMs), this.#jobs?.stop(timeoutMs), this.#caretaker.leave()])
      this.#held.dispose()
      this.#stopped.resolve(this.#exitCode)
    }
    await this.#stopped.promise
  }

  #stopQuickly(): void {
    void this.#stop(QUICK_MS)
    const timer = setTimeout(() => {
      for (const child of this.children()) child.kill('quick-stop')
    }, QUICK_MS)
    void this.stopped.then(() => clearTimeout(timer))
  }

  #handleSignals(): Disposable {
    const attempt = (what: () => unknown) => () => {
      Promise.try(what).catch((error: Error) => this.#log.error('signal-refused', { error, reason: error.message }))
    }
    return handleSignals({
      SIGTERM: () => void this.stop(),
      // The first INT drains, as the platforms that send it expect; whoever repeats it is in a hurry.
      SIGINT: () => (this.#state === 'stopping' ? this.#stopQuickly() : void this.stop()),
      SIGQUIT: () => this.#stopQuickly(),
      SIGHUP: attempt(() => this.reload()),
      SIGTTIN: attempt(() => this.scale(1)),
      SIGTTOU: attempt(() => this.scale(-1)),
      SIGUSR1: () => this.reopenLogs(),
      SIGUSR2: attempt(() => this.note('upgrade', { pid: startSuccessor(this.#bindings) })),
    })
  }

  #fill(line: string): string {
    return line.replaceAll('{url}', this.#bindings.find(({ url }) => url.startsWith('http'))?.url ?? '')
  }

  #childEnvironment(): Record<string, string> {
    return { ...compileCacheVariable(), ...this.#options.environment }
  }
}
