/** Who works under a supervisor: web workers, job workers, and the caretaker while no worker serves. Started, watched and ended together. */
import { KIB } from '../lib/units.ts'
import type { Condition, Reloadable, SuperviseOptions, WorkerLimits } from '../runtime.ts'
import type { Binding } from './binding.ts'
import { Caretaker } from './caretaker.ts'
import type { Child, ChildEnd } from './child.ts'
import type { Cause } from './death.ts'
import { drain } from './drain.ts'
import type { FromChild } from './ipc.ts'
import { JobPool } from './job-pool.ts'
import { TICK_MS, Vigil } from './vigil.ts'
import { WebPool } from './web-pool.ts'

// A small young generation: V8 would let it grow to 16 MB and more for requests that need one.
const WEB_SEMI_SPACE_MB = 2
const WEB_NODE_OPTIONS = [
  `--max-semi-space-size=${WEB_SEMI_SPACE_MB}`,
  // An inspector that is opened to look at a hung worker must not meet that of another.
  '--inspect-port=127.0.0.1:0',
  '--expose-gc',
  // What has been compiled stays. The collection of an idle worker would throw it away, and whoever comes next wait for it to be compiled
  // again: of twenty scans beside a hundred people, after a pause, the slowest was answered after 0.74 of the time, for 1 of 69 MB.
  '--no-flush-bytecode',
  // Compiled simply and at once rather than interpreted for a while: after 0.73 of the time where the uploads are the first, for 2 MB.
  '--always-sparkplug',
]
// It waits for readers and writes what they have found. Left to itself it holds 32 MB after twenty scans, with these 23, in the same time.
const JOB_NODE_OPTIONS = ['--max-semi-space-size=1', '--optimize-for-size']
// One heap of the C library for all threads. What comes over a connection is a buffer of 64 KB, which stays in that heap: with memory of its
// own each takes a call to the kernel that stops the other threads, two fifths of the processor time of twenty uploads at once. Larger
// ones have their own, which goes back to the kernel when it is freed (bench/memory.ts, "afterwards").
const WEB_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: String(72 * KIB) }

export interface CrewOptions extends Pick<SuperviseOptions, 'application' | 'jobs' | 'workers'> {
  bindings: readonly Binding[]
  environment: Readonly<Record<string, string>>
  limits(): WorkerLimits
  condition(): Condition
  /** So that the heap of a web worker stays within its share. */
  heapOptions(semiSpaceMegabytes: number): readonly string[]
  hasRoom(): boolean
  isServing(): boolean
  onMessage(child: Child, message: FromChild): void
  /** Records the death and answers its cause. */
  onEnd(child: Child, end: ChildEnd): Cause
  onDecision(event: string, details: Record<string, string | number>): void
}

export class Crew {
  readonly web: WebPool
  readonly jobs: JobPool | undefined
  readonly #caretaker: Caretaker
  readonly #vigil: Vigil
  readonly #options: CrewOptions

  constructor(options: CrewOptions) {
    const { application, jobs, workers, bindings, environment, limits, condition, onMessage, onEnd, onDecision } =
      options
    this.#options = options
    const descriptors = bindings.map(({ fd }) => fd)
    const labels = bindings.map(({ label }) => label)
    const shared = { limits: limits(), condition, onMessage, onEnd }
    this.web = new WebPool({
      ...shared,
      start: {
        module: application,
        environment: { ...environment, ...WEB_ENVIRONMENT },
        nodeOptions: [...WEB_NODE_OPTIONS, ...options.heapOptions(WEB_SEMI_SPACE_MB)],
        descriptors,
      },
      labels,
      wanted: workers,
      hasRoom: options.hasRoom,
      onDecision,
    })
    if (jobs) {
      const start = { module: jobs.module, environment, nodeOptions: JOB_NODE_OPTIONS }
      this.jobs = new JobPool({ ...shared, start, max: jobs.max })
    }
    this.#caretaker = new Caretaker({ ...shared, environment, descriptors, labels })
    this.#vigil = new Vigil({
      children: () => this.children,
      limits,
      recycle: (child, why) => this.recycle(child, why),
      expel: (child, withinMs, evidence) => {
        child.evidence = evidence
        void drain(child, withinMs, 'memory-mark')
      },
      onDecision,
    })
  }

  get children(): Child[] {
    return [...this.web.children, ...(this.jobs?.children ?? []), ...this.#caretaker.children]
  }

  /** `onTick`: after each look at the children. */
  start(onTick: () => void): Disposable {
    this.web.start()
    const timer = setInterval(() => {
      this.#vigil.tick()
      onTick()
      const { hasReady, circuit, isBooting } = this.web
      if (this.#options.isServing()) this.#caretaker.look(hasReady, circuit.crashes > 0 && !isBooting)
    }, TICK_MS)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  async reload(changed: Reloadable): Promise<void> {
    this.jobs?.reload(changed)
    await this.web.reload(changed)
  }

  /** It leaves when a successor serves. */
  recycle(child: Child, why: string): void {
    this.#options.onDecision('recycle', { pid: child.pid, slot: child.slot, why })
    void this.web.recycle(child)
  }

  /** Somebody else, an operator as a rule, has sent TERM to one child: it drains as if we had asked, and the record says so. */
  letGo(child: Child): void {
    child.evidence ??= 'killed(operator): TERM from outside, not from the supervisor'
    void drain(child, this.#options.limits().gracefulTimeoutMs, 'signal')
    this.web.replace(child)
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all([this.web.stop(timeoutMs), this.jobs?.stop(timeoutMs), this.#caretaker.leave()])
  }
}
