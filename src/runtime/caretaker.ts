/** Keeps the door while no worker can: 503 instead of silence, from a process that knows nothing of the application. */
import type { Condition, WorkerLimits } from '../runtime.ts'
import { Child, type ChildEnd } from './child.ts'
import { drain } from './drain.ts'

/** So long a start may take before people are told that it takes long. */
const PATIENCE_MS = 5000
const LEAVE_MS = 2000

export interface CaretakerOptions {
  environment: Readonly<Record<string, string>>
  descriptors: readonly number[]
  labels: readonly string[]
  limits: WorkerLimits
  condition(): Condition
  onEnd(child: Child, end: ChildEnd): void
}

export class Caretaker {
  readonly #options: CaretakerOptions
  #child: Child | undefined
  #missingSince: number | undefined

  constructor(options: CaretakerOptions) {
    this.#options = options
  }

  get children(): readonly Child[] {
    return this.#child ? [this.#child] : []
  }

  /** To be told again and again whether a worker serves, and whether one has failed to start. */
  look(hasReadyWorker: boolean, hasFailed: boolean): void {
    if (hasReadyWorker) {
      this.#missingSince = undefined
      void this.leave()
      return
    }
    this.#missingSince ??= performance.now()
    const isLong = performance.now() - this.#missingSince >= PATIENCE_MS
    if (!this.#child && (hasFailed || isLong)) this.#come()
  }

  leave(): Promise<unknown> {
    return this.#child ? drain(this.#child, LEAVE_MS) : Promise.resolve()
  }

  #come(): void {
    const { environment, descriptors, labels, limits, condition, onEnd } = this.#options
    const start = { role: 'caretaker', slot: 0, module: '', environment, descriptors } as const
    const child = new Child({ ...start, nodeOptions: ['--max-semi-space-size=1'] }, () => undefined)
    this.#child = child
    child.send({ type: 'start', role: 'caretaker', slot: 0, labels, limits, condition: condition() })
    void child.ended.then((end) => {
      this.#child = undefined
      onEnd(child, end)
    })
  }
}
