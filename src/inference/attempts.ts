/**
 * One question to a model, in up to three attempts. Tried again is only what may pass (a rate limit, a failure inside, nobody
 * there), only before the first token, because what was shown cannot be taken back, and only while a reader would wait.
 */
import type { ChatMessage } from '../inference.ts'
import { SECOND_MS } from '../lib/units.ts'
import type { Circuit } from './circuit.ts'
import type { Clock } from './clock.ts'
import { ModelError } from './model-error.ts'
import type { Pace } from './pace.ts'
import type { ModelServer } from './request.ts'
import { streamAnswer } from './stream-answer.ts'
import type { Usage } from './wire-format.ts'

/** Before the second and the third attempt. */
const BACK_OFF_MS = [300, 1000] as const
/** From the question on, later there is no other attempt: the reader has the quotes within about 3 s. */
const ATTEMPTS_MS_MAX = 2500

export interface Care {
  circuit: Circuit
  clock: Clock
  pace: Pace
}

export async function answerWithCare(
  server: ModelServer,
  { circuit, clock, pace }: Care,
  messages: () => readonly ChatMessage[],
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<Usage | undefined> {
  signal.throwIfAborted()
  using passage = circuit.enter()
  const startedMs = clock.nowMs()
  const timeoutMs = server.timeoutS * SECOND_MS
  let hasBegun = false
  const onFirstToken = () => {
    if (!hasBegun) passage.began()
    hasBegun = true
  }
  for (let attempts = 1; ; attempts++) {
    try {
      const firstTokenMs = timeoutMs - (clock.nowMs() - startedMs)
      const usage = await streamAnswer(server, messages, { firstTokenMs, onFirstToken, pace }, tell, signal)
      passage.ended()
      return usage
    } catch (error) {
      const leftMs = Math.min(ATTEMPTS_MS_MAX, timeoutMs) - (clock.nowMs() - startedMs)
      const waitMs = hasBegun || signal.aborted ? undefined : waitBefore(attempts, error)
      if (waitMs === undefined || waitMs >= leftMs) {
        if (!signal.aborted) passage.failed(error)
        throw error
      }
      await clock.wait(waitMs, signal)
    }
  }
}

/** Undefined where another attempt makes no sense. */
function waitBefore(attempts: number, error: unknown): number | undefined {
  const backOffMs = BACK_OFF_MS[attempts - 1]
  if (backOffMs === undefined || !(error instanceof ModelError) || error.trouble !== 'passing') return undefined
  // Not all at the same moment: many questions may have failed together.
  const spreadMs = backOffMs * (0.75 + Math.random() / 4)
  return Math.max(spreadMs, (error.retryAfterS ?? 0) * SECOND_MS)
}
