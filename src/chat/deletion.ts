/**
 * Chats that are deleted: gone from every list and route at once, brought back for ten minutes, and then purged with all that was
 * said in them. Whichever process deleted last looks again when the time is over; one that begins to serve looks too.
 */
import { KnowBotError } from '../errors.ts'
import type { Log } from '../lib/log.ts'
import { MINUTE_MS } from '../lib/units.ts'
import type { Database, Reader, Transaction } from '../storage.ts'
import { getChat } from './chats.ts'
import type { Asker } from './scope.ts'

/** How long a deleted chat can be brought back. */
const UNDO_MS = 10 * MINUTE_MS
/** In one transaction: a chat may hold thousands of messages. */
const PURGED_AT_ONCE = 20

export interface Deletion {
  /** With `now` nothing is kept to restore. */
  remove(asker: Asker, chatId: string, options: { now: boolean }): Promise<void>
  /** All chats of the asker; answers how many. */
  removeAll(asker: Asker): Promise<number>
  /** Throws `not_found` for what is not deleted, or too long ago. */
  restore(asker: Asker, chatId: string): Promise<void>
  /** All that were deleted within the last ten minutes; answers how many. */
  restoreAll(asker: Asker): Promise<number>
  /** Purges what is due, and looks again when more will be. */
  purge(): Promise<void>
  close(): void
}

export interface DeletionServices {
  database: Database
  log: Log
  /** Ends an answer that is being written. */
  stop(stream: string): void
  /** Unix milliseconds. */
  now?: () => number
}

export function openDeletion({ database, log, stop, now = Date.now }: DeletionServices): Deletion {
  let timer: NodeJS.Timeout | undefined

  const purge = async () => {
    clearTimeout(timer)
    while ((await database.write((tx) => purgeSome(tx, now() - UNDO_MS))) === PURGED_AT_ONCE);
    const next = nextDeletedAt(database)
    if (next === undefined) return
    timer = setTimeout(() => void purgeQuietly(), Math.max(0, next + UNDO_MS - now()) + 1)
    timer.unref()
  }
  const purgeQuietly = () => purge().catch((error: unknown) => log.warn('chats-not-purged', { error: error as Error }))

  const stopIn = (reader: Reader, chatRowIds: readonly number[]) => {
    for (const stream of streamsIn(reader, chatRowIds)) stop(stream)
  }

  return {
    async remove(asker, chatId, options) {
      await database.write((tx) => {
        const { rowId } = getChat(tx, asker, chatId)
        stopIn(tx, [rowId])
        // Time enough gone by already: the next purge takes it.
        markDeleted(tx, [rowId], options.now ? now() - UNDO_MS : now())
      })
      if (options.now) await purge()
      else void purgeQuietly()
    },
    async removeAll(asker) {
      const count = await database.write((tx) => {
        const rowIds = chatsOf(tx, asker)
        stopIn(tx, rowIds)
        markDeleted(tx, rowIds, now())
        return rowIds.length
      })
      void purgeQuietly()
      return count
    },
    async restore(asker, chatId) {
      const count = await database.write((tx) => unmark(tx, asker, now() - UNDO_MS, chatId))
      if (count === 0)
        throw new KnowBotError('not_found', `There is no deleted chat ${chatId} to bring back, or it is not yours.`)
    },
    restoreAll: (asker) => database.write((tx) => unmark(tx, asker, now() - UNDO_MS)),
    purge,
    close: () => clearTimeout(timer),
  }
}

function chatsOf(reader: Reader, { userId }: Asker): number[] {
  const rows = reader.all<{ id: number }>('SELECT id FROM chats WHERE owner_id = ? AND deleted_at IS NULL', userId)
  return rows.map(({ id }) => id)
}

function streamsIn(reader: Reader, chatRowIds: readonly number[]): string[] {
  const rows = reader.all<{ stream: string }>(
    `SELECT stream FROM messages WHERE state = 'writing' AND chat_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(chatRowIds),
  )
  return rows.map(({ stream }) => stream)
}

function markDeleted(tx: Transaction, chatRowIds: readonly number[], at: number): void {
  tx.run(
    'UPDATE chats SET deleted_at = ? WHERE id IN (SELECT value FROM json_each(?))',
    ...[at, JSON.stringify(chatRowIds)],
  )
}

function unmark(tx: Transaction, { userId }: Asker, since: number, chatId: string | null = null): number {
  return tx.run(
    `UPDATE chats SET deleted_at = NULL
     WHERE owner_id = ?1 AND deleted_at > ?2 AND (?3 IS NULL OR public_id = ?3)`,
    ...[userId, since, chatId],
  ).changes
}

/** Answers how many chats went, with their messages and what is kept of their streams. */
function purgeSome(tx: Transaction, until: number): number {
  const rows = tx.all<{ id: number }>(
    'SELECT id FROM chats WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ?',
    ...[until, PURGED_AT_ONCE],
  )
  const ids = JSON.stringify(rows.map(({ id }) => id))
  tx.run(
    `DELETE FROM journal WHERE stream IN
       (SELECT stream FROM messages WHERE chat_id IN (SELECT value FROM json_each(?)) AND stream IS NOT NULL)`,
    ids,
  )
  tx.run('DELETE FROM chats WHERE id IN (SELECT value FROM json_each(?))', ids)
  return rows.length
}

function nextDeletedAt(reader: Reader): number | undefined {
  return (
    reader.get<{ at: number | null }>('SELECT min(deleted_at) AS at FROM chats WHERE deleted_at IS NOT NULL')?.at ??
    undefined
  )
}
