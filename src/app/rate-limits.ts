/**
 * How often one caller may ask: a bucket of tokens per user (all keys and sessions of one share it) and class, or per address
 * for who is nobody yet. The bootstrap key and the shell have none.
 *
 * Several web workers tell each other a few times a second what was spent, and each takes it from its own bucket. What was spent in
 * between is owed: whoever is quicker than the messages waits the longer for it.
 */
import { randomUUID } from 'node:crypto'
import { networkOf, type Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'
import type { JsonValue } from '../lib/json.ts'
import type { Messages } from '../lib/messages.ts'
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
type Rate = { readonly burst: number; readonly perSecond: number }

const BUCKETS_MAX = 20_000
const SPENT = 'tokens-spent'
const TELL_EVERY_MS = 200
/** Of one message: 50 characters each as a rule, of the 64 K that one may have. */
const TOLD_MAX = 500

export interface RateLimitOptions {
  now?: () => number
  /** The other web workers, where there are any. */
  others?: { messages: Messages; areThere(): boolean }
}

interface Bucket {
  tokens: number
  filledAt: number
}

export class RateLimits {
  readonly #now: () => number
  readonly #others: RateLimitOptions['others']
  readonly #buckets = new Map<string, Bucket>()
  /** A message is heard by its sender too. */
  readonly #sender = randomUUID()
  #untold = new Map<string, number>()

  constructor({ now = () => performance.now(), others }: RateLimitOptions = {}) {
    this.#now = now
    this.#others = others
    others?.messages.subscribe(SPENT, (data) => {
      const { sender, spent } = readSpent(data)
      if (sender !== this.#sender) for (const [key, tokens] of spent) this.#owe(key, tokens)
    })
  }

  /** Throws `rate_limited`. */
  spend(rateClass: RateClass, principal: Principal | undefined, peer: string | undefined): void {
    const rate = RATES[rateClass]
    if (!rate || principal?.via === 'bootstrap' || principal?.via === 'local') return
    const key = `${rateClass} ${principal ? principal.userId : networkOf(peer)}`
    const bucket = this.#fill(key, rate)
    if (bucket.tokens < 1) {
      const retryAfterS = Math.ceil((1 - bucket.tokens) / rate.perSecond)
      const message = `Expected at most ${rate.perSecond} requests of this kind a second, got more. Try again in ${retryAfterS} s.`
      throw new KnowBotError('rate_limited', message, { retryAfterS })
    }
    bucket.tokens--
    this.#tell(key)
  }

  #fill(key: string, { burst, perSecond }: Rate): Bucket {
    const now = this.#now()
    const { tokens, filledAt } = this.#buckets.get(key) ?? { tokens: burst, filledAt: now }
    const bucket = { tokens: Math.min(burst, tokens + ((now - filledAt) / SECOND_MS) * perSecond), filledAt: now }
    // At the end of the map: what was used last is forgotten last.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
    return bucket
  }

  /** At most a burst: what was spent long ago by many at once must not lock anybody out for long. */
  #owe(key: string, spent: number): void {
    const rate = RATES[key.split(' ', 1)[0] as RateClass] as Rate | undefined
    if (!rate) return
    const bucket = this.#fill(key, rate)
    bucket.tokens = Math.max(-rate.burst, bucket.tokens - spent)
  }

  #tell(key: string): void {
    if (!this.#others?.areThere()) return
    if (this.#untold.size === 0) setTimeout(() => this.tellOthers(), TELL_EVERY_MS).unref()
    if (this.#untold.size < TOLD_MAX || this.#untold.has(key)) this.#untold.set(key, (this.#untold.get(key) ?? 0) + 1)
  }

  /** What was spent here since the last time. Happens by itself. */
  tellOthers(): void {
    const spent = [...this.#untold]
    this.#untold = new Map()
    if (spent.length > 0) this.#others?.messages.publish(SPENT, { sender: this.#sender, spent })
  }
}

/** From another process of ours, which may be of another version. */
function readSpent(data: JsonValue): { sender: JsonValue; spent: [key: string, tokens: number][] } {
  const { sender = null, spent } = (data ?? {}) as { sender?: JsonValue; spent?: JsonValue }
  const pairs = Array.isArray(spent) ? spent.filter(Array.isArray) : []
  const isMeant = (pair: JsonValue[]): pair is [string, number] =>
    typeof pair[0] === 'string' && Number.isSafeInteger(pair[1])
  return { sender, spent: pairs.filter(isMeant) }
}
