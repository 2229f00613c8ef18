/** Errors of SQLite (sqlite.org/rescode.html) as ours. */
import { KnowBotError } from '../errors.ts'

// Primary result codes of SQLite; extended codes carry more in the higher bits.
const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_FULL = 13
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26
// The shared-memory file could not grow: that is a full disk too.
const SQLITE_IOERR_SHMSIZE = SQLITE_IOERR | (19 << 8)

/** What SQLite says, in our codes where we have one for it. */
export function translate<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translated(error)
  }
}

export function translated(error: unknown): unknown {
  const extended = (error as { errcode?: number }).errcode
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return busy('The database is locked by another process.', error)
    case SQLITE_FULL:
      return diskFull(error)
    case SQLITE_IOERR:
      if (extended === SQLITE_IOERR_SHMSIZE) return diskFull(error)
      return new KnowBotError('storage_damaged', 'The disk of the data folder reports errors.', { cause: error })
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new KnowBotError('storage_damaged', 'The database file is damaged. Restore it from a backup.', {
        cause: error,
      })
    default:
      return error
  }
}

function diskFull(cause: unknown): KnowBotError {
  const message = 'The disk of the data folder is full. Free some space or delete documents.'
  return new KnowBotError('disk_full', message, { cause })
}

export function busy(what: string, cause?: unknown): KnowBotError {
  return new KnowBotError('storage_busy', `${what} Try again in a moment.`, { cause, retryAfterS: 2 })
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY
}

function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? undefined : code & 0xff
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof KnowBotError && error.code === code
}
