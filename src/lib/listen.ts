/** Tells things one after the other, by calls, until the signal aborts; what it resolves with comes behind the last. */
export type Telling<T, R> = (tell: (item: T) => void, signal: AbortSignal) => Promise<R>

/**
 * What is told by calls, for whoever would rather loop. Leaving the loop aborts the signal of the one who tells. What the loop has
 * not taken yet is held, so that who tells has to have a bound.
 */
export async function* listen<T, R>(tellAll: Telling<T, R>, signal: AbortSignal): AsyncGenerator<T, R, undefined> {
  const left = new AbortController()
  let untaken: T[] = []
  let wake: () => void = () => undefined
  let isOver = false
  const tell = (item: T) => {
    untaken.push(item)
    wake()
  }
  const telling = tellAll(tell, AbortSignal.any([signal, left.signal])).finally(() => {
    isOver = true
    wake()
  })
  telling.catch(() => undefined) // Thrown below, behind what was told before.
  try {
    for (;;) {
      const items = untaken
      untaken = []
      for (const item of items) yield item
      if (untaken.length > 0) continue
      if (isOver) return await telling
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    left.abort()
  }
}
