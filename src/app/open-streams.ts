/**
 * How many streams of events are open in this process, and how many of them are one user's. Each holds a connection, and those of
 * answers and documents look into the database now and then. All together are bounded by memory; the bootstrap key and the shell
 * by nothing else. Several web workers share the places of a user evenly: a browser's connections are spread among them.
 */
import type { Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'

/** Twenty windows, each with a chat and a list of documents, and as much again for programs. */
const STREAMS_PER_USER_MAX = 80
const RETRY_AFTER_S = 10

/** Of the whole server, for this process. Both may become smaller at any time; what is open stays. */
interface Share {
  /** Of all users together. */
  streamsMax(): number
  webWorkers(): number
}

export class OpenStreams {
  readonly #counts = new Map<number, number>()
  readonly #share: Share
  #open = 0

  constructor(share: Share) {
    this.#share = share
  }

  /** Throws `overloaded` where one more would be too many for the machine, `rate_limited` where it would be for the user. */
  assertRoom({ userId, via }: Principal): void {
    const streamsMax = this.#share.streamsMax()
    if (this.#open >= streamsMax) {
      const message = `Expected at most ${streamsMax} open streams of events, for which there is memory, got one more. Try again later.`
      throw new KnowBotError('overloaded', message, { retryAfterS: RETRY_AFTER_S })
    }
    const perUserMax = Math.ceil(STREAMS_PER_USER_MAX / this.#share.webWorkers())
    if (via === 'bootstrap' || via === 'local' || (this.#counts.get(userId) ?? 0) < perUserMax) return
    const message = `Expected at most ${STREAMS_PER_USER_MAX} open streams of events, got one more. Close one, and try again.`
    throw new KnowBotError('rate_limited', message, { retryAfterS: RETRY_AFTER_S })
  }

  /** Counts one more; answers how to count it out again, which is to be called once. */
  enter({ userId }: Principal): () => void {
    this.#open += 1
    this.#counts.set(userId, (this.#counts.get(userId) ?? 0) + 1)
    return () => {
      this.#open -= 1
      const left = (this.#counts.get(userId) ?? 1) - 1
      if (left > 0) this.#counts.set(userId, left)
      else this.#counts.delete(userId)
    }
  }
}
