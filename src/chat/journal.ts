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
  /** Calls at every event, and when it has ended. Answers how to stop that. */
  onChange(listener: () => void): () => void
}

export interface Journal {
  open(stream: string): LiveStream
  live(stream: string): LiveStream | undefined
}

export function openJournal(database: Database, log: Log): Journal {
  const services = { database, log }
  const streams = new Map<string, Writer>()
  let timer: NodeJS.Timeout | undefined
  const flushAll = () => {
    flushTogether(services, [...streams.values()])
    if (streams.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    open(stream) {
      const writer = new Writer(stream, services, () => void streams.delete(stream))
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
}

/** So many streams' batches are one change: for each of a thousand alone, a promise and a savepoint four times a second are more than the rows. */
const TOGETHER_MAX = 64

function flushTogether(services: WriterServices, writers: readonly Writer[]): void {
  const waiting = writers.filter((writer) => writer.isToFlush)
  for (let at = 0; at < waiting.length; at += TOGETHER_MAX) flush(services, waiting.slice(at, at + TOGETHER_MAX))
}

/** What comes while a batch is on its way waits for the next. */
function flush({ database, log }: WriterServices, writers: readonly Writer[]): void {
  const batches = writers.map((writer) => writer.untold())
  const flushing = database
    .write((tx) => {
      for (const { stream, from, events } of batches) appendBatch(tx, stream, from, events)
    })
    .then(
      () => batches.map(({ events }) => events.length),
      (error: Error) => {
        // Readers in this process go on; what is missing on disk goes with the next batch.
        log.warn('journal-not-written', { streams: batches.map(({ stream }) => stream).join(' '), error })
        return batches.map(() => 0)
      },
    )
    .then((counts) => {
      for (const [index, writer] of writers.entries()) writer.flushed(counts[index]!)
    })
  for (const writer of writers) writer.flushing = flushing
}

class Writer implements LiveStream {
  readonly stream: string
  readonly #services: WriterServices
  readonly #onEnd: () => void
  /** How many events are on disk; the others are the tail. */
  #written = 0
  #tail: AnswerEvent[] = []
  /** Set while a batch is on its way. */
  flushing: Promise<void> | undefined
  #isEnding = false
  #listeners: readonly (() => void)[] = []

  constructor(stream: string, services: WriterServices, onEnd: () => void) {
    this.stream = stream
    this.#services = services
    this.#onEnd = onEnd
  }

  get last(): number {
    return this.#written + this.#tail.length
  }

  append(event: AnswerEvent): void {
    this.#tail.push(event)
    this.#tell()
    if (this.#tail.length >= BATCH_EVENTS && this.isToFlush) flush(this.#services, [this])
  }

  get isToFlush(): boolean {
    return this.#tail.length > 0 && !this.#isEnding && this.flushing === undefined
  }

  untold(): { stream: string; from: number; events: readonly AnswerEvent[] } {
    return { stream: this.stream, from: this.#written + 1, events: [...this.#tail] }
  }

  /** So many events are on disk now. */
  flushed(count: number): void {
    this.flushing = undefined
    this.#forget(count)
  }

  async end(event: AnswerEvent, change: (tx: Transaction) => void): Promise<void> {
    this.#isEnding = true
    await this.flushing
    const batch = [...this.#tail, event]
    try {
      await this.#services.database.write((tx) => {
        appendBatch(tx, this.stream, this.#written + 1, batch)
        change(tx)
      })
      this.#forget(batch.length)
    } finally {
      this.#onEnd()
      this.#tell()
    }
  }

  after(seq: number, countMax = Number.POSITIVE_INFINITY): NumberedEvent[] | undefined {
    if (seq < this.#written) return undefined
    const from = seq - this.#written
    return this.#tail.slice(from, from + countMax).map((event, index) => ({ seq: seq + index + 1, event }))
  }

  onChange(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  #forget(count: number): void {
    this.#written += count
    this.#tail.splice(0, count)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
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
