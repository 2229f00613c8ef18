/**
 * How many streams of events a user has open in this process. Each holds a connection, and those of answers and documents look
 * into the database now and then. The bootstrap key and the shell have no limit but the machine's own.
 */
import type { Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'

/** Twenty windows, each with a chat and a list of documents, and as much again for programs. */
const STREAMS_PER_USER_MAX = 80
const RETRY_AFTER_S = 10

export class OpenStreams {
  readonly #counts = new Map<number, number>()

  /** Throws `rate_limited` where one more would be too many. */
  assertRoom({ userId, via }: Principal): void {
    if (via === 'bootstrap' || via === 'local' || (this.#counts.get(userId) ?? 0) < STREAMS_PER_USER_MAX) return
    const message = `Expected at most ${STREAMS_PER_USER_MAX} open streams of events, got one more. Close one, and try again.`
    throw new KnowBotError('rate_limited', message, { retryAfterS: RETRY_AFTER_S })
  }

  /** Counts one more; answers how to count it out again, which is to be called once. */
  enter({ userId }: Principal): () => void {
    this.#counts.set(userId, (this.#counts.get(userId) ?? 0) + 1)
    return () => {
      const left = (this.#counts.get(userId) ?? 1) - 1
      if (left > 0) this.#counts.set(userId, left)
      else this.#counts.delete(userId)
    }
  }
}
