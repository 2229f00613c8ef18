/**
 * Turns of chats. A turn belongs to the worker, not to the request: it goes on when nobody listens, and readers follow its
 * journal from wherever they are.
 *
 *   writing ──▶ complete | failed
 *      │ ├────▶ stopped        somebody asked for it
 *      │ └────▶ interrupted    the process that wrote it is gone; continued as a new stream: back to writing
 *
 * A process that begins to serve asks the others for every answer that is being written: one that nobody claims is interrupted.
 */
import { KnowBotError, toKnowBotError } from '../errors.ts'
import type { Log } from '../lib/log.ts'
import type { Messages } from '../lib/messages.ts'
import { DAY_MS, SECOND_MS } from '../lib/units.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Database } from '../storage.ts'
import {
  type AnswerRow,
  beginAttempt,
  type ChatQuestion,
  exchangesBefore,
  getAnswer,
  getMessage,
  insertAnotherAnswer,
  insertTurn,
  saveAnswer,
  unfinishedAnswers,
} from './chats.ts'
import {
  type Answer,
  type AnswerEnd,
  type AnswerEvent,
  applyEvent,
  type Draft,
  emptyDraft,
  type Source,
} from './events.ts'
import { followStream, type StreamedEvent } from './follow.ts'
import type { Exchange } from './follow-up.ts'
import { appendBatch, foldJournal, forgetJournal, type LiveStream, openJournal, readJournal } from './journal.ts'
import type { Asker } from './scope.ts'

/** What an interrupted attempt has left. */
export interface Kept {
  answer: string
  citations: Answer['citations']
  /** The numbers in the text are theirs. */
  sources: Source[]
}

export interface TurnIds {
  messageId: string
  questionId: string
}

/** The conductor, for a question of a chat. */
export type Conduct = (
  asker: Asker,
  question: ChatQuestion,
  signal: AbortSignal,
  turn: { ids: TurnIds; history: readonly Exchange[]; kept?: Kept },
) => AsyncIterable<AnswerEvent>

export interface AnswerPlace {
  chatId: string
  messageId: string
}

export interface Turns extends AsyncDisposable {
  /** `editOf`: the question whose place it takes. */
  start(asker: Asker, chatId: string, question: ChatQuestion, editOf?: string): Promise<TurnIds>
  follow(
    asker: Asker,
    place: AnswerPlace,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<StreamedEvent>
  /** What was written is kept. Nothing happens where nothing is being written. */
  stop(asker: Asker, place: AnswerPlace): void
  /** Throws `conflict` where the answer is not interrupted. */
  continue(asker: Asker, place: AnswerPlace): Promise<void>
  /** Begins another answer to the same question. Throws `conflict` while this one is being written. */
  regenerate(asker: Asker, place: AnswerPlace): Promise<TurnIds>
  /** Ends what nobody writes any more, and forgets streams that nobody will resume. For a process that begins to serve. */
  recover(): Promise<void>
}

export interface TurnServices {
  database: Database
  messages: Messages
  log: Log
  conduct: Conduct
}

const STOP = 'answer-stop'
const WHO_WRITES = 'answer-who-writes'
const IS_WRITTEN = 'answer-is-written'
/** So long a process has to say that it writes a stream. */
const ALIVE_MS_MAX = 2 * SECOND_MS
/** How much of a chat a question is asked with. */
const EXCHANGES_MAX = 3
/** How long a stream can be replayed event by event; afterwards its message tells how it ended. */
const JOURNAL_KEPT_MS = DAY_MS

export function openTurns({ database, messages, log, conduct }: TurnServices): Turns {
  const journal = openJournal(database, log)
  const writing = new Map<string, { stop: AbortController; done: Promise<void> }>()
  const unsubscribe = [
    messages.subscribe(STOP, (stream) => writing.get(String(stream))?.stop.abort()),
    messages.subscribe(WHO_WRITES, (stream) => {
      if (writing.has(String(stream))) messages.publish(IS_WRITTEN, stream)
    }),
  ]

  const write = (asker: Asker, question: ChatQuestion, row: AnswerRow, kept?: Kept) => {
    const { messageId, questionId, stream } = row
    const stop = new AbortController()
    const history = exchangesBefore(database, messageId, EXCHANGES_MAX)
    const turn = { ids: { messageId, questionId }, history, ...(kept ? { kept } : {}) }
    const events = conduct(asker, question, stop.signal, turn)
    const done = keepEvents(journal.open(stream), messageId, events, stop.signal)
      .catch((error: unknown) => log.error('answer-not-kept', { stream, error: error as Error }))
      .finally(() => void writing.delete(stream))
    writing.set(stream, { stop, done })
  }

  return {
    async start(asker, chatId, question, editOf) {
      const row = await database.write((tx) => insertTurn(tx, asker, chatId, question, editOf))
      write(asker, question, row)
      return { messageId: row.messageId, questionId: row.questionId }
    },
    follow(asker, { chatId, messageId }, lastEventId, signal) {
      const { stream } = getAnswer(database, asker, chatId, messageId)
      return followStream({ database, journal }, { messageId, stream }, lastEventId, signal)
    },
    stop(asker, { chatId, messageId }) {
      messages.publish(STOP, getAnswer(database, asker, chatId, messageId).stream)
    },
    async continue(asker, { chatId, messageId }) {
      const { question, ...row } = getAnswer(database, asker, chatId, messageId)
      const { answer, citations, sources } = foldJournal(database, row.stream)
      const stream = uuidv7()
      if (!(await database.write((tx) => beginAttempt(tx, messageId, stream)))) {
        throw new KnowBotError('conflict', `Expected an interrupted answer, but this one is ${row.state}.`)
      }
      write(asker, question, { ...row, stream }, { answer, citations, sources })
    },
    async regenerate(asker, { chatId, messageId }) {
      const { question } = getAnswer(database, asker, chatId, messageId)
      const row = await database.write((tx) => insertAnotherAnswer(tx, asker, chatId, messageId))
      write(asker, question, row)
      return { messageId: row.messageId, questionId: row.questionId }
    },
    async recover() {
      const unknown = unfinishedAnswers(database).filter(({ stream }) => !writing.has(stream))
      await Promise.all(
        unknown.map(async ({ messageId, stream }) => {
          if (!(await isWrittenElsewhere(messages, stream))) await interrupt(database, messageId, stream)
        }),
      )
      await database.write((tx) => forgetJournal(tx, Date.now() - JOURNAL_KEPT_MS))
    },
    async [Symbol.asyncDispose]() {
      for (const stopListening of unsubscribe) stopListening()
      const turns = [...writing.values()]
      for (const { stop } of turns) stop.abort(LEAVING)
      await Promise.all(turns.map(({ done }) => done))
    },
  }
}

/** Why a turn ends when its process does, as opposed to somebody who stops it. */
const LEAVING = 'leaving'

const INTERRUPTED = {
  code: 'interrupted',
  message: 'The server stopped while it wrote this. What was written is kept, and can be continued.',
} as const

/** Every event goes to the readers and into the journal; the last one also into the message. */
async function keepEvents(
  live: LiveStream,
  messageId: string,
  events: AsyncIterable<AnswerEvent>,
  signal: AbortSignal,
): Promise<void> {
  const draft = emptyDraft()
  const note = (event: AnswerEvent) => {
    applyEvent(draft, event)
    live.append(event)
  }
  let end: AnswerEnd | undefined
  try {
    for await (const event of events) {
      if (event.type === 'answer-end') end = event
      else note(event)
    }
  } catch (error) {
    // The conductor tells what it expects; this is a scope that is gone by now, or a mistake of ours.
    const { code, message } = toKnowBotError(error)
    note({ type: 'error', code, message })
  }
  end ??= endOf(messageId, draft, 'failed')
  if (end.state === 'stopped' && signal.reason === LEAVING) {
    note({ type: 'error', ...INTERRUPTED })
    end = { ...end, state: 'interrupted' }
  }
  const last = end
  await live.end(last, (tx) => saveAnswer(tx, live.stream, { ...last, error: draft.error }))
}

/** A stream without a writer gets its end, unless it has got one meanwhile. */
async function interrupt(database: Database, messageId: string, stream: string): Promise<void> {
  await database.write((tx) => {
    if (getMessage(tx, messageId).state !== 'writing') return
    const end = endOf(messageId, foldJournal(tx, stream), 'interrupted')
    const last = readJournal(tx, stream).at(-1)?.seq ?? 0
    appendBatch(tx, stream, last + 1, [{ type: 'error', ...INTERRUPTED }, end])
    saveAnswer(tx, stream, { ...end, error: INTERRUPTED })
  })
}

async function isWrittenElsewhere(messages: Messages, stream: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stopListening = messages.subscribe(IS_WRITTEN, (other) => other === stream && resolve(true))
  const timer = setTimeout(() => resolve(false), ALIVE_MS_MAX)
  messages.publish(WHO_WRITES, stream)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}

function endOf(messageId: string, draft: Draft, state: 'failed' | 'interrupted'): AnswerEnd {
  const { answer, citations, unsupported } = draft
  // Quotes are written at once: what breaks off was a model's.
  const outcome = { notFound: false, confidence: 0, mode: 'model' as const, state }
  return { type: 'answer-end', messageId, answer, citations, unsupported, ...outcome }
}
