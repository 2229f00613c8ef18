/**
 * Who may hold how much of the memory that background work is allowed. Work asks before it begins, and holds a grant while it runs:
 *
 *   ask ──> run        all that it wants is free
 *       ├─> smaller    less than it wants is free, and enough to be of use
 *       ├─> wait       enough comes free when others end; looked at again at every change, oldest first
 *       │              (small work that somebody waits for is held by what the server has at all, and goes first)
 *       ├─> exclusive  more than background work is allowed, but nothing else runs and the rest of the server leaves as much
 *       └─> refuse     it would not fit if the rest of the server held no more than its share: the answer names what is needed and what there is
 *
 * Arithmetic only: what is measured is told, and who waits is called back. All sizes in bytes.
 */
import type { MemoryWish } from '../runtime.ts'

export interface Capacity {
  /** What all grants together may be, in ordinary times. */
  bytes: number
  /** What one grant alone may be: the rest of the server holds less than its share as a rule. */
  exclusiveBytes: number
  /** What one grant alone could be when web workers that hold more than their share for now do not any more. */
  quietBytes: number
}

export type Decision =
  | { kind: 'run' | 'smaller' | 'exclusive'; bytes: number }
  | { kind: 'wait'; neededBytes: number; freeBytes: number }
  | { kind: 'refuse'; neededBytes: number; mostBytes: number }

export function decide(wish: MemoryWish, capacity: Capacity, heldBytes: number): Decision {
  const { leastBytes, wantedBytes, isAwaited = false } = wish
  const mostBytes = Math.max(capacity.bytes, capacity.exclusiveBytes)
  const freeBytes = Math.max(0, (isAwaited ? mostBytes : capacity.bytes) - heldBytes)
  if (wantedBytes <= freeBytes) return { kind: 'run', bytes: wantedBytes }
  if (leastBytes <= freeBytes) return { kind: 'smaller', bytes: freeBytes }
  // Nobody sits and waits until others are served.
  const everBytes = isAwaited ? mostBytes : Math.max(mostBytes, capacity.quietBytes)
  if (leastBytes > everBytes) return { kind: 'refuse', neededBytes: leastBytes, mostBytes: everBytes }
  if (heldBytes > 0 || leastBytes > mostBytes) return { kind: 'wait', neededBytes: leastBytes, freeBytes }
  return { kind: 'exclusive', bytes: Math.min(wantedBytes, mostBytes) }
}

/** Smaller work goes first while larger work waits, but not for ever. */
const OVERTAKEN_MAX = 4
/** Each is a process that waits, as a rule; but children run foreign code, which may ask without end. */
const WAITING_MAX = 256
const DECISIONS_KEPT = 32

export interface Grant {
  readonly id: number
  readonly what: string
  readonly bytes: number
  readonly kind: 'run' | 'smaller' | 'exclusive'
}

/** Types, not interfaces: only those are JSON values to the compiler. */
export type LedgerStatus = {
  readonly capacityBytes: number
  readonly exclusiveBytes: number
  readonly heldBytes: number
  readonly grants: readonly { readonly what: string; readonly bytes: number; readonly kind: string }[]
  readonly waiting: readonly { readonly what: string; readonly neededBytes: number; readonly overtaken: number }[]
  /** Why nothing is granted for now. */
  readonly heldBack: string | null
  /** The latest last. */
  readonly decisions: readonly DecisionRecord[]
}

export type DecisionRecord = {
  readonly time: string
  readonly what: string
  readonly kind: Decision['kind']
  /** Of what was given, or would be needed. */
  readonly bytes: number
}

type Answer = (decision: { granted: Grant } | { refused: Extract<Decision, { kind: 'refuse' }> }) => void

interface Waiting {
  readonly holder: unknown
  readonly wish: MemoryWish
  readonly answer: Answer
  isNoted: boolean
  overtaken: number
}

export class Ledger {
  readonly #now: () => Date
  #capacity: Capacity
  readonly #grants = new Map<number, { holder: unknown; grant: Grant }>()
  #waiting: Waiting[] = []
  readonly #decisions: DecisionRecord[] = []
  #lastId = 0
  #heldBack: string | null = null

  constructor(capacity: Capacity, now: () => Date = () => new Date()) {
    this.#capacity = capacity
    this.#now = now
  }

  get heldBytes(): number {
    let sum = 0
    for (const { grant } of this.#grants.values()) sum += grant.bytes
    return sum
  }

  /** Called back at once, or when it fits, or never when the holder ends before. Where too many wait already it is refused. */
  ask(holder: unknown, wish: MemoryWish, answer: Answer): void {
    if (this.#waiting.length >= WAITING_MAX) {
      answer({ refused: { kind: 'refuse', neededBytes: wish.leastBytes, mostBytes: 0 } })
      return
    }
    this.#waiting.push({ holder, wish, answer, isNoted: false, overtaken: 0 })
    this.#look()
  }

  release(holder: unknown, id: number): void {
    if (this.#grants.get(id)?.holder !== holder) return
    this.#grants.delete(id)
    this.#look()
  }

  /** Whether it holds a grant. */
  isHolder(holder: unknown): boolean {
    return this.#grants.values().some((held) => held.holder === holder)
  }

  /** The holder is gone: what it held is free, and what it waited for is nobody's. */
  forget(holder: unknown): void {
    for (const [id, held] of this.#grants) if (held.holder === holder) this.#grants.delete(id)
    this.#waiting = this.#waiting.filter((waiting) => waiting.holder !== holder)
    this.#look()
  }

  /** The limit was moved, or the server holds more or less than before. What was granted stays granted. */
  resize(capacity: Capacity): void {
    this.#capacity = capacity
    this.#look()
  }

  /** With a reason nothing is granted until it is null again: who asks waits. What was granted stays granted. */
  hold(why: string | null): void {
    this.#heldBack = why
    this.#look()
  }

  status(): LedgerStatus {
    return {
      capacityBytes: this.#capacity.bytes,
      exclusiveBytes: this.#capacity.exclusiveBytes,
      heldBytes: this.heldBytes,
      grants: [...this.#grants.values()].map(({ grant: { what, bytes, kind } }) => ({ what, bytes, kind })),
      waiting: this.#waiting.map(({ wish: { what, leastBytes }, overtaken }) => ({
        what,
        neededBytes: leastBytes,
        overtaken,
      })),
      heldBack: this.#heldBack,
      decisions: this.#decisions,
    }
  }

  /** Everybody who waits, oldest first. Who has been overtaken often enough is waited for by all behind. */
  #look(): void {
    const isAwaited = ({ wish }: Waiting) => wish.isAwaited === true
    const inOrder = [...this.#waiting.filter(isAwaited), ...this.#waiting.filter((waiting) => !isAwaited(waiting))]
    for (const waiting of inOrder) {
      const decision = this.#decide(waiting.wish)
      if (decision.kind === 'wait') {
        if (!waiting.isNoted) this.#note(waiting.wish, 'wait', decision.neededBytes)
        waiting.isNoted = true
        if (waiting.overtaken >= OVERTAKEN_MAX) return
        continue
      }
      this.#settle(waiting, decision)
    }
  }

  #decide(wish: MemoryWish): Decision {
    const decision = decide(wish, this.#capacity, this.heldBytes)
    if (this.#heldBack === null || decision.kind === 'refuse') return decision
    return { kind: 'wait', neededBytes: wish.leastBytes, freeBytes: 0 }
  }

  #settle(waiting: Waiting, decision: Exclude<Decision, { kind: 'wait' }>): void {
    const place = this.#waiting.indexOf(waiting)
    this.#waiting.splice(place, 1)
    if (decision.kind === 'refuse') {
      this.#note(waiting.wish, 'refuse', decision.neededBytes)
      waiting.answer({ refused: decision })
      return
    }
    if (!waiting.wish.isAwaited) for (const before of this.#waiting.slice(0, place)) before.overtaken++
    this.#note(waiting.wish, decision.kind, decision.bytes)
    const grant: Grant = { id: ++this.#lastId, what: waiting.wish.what, bytes: decision.bytes, kind: decision.kind }
    this.#grants.set(grant.id, { holder: waiting.holder, grant })
    waiting.answer({ granted: grant })
  }

  #note({ what }: MemoryWish, kind: Decision['kind'], bytes: number): void {
    this.#decisions.push({ time: this.#now().toISOString(), what, kind, bytes })
    if (this.#decisions.length > DECISIONS_KEPT) this.#decisions.shift()
  }
}
