/**
 * One SQLite connection: statements, and the rule by which it writes.
 *
 * A process that serves people never waits for a lock. `busy_timeout` is 0; `BEGIN IMMEDIATE` that meets another writer is
 * tried again by a timer (1 to 4 ms, at most 5 s, then `storage_busy`), so the event loop goes on meanwhile. All writes
 * asked for in one tick share one transaction, each in a savepoint of its own: one fsync for many answers, and a write that
 * throws undoes itself alone. Measured with 100 streams beside an indexing job: the loop stood still for up to 1.6 s with
 * `busy_timeout`, 8 to 9 ms with this rule.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { KnowBotError } from '../errors.ts'

export type SqlValue = SQLInputValue
export type Row = Record<string, unknown>

const BUSY_WAIT_MS_MAX = 5000
const STATEMENTS_MAX = 400
// Primary result codes of SQLite; extended codes carry more in the higher bits.
const SQLITE_BUSY = 5
const SQLITE_FULL = 13
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

export interface DatabaseOptions {
  /** `web` batches by tick and never checkpoints; `job` pauses after each write for as long as it held the lock. */
  role: 'web' | 'job'
  /** Called once when the disk is full: frees what was kept in reserve and says whether it could. */
  onFull?: () => boolean
}

/** What a change may do inside a transaction. Everything is synchronous: a transaction never spans an await. */
export interface Transaction {
  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number }
  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined
  all<T = Row>(sql: string, ...values: SqlValue[]): T[]
  iterate<T = Row>(sql: string, ...values: SqlValue[]): IterableIterator<T>
}

interface PendingWrite {
  change: (tx: Transaction) => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export class Database implements Transaction {
  readonly #connection: DatabaseSync
  readonly #options: DatabaseOptions
  readonly #statements = new Map<string, StatementSync>()
  #pending: PendingWrite[] = []
  #flushing: Promise<void> | undefined

  constructor(path: string, options: DatabaseOptions) {
    this.#options = options
    this.#connection = new DatabaseSync(path, { timeout: 0 })
    // The file is made WAL by the migration; asking again is free. FULL: what was acknowledged survives a power cut.
    this.#connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA cache_size = -8192;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA wal_autocheckpoint = 0;
    `)
  }

  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined {
    return translate(() => this.#prepare(sql).get(...values)) as T | undefined
  }

  all<T = Row>(sql: string, ...values: SqlValue[]): T[] {
    return translate(() => this.#prepare(sql).all(...values)) as T[]
  }

  /** Rows one by one. A statement of its own, so that two loops over one query do not reset each other. */
  iterate<T = Row>(sql: string, ...values: SqlValue[]): IterableIterator<T> {
    return translate(() => this.#connection.prepare(sql).iterate(...values)) as IterableIterator<T>
  }

  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number } {
    const result = translate(() => this.#prepare(sql).run(...values))
    return { changes: Number(result.changes), lastId: Number(result.lastInsertRowid) }
  }

  /** Several statements at once, for schemas and pragmas. */
  exec(sql: string): void {
    translate(() => this.#connection.exec(sql))
  }

  /**
   * Runs the change in a transaction and resolves once it is on disk. The change must not await.
   * Throws what the change threw, `storage_busy` after 5 s of a foreign lock, `disk_full` when there is no space.
   */
  write<T>(change: (tx: Transaction) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#pending.push({ change, resolve: resolve as (value: unknown) => void, reject })
    this.#flushing ??= this.#flush()
    return promise
  }

  /** Moves the write-ahead log into the database file as far as no reader is in the way. For job workers. */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE' = 'PASSIVE'): void {
    this.#connection.exec(`PRAGMA wal_checkpoint(${mode})`)
  }

  async close(): Promise<void> {
    await this.#flushing
    this.#statements.clear()
    this.#connection.close()
  }

  async #flush(): Promise<void> {
    // Whatever else this tick asks for joins the same transaction.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#pending.length > 0) {
      const batch = this.#pending
      this.#pending = []
      const startedAt = performance.now()
      await this.#commit(batch)
      if (this.#options.role === 'job') await sleep(Math.min(50, performance.now() - startedAt))
    }
    this.#flushing = undefined
  }

  async #commit(batch: PendingWrite[]): Promise<void> {
    const done: (() => void)[] = []
    try {
      await this.#begin()
      for (const write of batch) done.push(this.#apply(write))
      this.exec('COMMIT')
      for (const settle of done) settle()
    } catch (error) {
      // The transaction as a whole failed: nothing of it happened, so everybody is told.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      if (isCode(error, 'disk_full') && this.#options.onFull?.()) return this.#commit(batch)
      for (const write of batch) write.reject(error)
    }
  }

  /** Runs one change in its savepoint; answers what to call once the transaction is on disk. */
  #apply(write: PendingWrite): () => void {
    this.#connection.exec('SAVEPOINT one')
    try {
      const value = write.change(this)
      this.#connection.exec('RELEASE one')
      return () => write.resolve(value)
    } catch (error) {
      // A full disk or a damaged file ends the whole transaction: SQLite may have rolled back already.
      if (!this.#connection.isTransaction || isCode(error, 'disk_full')) throw error
      this.#connection.exec('ROLLBACK TO one; RELEASE one')
      return () => write.reject(error)
    }
  }

  async #begin(): Promise<void> {
    const deadline = performance.now() + BUSY_WAIT_MS_MAX
    for (;;) {
      try {
        this.#connection.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (resultCode(error) !== SQLITE_BUSY) throw translated(error)
        if (performance.now() > deadline) {
          const message = 'The database stayed locked by another process for 5 s. Try again in a moment.'
          throw new KnowBotError('storage_busy', message, { cause: error, retryAfterS: 2 })
        }
        await sleep(1 + Math.random() * 3)
      }
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear()
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

function translate<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translated(error)
  }
}

function translated(error: unknown): unknown {
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return new KnowBotError('storage_busy', 'The database is locked by another process. Try again in a moment.', {
        cause: error,
        retryAfterS: 2,
      })
    case SQLITE_FULL:
      return new KnowBotError(
        'disk_full',
        'The disk of the data folder is full. Free some space or delete documents.',
        { cause: error },
      )
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new KnowBotError('storage_damaged', 'The database file is damaged. Restore it from a backup.', {
        cause: error,
      })
    default:
      return error
  }
}

function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? undefined : code & 0xff
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof KnowBotError && error.code === code
}
