/**
 * One SQLite connection: statements, and the rule by which it writes.
 *
 * A process that serves people never waits for a lock. `busy_timeout` is 0; `BEGIN IMMEDIATE` that meets another writer is
 * tried again by a timer (1 to 4 ms, at most 5 s, then `storage_busy`), so the event loop goes on meanwhile. All writes
 * asked for in one tick share one transaction, each in a savepoint of its own: one fsync for many answers, and a write that
 * throws undoes itself alone. A batch that takes long is committed in parts. Nor does it wait for the disk: SQLite commits
 * without a sync (`synchronous=NORMAL`), a thread of the pool syncs the log, and only then a write resolves: as durable as
 * FULL, see docs/decisions/0012-sync-beside-the-event-loop.md. `bench/writes.ts` prints what all this is worth.
 *
 * A job worker pauses after each transaction for as long as it held the lock, and moves the write-ahead log into the
 * file: web workers never do, because a checkpoint waits for the disk.
 */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { KnowBotError } from '../errors.ts'
import { MIB } from '../lib/units.ts'
import { busy, isBusy, isCode, translate, translated } from './sqlite-errors.ts'

export type SqlValue = SQLInputValue
export type Row = Record<string, unknown>

const BUSY_WAIT_MS_MAX = 5000
const STATEMENTS_MAX = 400
/** Writes that may wait for one lock; what comes then is told that the database is busy. */
const WRITES_WAITING_MAX = 10_000
/** How long one transaction collects further writes of its batch. A single write may take longer. */
const BATCH_MS_MAX = 20
/** A job's transaction longer than this is not paid back in full. */
const PAUSE_MS_MAX = 50
/** The log is moved into the file beyond this size, and looked at no more often than this. */
const WAL_BYTES_MAX = 8 * MIB
const CHECKPOINT_EVERY_MS = 1000
const EMPTY_LOG_TRIES_MAX = 50
export interface DatabaseOptions {
  /** `web` batches by tick and never checkpoints; `job` pauses after each write for as long as it held the lock. */
  role: 'web' | 'job'
  /** Called once when the disk is full: frees what was kept in reserve and says whether it could. */
  onFull?: () => boolean
}

/** Questions, inside a transaction or outside of one. */
export interface Reader {
  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined
  all<T = Row>(sql: string, ...values: SqlValue[]): T[]
  iterate<T = Row>(sql: string, ...values: SqlValue[]): IterableIterator<T>
}

/** What a change may do inside a transaction. Everything is synchronous: a transaction never spans an await. */
export interface Transaction extends Reader {
  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number }
  /** Called once the change is on disk, and never when it was undone. */
  afterCommit(then: () => void): void
}

interface PendingWrite {
  change: (tx: Transaction) => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export class Database implements Reader {
  readonly #connection: DatabaseSync
  readonly #path: string
  readonly #options: DatabaseOptions
  readonly #statements = new Map<string, StatementSync>()
  #pending: PendingWrite[] = []
  #flushing: Promise<void> | undefined
  #log: FileHandle | undefined
  #checkpointAt = 0

  constructor(path: string, options: DatabaseOptions) {
    this.#path = path
    this.#options = options
    // Opening may wait: nobody is served yet, and another process may be recovering the log of one that was killed.
    this.#connection = new DatabaseSync(path, { timeout: BUSY_WAIT_MS_MAX })
    // The file is made WAL by the migration; asking again is free. NORMAL: the log is synced before each checkpoint and when
    // it starts over, which keeps the database whole in a power cut; what was acknowledged is kept by `#syncLog`.
    this.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA foreign_keys = ON;
      PRAGMA cache_size = -8192;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA busy_timeout = 0;
    `)
  }

  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined {
    return translate(() => this.#prepare(sql).get(...values)) as T | undefined
  }

  all<T = Row>(sql: string, ...values: SqlValue[]): T[] {
    return translate(() => this.#prepare(sql).all(...values)) as T[]
  }

  /**
   * Rows one by one. A statement of its own, so that two loops over one query do not reset each other. As long as the loop
   * runs, the log cannot be moved beyond what it reads: do not wait for people in it.
   */
  iterate<T = Row>(sql: string, ...values: SqlValue[]): IterableIterator<T> {
    return translate(() => this.#connection.prepare(sql).iterate(...values)) as IterableIterator<T>
  }

  /** Several statements at once, for pragmas and tools. Changes belong into `write`. */
  exec(sql: string): void {
    translate(() => this.#connection.exec(sql))
  }

  /**
   * Runs the change in a transaction and resolves once it is on disk. The change must not await. It may run twice, when the
   * disk was full and the reserve made room: it should change nothing but the database.
   * Throws what the change threw, `storage_busy` after 5 s of a foreign lock, `disk_full` when there is no space.
   */
  write<T>(change: (tx: Transaction) => T): Promise<T> {
    if (this.#pending.length >= WRITES_WAITING_MAX)
      return Promise.reject(busy('Too many changes wait for the database.'))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#pending.push({ change, resolve: resolve as (value: unknown) => void, reject })
    this.#flushing ??= this.#flush()
    return promise
  }

  /** Size of the write-ahead log's file. */
  walBytes(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Moves the write-ahead log into the database file as far as no reader is in the way. For job workers. */
  checkpoint(): void {
    this.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }

  /**
   * The same, and then the log's file becomes empty: that part needs the lock and a moment without readers, and has nothing
   * left to do under it. False when no such moment came.
   */
  async emptyLog(): Promise<boolean> {
    for (let tries = 0; tries < EMPTY_LOG_TRIES_MAX; tries++) {
      this.checkpoint()
      if (this.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0) return true
      await sleep(1 + Math.random() * 3)
    }
    return false
  }

  /** Waits for the writes that were asked for. May be called again. */
  async close(): Promise<void> {
    await this.#flushing
    if (!this.#connection.isOpen) return
    await this.#log?.close()
    this.#statements.clear()
    this.#connection.close()
  }

  async #flush(): Promise<void> {
    // Whatever else this tick asks for joins the same transaction.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#pending.length > 0) {
      const heldMs = await this.#writeBatch()
      if (this.#options.role === 'job') await this.#makeRoomForOthers(heldMs)
    }
    this.#flushing = undefined
  }

  /** One transaction with as much of what waits as fits its time, then the disk. Answers how long it held the lock. */
  async #writeBatch(): Promise<number> {
    const batch = this.#pending
    this.#pending = []
    try {
      await this.#begin()
      const { settled, heldMs } = this.#commit(batch)
      this.#pending.unshift(...batch.splice(settled.length))
      await this.#syncLog()
      for (const settle of settled) settle()
      return heldMs
    } catch (error) {
      // The transaction as a whole failed: nothing of it was acknowledged, so everybody is told.
      if (isCode(error, 'disk_full') && this.#options.onFull?.()) this.#pending.unshift(...batch)
      else for (const write of batch) write.reject(error)
      return 0
    }
  }

  #commit(batch: readonly PendingWrite[]): { settled: (() => void)[]; heldMs: number } {
    const settled: (() => void)[] = []
    const startedAt = performance.now()
    try {
      for (const write of batch) {
        settled.push(this.#apply(write))
        if (performance.now() - startedAt > BATCH_MS_MAX) break
      }
      this.exec('COMMIT')
      return { settled, heldMs: performance.now() - startedAt }
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** What is committed reaches the disk, while the event loop goes on. */
  async #syncLog(): Promise<void> {
    try {
      this.#log ??= await open(`${this.#path}-wal`, 'r+')
      await this.#log.datasync()
    } catch (error) {
      throw new KnowBotError('storage_damaged', 'The disk of the data folder did not take what was written.', {
        cause: error,
      })
    }
  }

  /** Runs one change in its savepoint; answers what to call once the transaction is on disk. */
  #apply(write: PendingWrite): () => void {
    const committed: (() => void)[] = []
    this.#connection.exec('SAVEPOINT one')
    try {
      const value = write.change(this.#transaction(committed))
      assert(!(value instanceof Promise), 'A change must not await: the transaction ends before it does.')
      this.#connection.exec('RELEASE one')
      return () => {
        write.resolve(value)
        // In turns of their own: a listener that throws must not keep the next write from its transaction.
        for (const then of committed) queueMicrotask(then)
      }
    } catch (error) {
      // A full disk or a damaged file ends the whole transaction: SQLite may have rolled back already.
      if (!this.#connection.isTransaction || isCode(error, 'disk_full')) throw translated(error)
      this.#connection.exec('ROLLBACK TO one; RELEASE one')
      return () => write.reject(error)
    }
  }

  #transaction(committed: (() => void)[]): Transaction {
    return {
      run: (sql, ...values) => {
        const { changes, lastInsertRowid } = translate(() => this.#prepare(sql).run(...values))
        return { changes: Number(changes), lastId: Number(lastInsertRowid) }
      },
      get: <T>(sql: string, ...values: SqlValue[]) => this.get<T>(sql, ...values),
      all: <T>(sql: string, ...values: SqlValue[]) => this.all<T>(sql, ...values),
      iterate: <T>(sql: string, ...values: SqlValue[]) => this.iterate<T>(sql, ...values),
      afterCommit: (then) => void committed.push(then),
    }
  }

  async #begin(): Promise<void> {
    const deadline = performance.now() + BUSY_WAIT_MS_MAX
    for (;;) {
      try {
        this.#connection.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!isBusy(error)) throw translated(error)
        if (performance.now() > deadline) throw busy('The database stayed locked by another process for 5 s.', error)
        await sleep(1 + Math.random() * 3)
      }
    }
  }

  #rollBack(): void {
    try {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // What failed first is what the callers are told; SQLite undoes the rest when the file is opened again.
    }
  }

  async #makeRoomForOthers(heldMs: number): Promise<void> {
    const now = performance.now()
    if (now >= this.#checkpointAt && this.walBytes() > WAL_BYTES_MAX) {
      this.#checkpointAt = now + CHECKPOINT_EVERY_MS
      try {
        this.checkpoint()
      } catch {
        // The writes are on disk already; a log that could not be moved now (a full disk) is tried again in a second.
      }
    }
    await sleep(Math.min(PAUSE_MS_MAX, heldMs))
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
