/** Brings a data folder to the schema of this program, in a process of its own and before anybody else opens it. */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KnowBotError } from '../errors.ts'
import { sql as initial } from './migrations/0001-initial.ts'
import { sql as chats } from './migrations/0002-chats.ts'
import { sql as feedback } from './migrations/0003-feedback.ts'
import { sql as edits } from './migrations/0004-edits.ts'
import { sql as keptTurns } from './migrations/0005-kept-turns.ts'
import { sql as personas } from './migrations/0006-personas.ts'
import { sql as chatSearch } from './migrations/0007-chat-search.ts'
import { sql as vectors } from './migrations/0008-vectors.ts'
import { sql as pageDigests } from './migrations/0009-page-digests.ts'
import { sql as hindrances } from './migrations/0010-hindrances.ts'
import { sql as tokenUsage } from './migrations/0011-token-usage.ts'
import { sql as pinnedTests } from './migrations/0012-pinned-tests.ts'
import { sql as memoryEstimates } from './migrations/0013-memory-estimates.ts'
import { sql as merging } from './migrations/0014-merging.ts'
import { translate } from './sqlite-errors.ts'

/** In order; the version of a database is how many of them it has. Never edited once released. */
const MIGRATIONS: readonly string[] = [
  initial,
  chats,
  feedback,
  edits,
  keptTurns,
  personas,
  chatSearch,
  vectors,
  pageDigests,
  hindrances,
  tokenUsage,
  pinnedTests,
  memoryEstimates,
  merging,
]

/** The schema that this program writes. */
export const SCHEMA = MIGRATIONS.length

export const DATABASE_FILE = 'knowbot.sqlite'

/**
 * Makes the folder and the database where they are missing and applies what is new, each migration in one transaction.
 * Throws `storage_newer` when the folder was written by a newer program: then nothing is touched.
 */
export function migrate(folder: string): { from: number; to: number } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, DATABASE_FILE)
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined
  // The folder may be a volume that others can look into; SQLite gives its other files the rights of this one.
  if (isNew) closeSync(openSync(path, 'a', 0o600))
  const connection = new DatabaseSync(path, { timeout: 5000 })
  try {
    return translate(() => upgrade(connection, folder, isNew))
  } finally {
    connection.close()
  }
}

function upgrade(connection: DatabaseSync, folder: string, isNew: boolean): { from: number; to: number } {
  if (isNew) connection.exec('PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;')
  const from = (connection.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  if (from > MIGRATIONS.length) throw newerFolder(folder, from)
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
  for (let version = from; version < MIGRATIONS.length; version++) {
    connection.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]} PRAGMA user_version = ${version + 1}; COMMIT;`)
  }
  // Whatever a killed server left in the log goes into the file now, while nobody reads.
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  return { from, to: MIGRATIONS.length }
}

function newerFolder(folder: string, version: number): KnowBotError {
  const message = `The data folder ${folder} has schema ${version}, this program knows up to ${MIGRATIONS.length}. Start the newer version, or restore a backup made before the upgrade.`
  return new KnowBotError('storage_newer', message)
}
