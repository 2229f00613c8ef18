/**
 * Answers as they are written, on disk. Events of a stream are numbered from 1 and appended in batches: every 250 ms, or
 * sooner when 20 have gathered. One timer serves all streams, so that the batches of one moment share a transaction.
 * A row holds one batch, under the number of its first event.
 *
 *   writer ──▶ events in memory ──▶ readers in this process
 *                   └── 250 ms ──▶ journal ──▶ readers in other processes, who look as often, and whoever comes later
 */
import type { Log } from '../lib/log.ts'
import type { Database, Reader, Transaction } from '../storage.ts'
import { type AnswerEvent, applyEvent, type Draft } from './events.ts'

export const FLUSH_MS = 250
const BATCH_EVENTS = 20

export interface NumberedEvent {
  seq: number
  event: AnswerEvent
}

/** One attempt at an answer, in the process that writes it. Only what is not on disk yet is held in memory. */
export interface LiveStream {
  readonly stream: string
  /** The number of the last event. */
  readonly last: number
  append(event: AnswerEvent): void
  /** Writes what is not on disk yet together with this change; readers see the event afterwards. */
  end(event: AnswerEvent, change: (tx: Transaction) => void): Promise<void>
  /** Events beyond this number, or the first so many of them; undefined where some of them are in the journal alone. */
  after(seq: number, countMax?: number): NumberedEvent[] | undefined
  /** Resolves when there is more, or at the end. */
  changed(): Promise<void>
}

export interface Journal {
  open(stream: string): LiveStream
  live(stream: string): LiveStream | undefined
}

export function openJournal(database: Database, log: Log): Journal {
  const streams = new Map<string, Writer>()
  let timer: NodeJS.Timeout | undefined
  const flushAll = () => {
    for (const writer of streams.values()) writer.flush()
    if (streams.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    open(stream) {
      const writer = new Writer(stream, { database, log, onEnd: () => void streams.delete(stream) })
      streams.set(stream, writer)
      timer ??= setInterval(flushAll, FLUSH_MS)
      return writer
    },
    live: (stream) => streams.get(stream),
  }
}

interface WriterServices {
  database: Database
  log: Log
  onEnd: () => void
}

class Writer implements LiveStream {
  readonly stream: string
  readonly #services: WriterServices
  /** How many events are on disk; the others are the tail. */
  #written = 0
  #tail: AnswerEvent[] = []
  #flushing: Promise<void> | undefined
  #isEnding = false
  #change = Promise.withResolvers<void>()

  constructor(stream: string, services: WriterServices) {
    this.stream = stream
    this.#services = services
  }

  get last(): number {
    return this.#written + this.#tail.length
  }

  append(event: AnswerEvent): void {
    this.#tail.push(event)
    this.#tell()
    if (this.#tail.length >= BATCH_EVENTS) this.flush()
  }

  /** What comes while a batch is on its way waits for the next. */
  flush(): void {
    if (this.#tail.length > 0 && !this.#isEnding) this.#flushing ??= this.#flush()
  }

  async #flush(): Promise<void> {
    const { database, log } = this.#services
    const batch = [...this.#tail]
    try {
      await database.write((tx) => appendBatch(tx, this.stream, this.#written + 1, batch))
      this.#forget(batch.length)
    } catch (error) {
      // Readers in this process go on; what is missing on disk goes with the next batch.
      log.warn('journal-not-written', { stream: this.stream, error: error as Error })
    } finally {
      this.#flushing = undefined
    }
  }

  async end(event: AnswerEvent, change: (tx: Transaction) => void): Promise<void> {
    this.#isEnding = true
    await this.#flushing
    const batch = [...this.#tail, event]
    try {
      await this.#services.database.write((tx) => {
        appendBatch(tx, this.stream, this.#written + 1, batch)
        change(tx)
      })
      this.#forget(batch.length)
    } finally {
      this.#services.onEnd()
      this.#tell()
    }
  }

  after(seq: number, countMax = Number.POSITIVE_INFINITY): NumberedEvent[] | undefined {
    if (seq < this.#written) return undefined
    const from = seq - this.#written
    return this.#tail.slice(from, from + countMax).map((event, index) => ({ seq: seq + index + 1, event }))
  }

  changed(): Promise<void> {
    return this.#change.promise
  }

  #forget(count: number): void {
    this.#written += count
    this.#tail.splice(0, count)
  }

  #tell(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }
}

export function appendBatch(tx: Transaction, stream: string, from: number, batch: readonly AnswerEvent[]): void {
  tx.run(
    'INSERT INTO journal (stream, seq, events, created_at) VALUES (?, ?, ?, ?)',
    ...[stream, from, JSON.stringify(batch), Date.now()],
  )
}

/** Events of the stream that are on disk, beyond this number: all of them, or of so many batches. */
export function readJournal(reader: Reader, stream: string, after = 0, batchesMax = -1): NumberedEvent[] {
  const rows = reader.all<{ seq: number; events: string }>(
    // The batch that holds the next event may have begun before it.
    `SELECT seq, events FROM journal WHERE stream = ?1
     AND seq >= coalesce((SELECT max(seq) FROM journal WHERE stream = ?1 AND seq <= ?2), 0) ORDER BY seq LIMIT ?3`,
    ...[stream, after + 1, batchesMax],
  )
  return rows
    .flatMap(({ seq, events }) =>
      (JSON.parse(events) as AnswerEvent[]).map((event, index) => ({ seq: seq + index, event })),
    )
    .filter(({ seq }) => seq > after)
}

/** The number of the last event on disk; 0 where there is none. */
export function lastWritten(reader: Reader, stream: string): number {
  const row = reader.get<{ last: number }>(
    'SELECT seq + json_array_length(events) - 1 AS last FROM journal WHERE stream = ? ORDER BY seq DESC LIMIT 1',
    stream,
  )
  return row?.last ?? 0
}

/** What the events on disk make of this draft. */
export function foldJournal(reader: Reader, stream: string, before: Draft): Draft {
  const draft = { ...before }
  for (const { event } of readJournal(reader, stream)) applyEvent(draft, event)
  return draft
}

/** Streams that began before this time and have ended; their messages hold what they amounted to. */
export function forgetJournal(tx: Transaction, before: number): void {
  // The name of a stream is a UUIDv7: it begins with its time, so that the primary key is in the order of time.
  const time = before.toString(16).padStart(12, '0')
  tx.run(
    `DELETE FROM journal WHERE stream < ?
     AND stream NOT IN (SELECT stream FROM messages WHERE state IN ('writing', 'interrupted') AND stream IS NOT NULL)`,
    `${time.slice(0, 8)}-${time.slice(8)}`,
  )
}
