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
import { type AnswerEvent, applyEvent, type Draft, emptyDraft } from './events.ts'

export const FLUSH_MS = 250
const BATCH_EVENTS = 20

/** One attempt at an answer, in the process that writes it. */
export interface LiveStream {
  readonly stream: string
  /** From number 1 on. */
  readonly events: readonly AnswerEvent[]
  readonly isEnded: boolean
  append(event: AnswerEvent): void
  /** Writes what is not on disk yet together with this change; readers see the event afterwards. */
  end(event: AnswerEvent, change: (tx: Transaction) => void): Promise<void>
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
  readonly events: AnswerEvent[] = []
  isEnded = false
  readonly #services: WriterServices
  /** How many events are on disk, or on their way to it. */
  #written = 0
  #change = Promise.withResolvers<void>()

  constructor(stream: string, services: WriterServices) {
    this.stream = stream
    this.#services = services
  }

  append(event: AnswerEvent): void {
    this.events.push(event)
    this.#tell()
    if (this.events.length - this.#written >= BATCH_EVENTS) this.flush()
  }

  flush(): void {
    const { database, log } = this.#services
    const [from, batch] = this.#takeBatch()
    if (batch.length === 0) return
    database
      .write((tx) => appendBatch(tx, this.stream, from, batch))
      .catch((error: unknown) => {
        // Readers in this process go on; what is missing on disk goes with the next batch.
        this.#written = Math.min(this.#written, from - 1)
        log.warn('journal-not-written', { stream: this.stream, error: error as Error })
      })
  }

  async end(event: AnswerEvent, change: (tx: Transaction) => void): Promise<void> {
    const [from, batch] = this.#takeBatch()
    try {
      await this.#services.database.write((tx) => {
        appendBatch(tx, this.stream, from, [...batch, event])
        change(tx)
      })
      this.events.push(event)
    } finally {
      this.isEnded = true
      this.#services.onEnd()
      this.#tell()
    }
  }

  changed(): Promise<void> {
    return this.#change.promise
  }

  #takeBatch(): [from: number, batch: AnswerEvent[]] {
    const from = this.#written + 1
    const batch = this.events.slice(this.#written)
    this.#written = this.events.length
    return [from, batch]
  }

  #tell(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }
}

/** A batch that comes a second time takes the place of the first. */
export function appendBatch(tx: Transaction, stream: string, from: number, batch: readonly AnswerEvent[]): void {
  tx.run(
    'INSERT OR REPLACE INTO journal (stream, seq, events, created_at) VALUES (?, ?, ?, ?)',
    ...[stream, from, JSON.stringify(batch), Date.now()],
  )
}

export interface NumberedEvent {
  seq: number
  event: AnswerEvent
}

/** Events of the stream that are on disk, beyond this number. */
export function readJournal(reader: Reader, stream: string, after = 0): NumberedEvent[] {
  const rows = reader.all<{ seq: number; events: string }>(
    'SELECT seq, events FROM journal WHERE stream = ? ORDER BY seq',
    stream,
  )
  // A batch that failed at first comes again as part of a later one.
  const events = new Map<number, AnswerEvent>()
  for (const { seq, events: batch } of rows) {
    for (const [index, event] of (JSON.parse(batch) as AnswerEvent[]).entries()) events.set(seq + index, event)
  }
  return [...events]
    .filter(([seq]) => seq > after)
    .sort(([a], [b]) => a - b)
    .map(([seq, event]) => ({ seq, event }))
}

/** What the events on disk amount to. */
export function foldJournal(reader: Reader, stream: string): Draft {
  const draft = emptyDraft()
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
