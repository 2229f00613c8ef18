/** What the model of one turn costs, for whoever asked: as its server counts it, or estimated where it does not. */
import type { ChatMessage, ChatModel, Usage } from '../inference.ts'
import { appended } from '../lib/flat.ts'
import { HOUR_MS, SECOND_MS } from '../lib/units.ts'
import { estimateTokens } from './context.ts'
import type { AnswerEvent } from './events.ts'

/** The budget of models fits. */
export interface Tokens {
  today(userId: number): { used: number; perDay: number | null; resetsAt: number }
  spend(userId: number, usage: Usage): void
}

/** Why nothing more is written for this person today; undefined where something is left. One answer may go beyond. */
export function tokensSpent(tokens: Tokens, userId: number): AnswerEvent | undefined {
  const { used, perDay, resetsAt } = tokens.today(userId)
  if (perDay === null || used < perDay) return undefined
  const leftMs = Math.max(0, resetsAt - Date.now())
  const when = new Date(resetsAt).toISOString().slice(0, 16).replace('T', ' ')
  const hours = Math.ceil(leftMs / HOUR_MS)
  const message = `Expected at most ${perDay} tokens of a model today, and ${used} are spent. Quotes answer until ${when} UTC, in ${hours === 1 ? 'an hour' : `${hours} hours`} at most.`
  return { type: 'error', code: 'tokens_spent', message, retryAfterS: Math.ceil(leftMs / SECOND_MS) }
}

/** So much text is counted at once; a piece alone would be counted up to the next whole token. */
const COUNTED_LENGTH = 500

/** Tells what a model writes, and resolves at its end. */
export type Write = ChatModel['write']

/** The same; what it costs is counted before its last word is passed on as the last. */
export function metered(write: Write, spend: (usage: Usage) => void): Write {
  return async (messages, tell, signal) => {
    let written = ''
    let outputTokens = 0
    let usage: Usage | undefined
    try {
      usage = await write(
        messages,
        (text) => {
          written = appended(written, text)
          if (written.length > COUNTED_LENGTH) {
            outputTokens += estimateTokens(written)
            written = ''
          }
          tell(text)
        },
        signal,
      )
      return usage
    } finally {
      outputTokens += estimateTokens(written)
      // A model that never said a word has cost nothing that anybody could know.
      if (usage || outputTokens > 0) spend(usage ?? { inputTokens: inputTokensOf(messages()), outputTokens })
    }
  }
}

function inputTokensOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), 0)
}
