/**
 * Tokens of models by person and day (UTC), and how many there may be. Counted in the database, so that all workers know, but
 * not before the answer may end: people would wait for a disk, and go on all at once when it has written.
 */
import type { Log } from '../lib/log.ts'
import { DAY_MS, SECOND_MS } from '../lib/units.ts'
import type { Database } from '../storage.ts'

export interface TokenBudget extends AsyncDisposable {
  today(userId: number): TokensToday
  /** Counts at once in this process, within a second in the others. A process that is killed forgets its last second. */
  spend(userId: number, tokens: Tokens): void
}

export interface Tokens {
  inputTokens: number
  outputTokens: number
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
const WRITE_EVERY_MS = SECOND_MS

export interface TokenBudgetDeps {
  database: Database
  log: Log
  /** 0 for as many as anybody likes. */
  perDay: number
  now?: () => number
}

export function openTokenBudget({ database, log, perDay, now = Date.now }: TokenBudgetDeps): TokenBudget {
  const unwritten = new Map<number, Tokens>()
  let timer: NodeJS.Timeout | undefined

  const write = async () => {
    clearTimeout(timer)
    timer = undefined
    if (unwritten.size === 0) return
    const counts = [...unwritten]
    const day = Math.floor(now() / DAY_MS)
    await database.write((tx) => {
      for (const [userId, { inputTokens, outputTokens }] of counts) {
        tx.run('DELETE FROM token_usage WHERE owner_id = ? AND day < ?', userId, day - DAYS_KEPT)
        tx.run(
          `INSERT INTO token_usage (owner_id, day, input_tokens, output_tokens) VALUES (?, ?, ?, ?)
           ON CONFLICT (owner_id, day) DO UPDATE SET
             input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens`,
          ...[userId, day, inputTokens, outputTokens],
        )
      }
    })
    for (const [userId, counted] of counts)
      add(userId, { inputTokens: -counted.inputTokens, outputTokens: -counted.outputTokens })
  }
  const writeLater = () => {
    timer ??= setTimeout(() => {
      write().catch((error: Error) => {
        // Still counted here; tried again with what is spent next.
        log.warn('tokens-not-written', { error })
      })
    }, WRITE_EVERY_MS)
  }
  const add = (userId: number, { inputTokens, outputTokens }: Tokens) => {
    const before = unwritten.get(userId) ?? { inputTokens: 0, outputTokens: 0 }
    const sum = { inputTokens: before.inputTokens + inputTokens, outputTokens: before.outputTokens + outputTokens }
    if (sum.inputTokens === 0 && sum.outputTokens === 0) unwritten.delete(userId)
    else unwritten.set(userId, sum)
  }

  return {
    today(userId) {
      const day = Math.floor(now() / DAY_MS)
      const row = database.get<{ used: number }>(
        'SELECT input_tokens + output_tokens AS used FROM token_usage WHERE owner_id = ? AND day = ?',
        ...[userId, day],
      )
      const { inputTokens, outputTokens } = unwritten.get(userId) ?? { inputTokens: 0, outputTokens: 0 }
      const used = (row?.used ?? 0) + inputTokens + outputTokens
      return { used, perDay: perDay === 0 ? null : perDay, resetsAt: (day + 1) * DAY_MS }
    },
    spend(userId, tokens) {
      add(userId, tokens)
      writeLater()
    },
    [Symbol.asyncDispose]: write,
  }
}
