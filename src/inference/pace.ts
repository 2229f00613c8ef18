/**
 * How often the words of an answer are passed on. With few answers each word goes on as it comes. With many, words of one answer that
 * come within a moment go on together, for each piece is written to the journal and to a connection: the more answers, the longer the
 * moment, which is never long enough to be seen. One timer serves all of them.
 */

/** So many answers at once are passed on word by word. */
const ANSWERS_FREE = 50
/** Of a moment, for each answer. */
const MS_PER_ANSWER = 0.05
const MS_MAX = 50
/** How exactly a moment ends. */
const TICK_MS = 10

export class Pace {
  #answers = 0
  #waiting: PacedText[] = []
  #timer: NodeJS.Timeout | undefined

  /** Between two pieces of one answer. */
  get betweenMs(): number {
    return this.#answers <= ANSWERS_FREE ? 0 : Math.min(MS_MAX, this.#answers * MS_PER_ANSWER)
  }

  /** One more answer, until it is ended. */
  begin(tell: (text: string) => void): PacedText {
    this.#answers++
    return new PacedText(this, tell, () => this.#answers--)
  }

  /** To be passed on when its moment is over. */
  wait(text: PacedText): void {
    this.#waiting.push(text)
    this.#timer ??= setTimeout(this.#tick, TICK_MS)
  }

  #tick = (): void => {
    const now = performance.now()
    this.#waiting = this.#waiting.filter((text) => !text.passDue(now))
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#tick, TICK_MS) : undefined
  }
}

export class PacedText {
  readonly #pace: Pace
  readonly #tell: (text: string) => void
  readonly #onEnd: () => void
  #held = ''
  #dueAt = 0
  #failure: { error: unknown } | undefined

  constructor(pace: Pace, tell: (text: string) => void, onEnd: () => void) {
    this.#pace = pace
    this.#tell = tell
    this.#onEnd = onEnd
  }

  /** Throws what a piece before has met on its way. */
  add(text: string): void {
    if (this.#failure) throw this.#failure.error
    if (this.#held !== '') {
      this.#held += text
      return
    }
    const now = performance.now()
    if (now >= this.#dueAt) {
      this.#dueAt = now + this.#pace.betweenMs
      this.#tell(text)
    } else {
      this.#held = text
      this.#pace.wait(this)
    }
  }

  /** Whether it waits no more. */
  passDue(now: number): boolean {
    if (this.#held !== '' && now < this.#dueAt) return false
    this.#dueAt = now + this.#pace.betweenMs
    try {
      this.#pass()
    } catch (error) {
      this.#failure = { error } // In a timer of all: this answer alone is to hear of it.
    }
    return true
  }

  /** What is held goes on. */
  end(): void {
    this.#onEnd()
    if (this.#failure) throw this.#failure.error
    this.#pass()
  }

  #pass(): void {
    const text = this.#held
    this.#held = ''
    if (text !== '') this.#tell(text)
  }
}
