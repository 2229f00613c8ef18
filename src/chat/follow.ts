/**
 * Readers of a stream. Each follows at its own pace by the numbers of the events: in the process that writes from memory, in
 * others from the journal. No more than a few batches are held for anybody, so that a slow reader costs next to nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
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

/**
 * Replays what comes after the event that the reader has seen last, then follows to the end. An unknown event, or one that was lost
 * with its process, begins with `answer-reset`.
 */
export async function* followStream(
  { database, journal }: { database: Database; journal: Journal },
  { messageId, stream }: Place,
  lastEventId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent, void, undefined> {
  const eventsAfter = (seq: number) =>
    journal.live(stream)?.after(seq, EVENTS_AT_ONCE) ?? readJournal(database, stream, seq, BATCHES_AT_ONCE)
  let seq = seenOf(lastEventId, stream, journal.live(stream)?.last ?? lastWritten(database, stream))
  if (seq === undefined) {
    const written = readJournal(database, stream)
    const kept = [...written, ...(journal.live(stream)?.after(lastOf(written)) ?? [])]
    const open = kept.filter(({ event }) => event.type !== 'answer-end')
    seq = lastOf(open)
    yield { id: `${stream}.${seq}`, event: resetTo(messageId, open) }
  }
  while (!signal.aborted) {
    const live = journal.live(stream)
    const more = live?.changed() // Asked for before looking: what comes in between is not missed.
    const events = eventsAfter(seq)
    for (const next of events) {
      seq = next.seq
      yield { id: `${stream}.${seq}`, event: next.event }
      if (next.event.type === 'answer-end') return
    }
    if (events.length > 0) continue
    if (!live && getMessage(database, messageId).state !== 'writing') {
      const last = lastWritten(database, stream)
      if (last > seq) continue // It has come to its end since we looked.
      // A stream that is kept has its end: the reader has seen it.
      if (last === 0) yield* tellEnd(database, { messageId, stream }, seq)
      return
    }
    await either(more ?? sleep(FLUSH_MS), signal)
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

/** Not a race with one promise for all of a reader's time: that would remember every event. */
function either(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    void promise.then(done)
  })
}
