/** Why a child ended: one record per death, with its cause and the evidence for it. */
import type { JsonValue } from '../lib/json.ts'
import type { Child, ChildEnd } from './child.ts'

export type Cause =
  /** Asked to, and did. */
  | 'drained'
  /** A job worker that found nothing more to do. */
  | 'done'
  | 'drain-timeout'
  | 'hang'
  | 'boot-timeout'
  | 'boot-failure'
  | 'memory-mark'
  /** The kernel's killer, by the counter of the cgroup. */
  | 'oom-kernel'
  /** V8's own limit. */
  | 'oom-heap'
  | 'exception'
  | 'exit'
  /** A signal that was not ours; with TERM it ended what was open. */
  | 'signal'
  | 'quick-stop'
  | 'not-started'

export type Death = {
  readonly time: string
  readonly role: string
  readonly slot: number
  readonly pid: number
  readonly ageMs: number
  readonly cause: Cause
  readonly message: string | null
  readonly exitCode: number | null
  readonly signal: string | null
  /** JavaScript of the hung thread, or of the exception. */
  readonly stack: string | null
  readonly peakBytes: number
  readonly openRequests: number
  /** Of what was open, oldest first, as far as the child told: method and path. */
  readonly inFlight: readonly string[]
  readonly oomKills: number
}

/** How we asked for the end of a child. */
export type Reason = Extract<
  Cause,
  'drained' | 'drain-timeout' | 'hang' | 'boot-timeout' | 'memory-mark' | 'signal' | 'quick-stop'
>

export function describeDeath(child: Child, end: ChildEnd, oomKills: number): Death {
  return {
    time: new Date().toISOString(),
    role: child.role,
    slot: child.slot,
    pid: child.pid,
    ageMs: Math.round(child.ageMs),
    cause: causeOf(child, end, oomKills),
    message: child.failure?.message ?? child.evidence ?? null,
    exitCode: end.exitCode,
    signal: end.signal,
    stack: child.stack ?? child.failure?.stack ?? null,
    peakBytes: child.peakBytes,
    openRequests: child.openRequests,
    inFlight: child.inFlight,
    oomKills,
  }
}

function causeOf(child: Child, { exitCode, signal }: ChildEnd, oomKills: number): Cause {
  const { pid, endedFor, failure, role, hasServed } = child
  if (pid === 0) return 'not-started'
  if (failure) return failure.phase === 'boot' ? 'boot-failure' : 'exception'
  if (endedFor) return endedFor
  if (signal === 'SIGKILL' && oomKills > 0) return 'oom-kernel'
  // V8 aborts when its heap is full; nobody else aborts a Node process that serves, as a rule. One that boots aborts where the
  // kernel starts no thread for it.
  if (signal === 'SIGABRT' || exitCode === 134) return hasServed ? 'oom-heap' : 'boot-failure'
  if (signal) return 'signal'
  return role === 'job' && exitCode === 0 ? 'done' : 'exit'
}

/** Whether the child itself is to blame: such deaths are counted, and slow down what follows. */
export function isCrash(cause: Cause): boolean {
  const BLAMELESS: readonly Cause[] = ['drained', 'done', 'signal', 'quick-stop', 'memory-mark', 'drain-timeout']
  return !BLAMELESS.includes(cause)
}

export function isExpected(cause: Cause): boolean {
  return cause === 'drained' || cause === 'done' || cause === 'quick-stop'
}

export function asFields(death: Death): Record<string, JsonValue | undefined> {
  return Object.fromEntries(Object.entries(death).filter(([name, value]) => name !== 'time' && value !== null))
}
