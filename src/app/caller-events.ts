/** An answer of events to one caller: one of not too many, and only for as long as they may read it. */
import type { Principal } from '../accounts.ts'
import { SECOND_MS } from '../lib/units.ts'
import type { Caller } from './caller.ts'
import { type EventStreamOptions, eventStream } from './event-stream.ts'
import type { Call } from './route.ts'

export interface CallerEvents {
  events: EventStreamOptions['events']
  /** Ends the stream from our side. */
  until?: AbortSignal
  /** Whether the reader can come back for what follows: then the line is renewed before a proxy cuts it. */
  isResumable: boolean
  /** Whether what is told of is still there; asked now and then. */
  isThere?(): boolean
}

/** Throws `rate_limited` to who has too many open. */
export function streamToCaller(call: Call<Principal>, { events, until, isResumable, isThere }: CallerEvents): Response {
  // Of the call itself nothing is held: its request has a body and more.
  const { principal, caller, request, services, streams } = call
  const { heartbeatS, streamRenewS } = services.config
  streams.assertRoom(principal)
  return eventStream({
    events,
    heartbeatMs: heartbeatS * SECOND_MS,
    renewMs: isResumable ? streamRenewS * SECOND_MS : undefined,
    signal: until ? AbortSignal.any([request.signal, until]) : request.signal,
    isAllowed: async () => (isThere?.() ?? true) && (await isStillAllowed(caller, principal)),
    onEnd: streams.enter(principal),
  })
}

/** The same credential still opens the same collections. */
async function isStillAllowed(caller: Caller, principal: Principal): Promise<boolean> {
  const now = await caller.again()
  return (
    now !== undefined &&
    principal.readableCollections.every((id) => now.readableCollections.includes(id)) &&
    [...principal.scopes].every((scope) => now.scopes.has(scope))
  )
}
