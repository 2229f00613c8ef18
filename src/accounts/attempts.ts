/**
 * Brakes on guessing. Every failed sign-in costs a token of two buckets: that of the account from this address, which is
 * small and fills ever more slowly, and that of the address, whatever accounts it tries. Nobody is locked out for good, and
 * nobody can lock out somebody else from another address. The buckets live in this process: several web workers multiply
 * what may be tried, which costs a bit or two of the password.
 */
import { isIPv6 } from 'node:net'
import { KnowBotError } from '../errors.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/units.ts'

interface Rule {
  /** Failures that may follow each other at once. */
  tokens: number
  /** One token comes back in this time; doubled with each failure beyond `tokens`, up to `refillMsMax`. */
  refillMs: number
  refillMsMax: number
}

const ACCOUNT_FROM_ADDRESS: Rule = { tokens: 10, refillMs: 5 * SECOND_MS, refillMsMax: 15 * MINUTE_MS }
const ADDRESS: Rule = { tokens: 60, refillMs: 5 * SECOND_MS, refillMsMax: 5 * SECOND_MS }
/** Beyond this the bucket that was used longest ago is forgotten: 100 bytes each. */
const BUCKETS_MAX = 20_000
/** After so long without a failure nothing is remembered. */
const MEMORY_MS = 6 * HOUR_MS

interface Bucket {
  tokens: number
  filledAt: number
  /** In a row. */
  failures: number
}

export class Attempts {
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Before anything is checked: throws `rate_limited` while a bucket is empty. Then say how it went. */
  begin(account: string, peer: string | undefined): { failed(): void; succeeded(): void } {
    const address = networkOf(peer)
    const ofAccount = `${account.normalize('NFKC').toLowerCase()} ${address}`
    const waitMs = Math.max(this.#waitMs(ofAccount, ACCOUNT_FROM_ADDRESS), this.#waitMs(address, ADDRESS))
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / SECOND_MS)
      const message = `Too many attempts failed. Try again in ${retryAfterS} s.`
      throw new KnowBotError('rate_limited', message, { retryAfterS })
    }
    return {
      // Attempts that ran side by side may bring a bucket below zero: it has to fill from there.
      failed: () => {
        this.#take(ofAccount, ACCOUNT_FROM_ADDRESS)
        this.#take(address, ADDRESS)
      },
      succeeded: () => void this.#buckets.delete(ofAccount),
    }
  }

  #waitMs(key: string, rule: Rule): number {
    const bucket = this.#fill(key, rule)
    if (!bucket || bucket.tokens >= 1) return 0
    return Math.max(1, bucket.filledAt + refillMs(rule, bucket) * (1 - bucket.tokens) - this.#now())
  }

  #take(key: string, rule: Rule): void {
    const bucket = this.#fill(key, rule) ?? { tokens: rule.tokens, filledAt: this.#now(), failures: 0 }
    bucket.tokens--
    bucket.failures++
    // At the end of the map: what was used last is forgotten last.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
  }

  #fill(key: string, rule: Rule): Bucket | undefined {
    const bucket = this.#buckets.get(key)
    if (!bucket) return undefined
    const now = this.#now()
    if (now - bucket.filledAt > MEMORY_MS) {
      this.#buckets.delete(key)
      return undefined
    }
    const more = Math.floor((now - bucket.filledAt) / refillMs(rule, bucket))
    if (more > 0) {
      bucket.tokens = Math.min(rule.tokens, bucket.tokens + more)
      bucket.filledAt = now
    }
    return bucket
  }
}

function refillMs({ tokens, refillMs, refillMsMax }: Rule, { failures }: Bucket): number {
  return Math.min(refillMsMax, refillMs * 2 ** Math.max(0, failures - tokens))
}

/** Who owns one IPv6 address owns its /64. A mapped IPv4 address is that address; a peer without one came over a local socket. */
export function networkOf(peer: string | undefined): string {
  if (peer === undefined || peer === '') return 'local'
  const address = peer.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  if (!isIPv6(address)) return address
  const [before, after] = address.toLowerCase().split('::')
  const left = before === '' ? [] : before!.split(':')
  // What stands behind `::` is counted from the right; an IPv4 tail is two groups.
  const right = after ? after.split(':').flatMap((group) => (group.includes('.') ? ['', ''] : [group])) : []
  const zeros = after === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
