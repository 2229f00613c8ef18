/**
 * The process that keeps the others: it binds, prepares, starts workers, replaces the dead, relays their messages and ends
 * them. It loads no application, no HTTP and no database, so that nothing of theirs can end it.
 *
 *   starting ── bound and prepared ──> serving ── stop, TERM, INT ──> stopping ── all children gone ──> stopped
 */
import { rmSync, writeFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonValue } from '../lib/json.ts'
import type { SuperviseOptions, Supervisor, WorkerLimits } from '../runtime.ts'
import { type Binding, bind } from './binding.ts'
import type { Child, ChildEnd, ChildStart } from './child.ts'
import { openControlSocket } from './control-socket.ts'
import { lockFolder } from './folder-lock.ts'
import type { FromChild } from './ipc.ts'
import { JobPool } from './job-pool.ts'
import { prepare } from './prepare.ts'
import type { SupervisorStatus } from './status.ts'
import { SuperviseError } from './supervise-error.ts'
import { WebPool } from './web-pool.ts'

export const DEFAULT_LIMITS: WorkerLimits = {
  backlog: 2048,
  // Longer than the idle time of load balancers (60 s as a rule), or they meet connections that we have just closed.
  keepAliveMs: 75_000,
  gracefulTimeoutMs: 30_000,
  hangTimeoutMs: 30_000,
  bootTimeoutMs: 60_000,
  headersTimeoutMs: 20_000,
}
/** How long a quick stop lets children live. */
const QUICK_MS = 1000

/** Resolves when everything is bound and prepared. Throws `SuperviseError`, and leaves nothing behind then. */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const supervision = new Supervision(options)
  await supervision.start()
  return supervision
}

class Supervision implements Supervisor {
  readonly #options: SuperviseOptions
  readonly #limits: WorkerLimits
  readonly #held = new DisposableStack()
  readonly #bindings: Binding[] = []
  readonly #stopped = Promise.withResolvers<number>()
  readonly #startedAt = new Date()
  readonly #web: { pool?: WebPool } = {}
  #jobs: JobPool | undefined
  #state: 'starting' | 'serving' | 'stopping' = 'starting'
  #stopAsked = 0
  announcements: readonly string[] = []

  constructor(options: SuperviseOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
  }

  get addresses(): { label: string; url: string }[] {
    return this.#bindings.map(({ label, url }) => ({ label, url }))
  }

  get ready(): Promise<void> {
    return this.#web.pool!.ready
  }

  get stopped(): Promise<number> {
    return this.#stopped.promise
  }

  async start(): Promise<void> {
    const { binds, lockFile, pidFile, controlSocket, prepare: script, environment } = this.#options
    try {
      this.#held.use(lockFolder(lockFile))
      for (const one of binds) this.#bindings.push(this.#held.use(await bind(one)))
      if (script)
        this.announcements = (await prepare(script, this.#childEnvironment(environment))).map((line) =>
          this.#fill(line),
        )
      if (controlSocket) this.#held.use(await openControlSocket(controlSocket, (command) => this.#answer(command)))
      if (pidFile) this.#held.use(writePidFile(pidFile))
    } catch (error) {
      this.#held.dispose()
      throw error
    }
    if (this.#options.handlesSignals ?? true) this.#held.use(this.#handleSignals())
    this.#startPools()
    this.#state = 'serving'
  }

  async stop(): Promise<void> {
    await this.#stop(this.#limits.gracefulTimeoutMs)
  }

  status(): SupervisorStatus {
    const { waiting, nextAt } = this.#jobs?.work ?? { waiting: false, nextAt: null }
    return {
      supervisor: { pid: process.pid, startedAt: this.#startedAt.toISOString(), state: this.#state },
      addresses: this.addresses,
      workersWanted: this.#web.pool?.wanted ?? 0,
      workers: this.#children().map((child) => child.status()),
      work: { waiting, nextAt: nextAt === null ? null : new Date(nextAt).toISOString() },
    }
  }

  #startPools(): void {
    const { application, jobs, workers, environment, log } = this.#options
    const shared = {
      limits: this.#limits,
      log,
      onMessage: (child: Child, message: FromChild) => this.#hear(child, message),
      onEnd: (child: Child, end: ChildEnd) => this.#noteEnd(child, end),
    }
    const start = (module: string): Omit<ChildStart, 'role' | 'slot'> => ({
      module,
      environment: this.#childEnvironment(environment),
    })
    if (jobs) this.#jobs = new JobPool({ ...shared, start: start(jobs.module), max: jobs.max })
    this.#web.pool = new WebPool({
      ...shared,
      // A small young generation: V8 would let it grow to 16 MB and more for requests that need one.
      start: {
        ...start(application),
        nodeOptions: ['--max-semi-space-size=2'],
        descriptors: this.#bindings.map(({ fd }) => fd),
      },
      labels: this.#bindings.map(({ label }) => label),
      wanted: workers,
    })
    this.#web.pool.start()
  }

  /** Everything a child says that concerns more than its own pool. */
  #hear(child: Child, message: FromChild): void {
    if (message.type === 'publish') this.#relay(child, message.topic, message.data)
    else if (message.type === 'work') this.#jobs?.announce(message)
    else if (message.type === 'status') child.send({ type: 'status', call: message.call, status: this.status() })
    else if (message.type === 'failed') child.failure = message
    else if (message.type === 'ready')
      this.#options.log.info('worker-ready', { ...describe(child), ms: Math.round(child.ageMs) })
  }

  #relay(from: Child, topic: string, data: JsonValue): void {
    for (const child of this.#children()) if (child !== from) child.send({ type: 'message', topic, data })
  }

  #noteEnd(child: Child, { exitCode, signal }: ChildEnd): void {
    const { failure, endedFor, ageMs } = child
    const reason = endedFor ?? failure?.message
    const fields = { ...describe(child), exitCode, signal, ageMs: Math.round(ageMs), reason, stack: failure?.stack }
    const isExpected = exitCode === 0 && (child.role === 'job' || this.#state === 'stopping')
    if (isExpected) this.#options.log.debug('worker-ended', fields)
    else this.#options.log.error('worker-died', fields)
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#stopAsked += 1
    if (this.#state === 'stopping') return this.#stopped.promise.then(() => undefined)
    this.#state = 'stopping'
    await Promise.all([this.#web.pool?.stop(timeoutMs), this.#jobs?.stop(timeoutMs)])
    this.#held.dispose()
    this.#stopped.resolve(0)
  }

  #stopQuickly(): void {
    void this.#stop(QUICK_MS)
    setTimeout(() => this.#killAll('quick stop'), QUICK_MS).unref()
  }

  #killAll(reason: string): void {
    this.#web.pool?.killAll(reason)
    this.#jobs?.killAll(reason)
  }

  #children(): Child[] {
    return [...(this.#web.pool?.children ?? []), ...(this.#jobs?.children ?? [])]
  }

  #handleSignals(): Disposable {
    const handlers = {
      SIGTERM: () => void this.stop(),
      // The first INT drains, as the platforms that send it expect; whoever repeats it is in a hurry.
      SIGINT: () => (this.#state === 'stopping' ? this.#stopQuickly() : void this.stop()),
      SIGQUIT: () => this.#stopQuickly(),
    }
    for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler)
    return {
      [Symbol.dispose]: () => {
        for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler)
      },
    }
  }

  #answer(command: string): JsonValue {
    switch (command) {
      case 'status':
        return this.status()
      case 'stop':
        void this.stop()
        return { stopping: true }
      default:
        throw new SuperviseError('start_refused', `There is no command "${command}".`)
    }
  }

  #fill(line: string): string {
    return line.replaceAll('{url}', this.#bindings.find(({ url }) => url.startsWith('http'))?.url ?? '')
  }

  #childEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
    return { ...compileCache(), ...environment }
  }
}

/** Stripping types costs a cold process 31 MB and a warm one nothing: children share a cache, ours where we have one. */
function compileCache(): Record<string, string> {
  if (getCompileCacheDir()) return {} // Its variable is in the environment, which children inherit.
  return { NODE_COMPILE_CACHE: join(tmpdir(), `node-compile-cache-${process.getuid?.() ?? 0}`) }
}

function describe({ role, slot, pid }: Child): { role: string; slot: number; pid: number } {
  return { role, slot, pid }
}

function writePidFile(path: string): Disposable {
  writeFileSync(path, `${process.pid}\n`)
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
}
