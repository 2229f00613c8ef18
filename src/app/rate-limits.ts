/**
 * How often one caller may ask: a bucket of tokens per user (all keys and sessions of one share it) and class, or per address
 * for who is nobody yet. The bootstrap key and the shell have none. In this process: several web workers multiply the rates.
 */
import { networkOf, type Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'
import { SECOND_MS } from '../lib/units.ts'

/** Tokens that may be spent at once, and how many come back in a second. */
export const RATES = {
  /** Costs nothing, or is what a machine asks of another all day. */
  free: undefined,
  /** Sign-in has brakes of its own; this one keeps the queue of hashes short. */
  'sign-in': { burst: 40, perSecond: 2 },
  read: { burst: 600, perSecond: 60 },
  write: { burst: 300, perSecond: 10 },
  upload: { burst: 500, perSecond: 5 },
  search: { burst: 200, perSecond: 20 },
  answer: { burst: 60, perSecond: 2 },
} as const satisfies Record<string, { burst: number; perSecond: number } | undefined>
export type RateClass = keyof typeof RATES

const BUCKETS_MAX = 20_000

export class RateLimits {
  readonly #now: () => number
  readonly #buckets = new Map<string, { tokens: number; filledAt: number }>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Throws `rate_limited`. */
  spend(rateClass: RateClass, principal: Principal | undefined, peer: string | undefined): void {
    const rate = RATES[rateClass]
    if (!rate || principal?.via === 'bootstrap' || principal?.via === 'local') return
    const key = `${rateClass} ${principal ? principal.userId : networkOf(peer)}`
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? { tokens: rate.burst, filledAt: now }
    bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.filledAt) / SECOND_MS) * rate.perSecond)
    bucket.filledAt = now
    if (bucket.tokens < 1) {
      const retryAfterS = Math.ceil((1 - bucket.tokens) / rate.perSecond)
      const message = `Expected at most ${rate.perSecond} requests of this kind a second, got more. Try again in ${retryAfterS} s.`
      throw new KnowBotError('rate_limited', message, { retryAfterS })
    }
    bucket.tokens--
    // At the end of the map: what was used last is forgotten last.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
  }
}
