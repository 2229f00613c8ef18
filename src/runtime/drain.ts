/** The end of a child that is asked for: it ends what is open, and what is not done in time is killed. */
import type { Child, ChildEnd } from './child.ts'
import type { Reason } from './death.ts'

/** The child itself ends at the deadline; only one that does not is killed, a moment later. */
const KILL_AFTER_MS = 500

export async function drain(child: Child, timeoutMs: number, reason: Reason = 'drained'): Promise<ChildEnd> {
  if (child.phase === 'draining') return child.ended // Nobody is asked twice.
  if (child.phase !== 'ended') child.phase = 'draining'
  child.endedFor ??= reason
  child.send({ type: 'drain', timeoutMs })
  const timer = setTimeout(() => {
    child.endedFor = 'drain-timeout'
    child.kill('drain-timeout', `not done ${timeoutMs} ms after it was asked to end`)
  }, timeoutMs + KILL_AFTER_MS)
  const end = await child.ended
  clearTimeout(timer)
  return end
}
