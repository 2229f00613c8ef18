/**
 * Readers of a stream. Each follows at its own pace by the numbers of the events: in the process that writes from memory, in
 * others from the journal. No more than a few batches are held for anybody, so that a slow reader costs next to nothing.
 */
import type { Database } from '../storage.ts'
import { getMessage } from './chats.ts'
import { type AnswerEvent, applyEvent, emptyDraft } from './events.ts'
import { FLUSH_MS, type Journal, lastWritten, type NumberedEvent, readJournal } from './journal.ts'

/** What a reader holds while it waits for its line: the rest of a long answer, once for each of them, is more than a small machine has. */
const EVENTS_AT_ONCE = 80
const BATCHES_AT_ONCE = 4

/** An event as readers know it. */
export interface StreamedEvent {
  /** `STREAM.SEQ` */
  id: string
  event: AnswerEvent
}

interface Place {
  messageId: string
  stream: string
}

/** One reader of a stream, who takes what there is. */
export interface Follower {
  /** At most a few; nothing where one must wait, undefined behind the last. */
  take(): StreamedEvent[] | undefined
  /** Calls once, when there may be something to take. */
  onMore(listener: () => void): void
  close(): void
}

/**
 * Replays what comes after the event that the reader has seen last, then follows to the end. An unknown event, or one that was lost
 * with its process, begins with `answer-reset`. By calls and not as a loop: what waits for a word lives until the next one comes,
 * and for a thousand readers that is most of what they cost.
 */
export function followStream(
  services: { database: Database; journal: Journal },
  place: Place,
  lastEventId: string | undefined,
): Follower {
  return new StreamFollower(services, place, lastEventId)
}

class StreamFollower implements Follower {
  readonly #database: Database
  readonly #journal: Journal
  readonly #place: Place
  readonly #lastEventId: string | undefined
  /** Of the event that was taken last; undefined before the first. */
  #seq: number | undefined
  #isAtEnd = false
  #waiting: (() => void) | undefined
  #stopListening: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ database, journal }: { database: Database; journal: Journal }, place: Place, lastEventId?: string) {
    this.#database = database
    this.#journal = journal
    this.#place = place
    this.#lastEventId = lastEventId
  }

  take(): StreamedEvent[] | undefined {
    if (this.#isAtEnd) return undefined
    return this.#begin() ?? this.#takeMore()
  }

  onMore(listener: () => void): void {
    this.#waiting = listener
    const live = this.#journal.live(this.#place.stream)
    if (live) this.#stopListening ??= live.onChange(this.#wake)
    else this.#timer = setTimeout(this.#wake, FLUSH_MS)
  }

  close(): void {
    this.#waiting = undefined
    this.#stopListening?.()
    clearTimeout(this.#timer)
  }

  #wake = (): void => {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** The reset, where it is needed. */
  #begin(): StreamedEvent[] | undefined {
    if (this.#seq !== undefined) return undefined
    const { messageId, stream } = this.#place
    const live = this.#journal.live(stream)
    const last = live?.last ?? lastWritten(this.#database, stream)
    this.#seq = seenOf(this.#lastEventId, stream, last)
    if (this.#seq !== undefined) return undefined
    const written = readJournal(this.#database, stream)
    const kept = [...written, ...(live?.after(lastOf(written)) ?? [])]
    const open = kept.filter(({ event }) => event.type !== 'answer-end')
    this.#seq = lastOf(open)
    return [{ id: `${stream}.${this.#seq}`, event: resetTo(messageId, open) }]
  }

  #takeMore(): StreamedEvent[] | undefined {
    const { messageId, stream } = this.#place
    const seen = this.#seq!
    const live = this.#journal.live(stream)
    let events = this.#eventsAfter(seen)
    if (events.length === 0 && !live) {
      if (getMessage(this.#database, messageId).state === 'writing') return []
      events = this.#eventsAfter(seen) // It may have come to its end since we looked.
      if (events.length === 0) {
        this.#isAtEnd = true
        // A stream that is kept has its end: the reader has seen it.
        return lastWritten(this.#database, stream) === 0 ? [...tellEnd(this.#database, this.#place, seen)] : undefined
      }
    }
    const taken = events.map(({ seq, event }) => ({ id: `${stream}.${seq}`, event }))
    const last = events.at(-1)
    this.#seq = last?.seq ?? seen
    this.#isAtEnd = last?.event.type === 'answer-end'
    return taken
  }

  #eventsAfter(seq: number): NumberedEvent[] {
    const { stream } = this.#place
    const live = this.#journal.live(stream)
    return live?.after(seq, EVENTS_AT_ONCE) ?? readJournal(this.#database, stream, seq, BATCHES_AT_ONCE)
  }
}

/** The same as a loop, which ends with the signal. */
export async function* eventsOf(
  follower: Follower,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent, void, undefined> {
  try {
    while (!signal.aborted) {
      const events = follower.take()
      if (!events) return
      for (const event of events) yield event
      if (events.length === 0) await more(follower, signal)
    }
  } finally {
    follower.close()
  }
}

/** The number of the last event that the reader has; undefined where we do not have it, or not any more. */
function seenOf(lastEventId: string | undefined, stream: string, last: number): number | undefined {
  if (lastEventId === undefined) return 0
  const [of, number] = lastEventId.split('.')
  const seq = Number(number)
  return of === stream && Number.isInteger(seq) && seq >= 0 && seq <= last ? seq : undefined
}

function lastOf(events: readonly NumberedEvent[]): number {
  return events.at(-1)?.seq ?? 0
}

function resetTo(messageId: string, kept: readonly NumberedEvent[]): AnswerEvent {
  const draft = emptyDraft()
  for (const { event } of kept) applyEvent(draft, event)
  return { type: 'answer-reset', messageId, answer: draft.answer, citations: draft.citations }
}

/** The events are forgotten; what they amounted to is not. */
function* tellEnd(
  database: Database,
  { messageId, stream }: Place,
  seq: number,
): Generator<StreamedEvent, void, undefined> {
  const { content, citations, unsupported, notFound, mode, state } = getMessage(database, messageId)
  if (state === 'writing') return
  yield { id: `${stream}.${seq}`, event: { type: 'answer-reset', messageId, answer: content, citations } }
  const outcome = { answer: content, citations, unsupported, notFound, confidence: 0, mode: mode ?? 'quotes', state }
  yield { id: `${stream}.${seq + 1}`, event: { type: 'answer-end', messageId, ...outcome } }
}

function more(follower: Follower, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    follower.onMore(done)
  })
}
