/**
 * A model that fails again and again is left alone for a while: the next question gets its quotes at once, instead of waiting
 * for what is known to fail, and the server has time to recover.
 *
 *     closed ── 5 questions in a row failed ──→ open ── 30 s ──→ half-open: one question goes through, the others do not
 *       ↑                                        ↑                  │
 *       └────────── it begins to answer ─────────┼──────────────────┤
 *                                                └──── it fails ────┘
 *
 * Only what the server is to blame for counts. Each process has its own circuit: at most 5 questions per worker are spent, and
 * nothing has to be shared.
 */
import { SECOND_MS } from '../lib/units.ts'
import type { Clock } from './clock.ts'
import { ModelError } from './model-error.ts'

const FAILURES_MAX = 5
const REST_MS = 30 * SECOND_MS

export interface Passage extends Disposable {
  /** The first token is there. */
  began(): void
  ended(): void
  failed(error: unknown): void
}

export class Circuit {
  readonly #clock: Clock
  #failures = 0
  /** Set while open or half-open. */
  #open: { untilMs: number; last: ModelError } | undefined
  #trial: Passage | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws where the model is being left alone, with the last error's code and words. */
  enter(): Passage {
    const passage = this.#passage()
    if (!this.#open) return passage
    const restMs = this.#open.untilMs - this.#clock.nowMs()
    if (restMs > 0 || this.#trial) throw leftAlone(this.#open.last, Math.max(1, Math.ceil(restMs / SECOND_MS)))
    this.#trial = passage
    return passage
  }

  #passage(): Passage {
    const passage: Passage = {
      began: () => {
        // Whoever asks next need not wait for the end of the answer.
        if (this.#open) this.#close()
      },
      ended: () => this.#close(),
      failed: (error) => this.#count(error, passage),
      // Stopped by its reader, it has shown nothing: the next question is the trial.
      [Symbol.dispose]: () => {
        if (this.#trial === passage) this.#trial = undefined
      },
    }
    return passage
  }

  #count(error: unknown, passage: Passage): void {
    if (!(error instanceof ModelError)) return
    if (error.trouble === 'answer') {
      this.#close()
      return
    }
    // What began before the rest says nothing new.
    if (this.#open && this.#trial !== passage) return
    this.#failures++
    if (this.#open || this.#failures >= FAILURES_MAX) {
      this.#open = { untilMs: this.#clock.nowMs() + REST_MS, last: error }
    }
  }

  #close(): void {
    this.#failures = 0
    this.#open = undefined
    this.#trial = undefined
  }
}

function leftAlone(last: ModelError, restS: number): ModelError {
  const text = `The model is left alone for ${restS} s, because it failed again and again. Its last error: ${last.message}`
  return new ModelError(last.code, 'lasting', text, { cause: last.cause, retryAfterS: restS })
}
