/** Tokens of models by person and day (UTC), and how many there may be. Counted in the database, so that all workers know. */
import { DAY_MS } from '../lib/units.ts'
import type { Database } from '../storage.ts'

export interface TokenBudget {
  today(userId: number): TokensToday
  spend(userId: number, tokens: { inputTokens: number; outputTokens: number }): Promise<void>
}

export interface TokensToday {
  used: number
  /** Null where there is no limit. */
  perDay: number | null
  /** Unix milliseconds. */
  resetsAt: number
}

/** What was spent is of interest for a while, and then nobody's business. */
const DAYS_KEPT = 90

export function openTokenBudget(database: Database, perDay: number, now: () => number = Date.now): TokenBudget {
  return {
    today(userId) {
      const day = Math.floor(now() / DAY_MS)
      const row = database.get<{ used: number }>(
        'SELECT input_tokens + output_tokens AS used FROM token_usage WHERE owner_id = ? AND day = ?',
        ...[userId, day],
      )
      return { used: row?.used ?? 0, perDay: perDay === 0 ? null : perDay, resetsAt: (day + 1) * DAY_MS }
    },
    async spend(userId, { inputTokens, outputTokens }) {
      const day = Math.floor(now() / DAY_MS)
      await database.write((tx) => {
        tx.run('DELETE FROM token_usage WHERE owner_id = ? AND day < ?', userId, day - DAYS_KEPT)
        tx.run(
          `INSERT INTO token_usage (owner_id, day, input_tokens, output_tokens) VALUES (?, ?, ?, ?)
           ON CONFLICT (owner_id, day) DO UPDATE SET
             input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens`,
          ...[userId, day, inputTokens, outputTokens],
        )
      })
    },
  }
}
