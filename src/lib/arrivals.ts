/**
 * Uploads that are coming in, and who lets them go first. A file that lies in the sockets is received in milliseconds, and to begin anything
 * else in those takes from them as much as it needs itself; but whoever uploads waits for nothing else.
 *
 * An answer begins when the uploads that have just come are received, at most a moment later: whoever asks waits for a model anyway. Twenty
 * scans uploaded at once beside a hundred people who ask: the slowest was answered after 0.85 to 0.99 of the time (`bench/compare-uploads.ts`,
 * medians of eight servers). A process that reads documents is called when the last of them is received, rather than the first: it boots
 * beside the others, on processors that they need.
 */
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

  /**
   * Resolves when what has come is received, after so many milliseconds at most. Where the last has come longer ago than `recentMs`, at once:
   * an upload that lasts comes over a slow line, and takes little of the processor at a time.
   */
  async settle({ recentMs, waitMsMax }: Patience): Promise<void> {
    if (this.#count === 0 || performance.now() - this.#lastAt > recentMs) return
    const soon = Promise.withResolvers<void>()
    const timer = setTimeout(soon.resolve, waitMsMax)
    await Promise.race([this.#release.promise, soon.promise])
    clearTimeout(timer)
  }
}

export interface Patience {
  /** Since the last upload began: only then it is worth to wait. */
  recentMs: number
  waitMsMax: number
}
