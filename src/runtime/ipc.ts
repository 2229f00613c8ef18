/** What the supervisor and its children say to each other: small JSON messages. Data goes through the application's database. */
import type { ChildProcess, Serializable } from 'node:child_process'
import type { JsonValue } from '../lib/json.ts'
import type { Condition, MemoryWish, WorkAnnouncement, WorkerLimits } from '../runtime.ts'

export type Role = 'web' | 'job' | 'caretaker'

export type ToChild =
  | { type: 'start'; role: Role; slot: number; labels: readonly string[]; limits: WorkerLimits; condition: Condition }
  | { type: 'condition'; condition: Condition }
  | { type: 'message'; topic: string; data: JsonValue }
  | { type: 'answer'; call: number; value: JsonValue }
  /** See chaos.ts. */
  | { type: 'accident'; accident: 'hang' | 'hog' }
  /** Serve what is open and then exit. */
  | { type: 'drain'; timeoutMs: number }
  /** The log files have been moved away. */
  | { type: 'reopen' }

/** Once a second, from the event loop that serves. */
export type Beat = {
  type: 'beat'
  open: number
  connections: number
  requests: number
  /** Answers by class of status: 1xx … 5xx. */
  answers: readonly number[]
  /** Refused for want of room. */
  refused: number
  /** Sum over all answers. */
  seconds: number
  /** Delay of the event loop since the last beat, in ms. */
  lagP99Ms: number
  heapBytes: number
  /** Method and path of what has been open longest. */
  inFlight: readonly string[]
}

export type FromChild =
  | { type: 'ready' }
  | Beat
  | { type: 'publish'; topic: string; data: JsonValue }
  | ({ type: 'work' } & WorkAnnouncement)
  | { type: 'call'; call: number; command: 'status' | 'metrics' }
  /** Answered with a `MemoryReply`, perhaps much later. */
  | ({ type: 'memory'; call: number } & MemoryWish)
  | { type: 'release'; grant: number }
  /** Why nothing may be written, as this child sees it. */
  | { type: 'read-only'; why: string | null }
  /** Has served what it should, or may hold a broken state: wants a successor. */
  | { type: 'recycle'; reason: string }
  /** Somebody else than the supervisor has asked it to end, and it will. */
  | { type: 'told-to-end' }
  /** The last words before exit. */
  | { type: 'failed'; phase: 'boot' | 'run'; message: string; stack: string }

/** A type, not an interface: only those are JSON values to the compiler. */
export type MemoryReply =
  | { readonly grant: number; readonly bytes: number }
  | { readonly neededBytes: number; readonly mostBytes: number }

/** Of one published message, as JSON. */
export const MESSAGE_CHARS_MAX = 65_536

const FROM_CHILD: Record<FromChild['type'], true> = {
  ready: true,
  beat: true,
  publish: true,
  work: true,
  call: true,
  memory: true,
  release: true,
  'read-only': true,
  recycle: true,
  'told-to-end': true,
  failed: true,
}

/** A child runs foreign code, which may say anything on the channel: what is not a message of ours is ignored. */
export function isFromChild(message: unknown): message is FromChild {
  if (typeof message !== 'object' || message === null) return false
  const { type } = message as { type?: unknown }
  return typeof type === 'string' && Object.hasOwn(FROM_CHILD, type)
}

/** Sends if the channel stands. A channel that has just closed is no error: the exit event tells the rest. */
export function sendTo(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message as unknown as Serializable, () => undefined)
}
