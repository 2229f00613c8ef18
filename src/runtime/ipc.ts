/** What the supervisor and its children say to each other: small JSON messages. Data goes through the application's database. */
import type { ChildProcess, Serializable } from 'node:child_process'
import type { JsonValue } from '../lib/json.ts'
import type { WorkAnnouncement, WorkerLimits } from '../runtime.ts'

export type ToChild =
  | { type: 'start'; role: 'web' | 'job'; slot: number; labels: readonly string[]; limits: WorkerLimits }
  | { type: 'message'; topic: string; data: JsonValue }
  | { type: 'status'; call: number; status: JsonValue }
  /** Serve what is open and then exit. */
  | { type: 'drain'; timeoutMs: number }

export type FromChild =
  | { type: 'ready' }
  /** Once a second, from the event loop that serves. */
  | { type: 'beat'; open: number; requests: number }
  | { type: 'publish'; topic: string; data: JsonValue }
  | ({ type: 'work' } & WorkAnnouncement)
  | { type: 'status'; call: number }
  /** The last words before exit. */
  | { type: 'failed'; phase: 'boot' | 'run'; message: string; stack: string }

/** Of one published message, as JSON. */
export const MESSAGE_CHARS_MAX = 65_536

const FROM_CHILD: Record<FromChild['type'], true> = {
  ready: true,
  beat: true,
  publish: true,
  work: true,
  status: true,
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
