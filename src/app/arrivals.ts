/**
 * Uploads that are coming in. A file that lies in the sockets is received in milliseconds, and to begin an answer takes about as long as
 * that; but whoever asks waits for a model anyway, and whoever uploads waits for nothing else. So an answer begins when the uploads that
 * have just come are received, at most a moment later. Twenty scans uploaded at once beside a hundred people who ask: the slowest was answered
 * after 0.85 to 0.99 of the time (`bench/compare-uploads.ts`, medians of eight servers).
 */

/** Nobody sees so many milliseconds. */
const WAIT_MS_MAX = 50
/** An upload that lasts longer comes over a slow line, and takes little of the processor at a time. */
const RECENT_MS = 100

export class Arrivals {
  #count = 0
  #lastAt = Number.NEGATIVE_INFINITY
  #release = Promise.withResolvers<void>()

  /** `work` receives an upload. */
  async receive<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1
    this.#lastAt = performance.now()
    try {
      return await work()
    } finally {
      this.#count -= 1
      if (this.#count === 0) {
        this.#release.resolve()
        this.#release = Promise.withResolvers()
      }
    }
  }

  /** Resolves when what has just come is received, or soon. */
  async settle(): Promise<void> {
    if (this.#count === 0 || performance.now() - this.#lastAt > RECENT_MS) return
    const soon = Promise.withResolvers<void>()
    const timer = setTimeout(soon.resolve, WAIT_MS_MAX)
    await Promise.race([this.#release.promise, soon.promise])
    clearTimeout(timer)
  }
}
