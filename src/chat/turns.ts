/**
 * Turns of chats. A turn belongs to the worker, not to the request: it goes on when nobody listens, and readers follow its
 * journal from wherever they are.
 *
 *   writing ──▶ complete | failed
 *      │ ├────▶ stopped        somebody asked for it
 *      │ └────▶ interrupted    the process that wrote it is gone; continued as a new stream: back to writing
 *
 * A process that begins to serve asks the others for every answer that is being written: one that nobody claims is interrupted.
 * A process that is asked to end writes on for as long as it may; what is left then it hands over: interrupted, and marked, so
 * that another process goes on with it by itself. Of several that hear of it, the first to change the row does.
 */
import { KnowBotError, toKnowBotError } from '../errors.ts'
import type { Log } from '../lib/log.ts'
import type { Messages } from '../lib/messages.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Database } from '../storage.ts'
import {
  type AnswerRow,
  beginAttempt,
  type ChatQuestion,
  exchangesBefore,
  getAnswer,
  getMessage,
  handedOver,
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
import { type Follower, followStream } from './follow.ts'
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
  turn: { ids: TurnIds; history: readonly Exchange[]; kept?: Kept; draft: Draft; signal: AbortSignal },
  tell: (event: AnswerEvent) => void,
) => Promise<void>

export interface AnswerPlace {
  chatId: string
  messageId: string
}

export interface Turns extends AsyncDisposable {
  /** `editOf`: the question whose place it takes. */
  start(asker: Asker, chatId: string, question: ChatQuestion, editOf?: string): Promise<TurnIds>
  follow(asker: Asker, place: AnswerPlace, lastEventId: string | undefined): Follower
  /** What was written is kept. Nothing happens where nothing is being written. */
  stop(asker: Asker, place: AnswerPlace): void
  stopStream(stream: string): void
  /** Throws `conflict` where the answer is not interrupted. */
  continue(asker: Asker, place: AnswerPlace): Promise<void>
  /** Begins another answer to the same question. Throws `conflict` while this one is being written. */
  regenerate(asker: Asker, place: AnswerPlace): Promise<TurnIds>
  /**
   * Ends what nobody writes any more, goes on with what was handed over, and forgets streams that nobody will resume. For a
   * process that begins to serve.
   */
  recover(): Promise<void>
  /** For a process that is to end: waits for what is being written, and hands over what is left when the signal aborts. */
  finish(signal: AbortSignal): Promise<void>
}

export interface TurnServices {
  database: Database
  messages: Messages
  log: Log
  conduct: Conduct
  /** The rights that a user has now; undefined when they may not ask any more. Without it nothing is taken over. */
  askerOf?: ((userId: number) => Asker | undefined) | undefined
}

const STOP = 'answer-stop'
const WHO_WRITES = 'answer-who-writes'
const IS_WRITTEN = 'answer-is-written'
const HANDED_OVER = 'answer-handed-over'
/** So long a process has to say that it writes a stream. */
const ALIVE_MS_MAX = 2 * SECOND_MS
/** How much of a chat a question is asked with. */
const EXCHANGES_MAX = 3
/** What was handed over longer ago is left to whoever asked: a server may have stood still for a week. */
const HANDOVER_MS_MAX = 10 * MINUTE_MS
/** How long a stream can be replayed event by event; afterwards its message tells how it ended. */
const JOURNAL_KEPT_MS = DAY_MS

export function openTurns({ database, messages, log, conduct, askerOf }: TurnServices): Turns {
  const journal = openJournal(database, log)
  const writing = new Map<string, { stop: AbortController; done: Promise<void> }>()
  let isLeaving = false
  const unsubscribe = [
    messages.subscribe(HANDED_OVER, (messageId) => void takeOver(String(messageId))),
    messages.subscribe(STOP, (stream) => writing.get(String(stream))?.stop.abort()),
    messages.subscribe(WHO_WRITES, (stream) => {
      if (writing.has(String(stream))) messages.publish(IS_WRITTEN, stream)
    }),
  ]

  const write = (asker: Asker, question: ChatQuestion, row: AnswerRow, kept?: Kept) => {
    const { messageId, questionId, stream } = row
    const stop = new AbortController()
    const history = exchangesBefore(database, messageId, EXCHANGES_MAX)
    // Until the conductor says what becomes of it, what an attempt before has left stays.
    const draft: Draft = { ...emptyDraft(), ...kept }
    const turn = { ids: { messageId, questionId }, history, ...(kept ? { kept } : {}), draft, signal: stop.signal }
    const conducted = (tell: (event: AnswerEvent) => void) => conduct(asker, question, turn, tell)
    const done = keepEvents(journal.open(stream), { messageId, draft }, conducted, stop.signal)
      .then((end) => end.isContinued && messages.publish(HANDED_OVER, messageId))
      .catch((error: unknown) => log.error('answer-not-kept', { stream, error: error as Error }))
      .finally(() => void writing.delete(stream))
    writing.set(stream, { stop, done })
  }

  /** False when it is not interrupted (any more), or somebody else goes on with it. */
  const goOn = async (asker: Asker, { question, ...row }: ReturnType<typeof getAnswer>, isHandedOver: boolean) => {
    const { content: answer, citations, sources } = getMessage(database, row.messageId)
    const stream = uuidv7()
    if (!(await database.write((tx) => beginAttempt(tx, row.messageId, stream, isHandedOver)))) return false
    write(asker, question, { ...row, stream }, { answer, citations, sources })
    return true
  }

  const takeOver = async (messageId: string) => {
    if (isLeaving || !askerOf) return
    try {
      const place = handedOver(database, Date.now() - HANDOVER_MS_MAX).find((other) => other.messageId === messageId)
      const asker = place && askerOf(place.ownerId)
      if (asker) await goOn(asker, getAnswer(database, asker, place.chatId, messageId), true)
    } catch (error) {
      log.warn('answer-not-taken-over', { message: messageId, error: error as Error })
    }
  }

  const handOver = () => {
    for (const { stop } of writing.values()) stop.abort(LEAVING)
  }

  return {
    async start(asker, chatId, question, editOf) {
      const row = await database.write((tx) => insertTurn(tx, asker, chatId, question, editOf))
      write(asker, question, row)
      return { messageId: row.messageId, questionId: row.questionId }
    },
    follow(asker, { chatId, messageId }, lastEventId) {
      const { stream } = getAnswer(database, asker, chatId, messageId)
      return followStream({ database, journal }, { messageId, stream }, lastEventId)
    },
    stop(asker, { chatId, messageId }) {
      messages.publish(STOP, getAnswer(database, asker, chatId, messageId).stream)
    },
    stopStream: (stream) => messages.publish(STOP, stream),
    async continue(asker, { chatId, messageId }) {
      const row = getAnswer(database, asker, chatId, messageId)
      if (await goOn(asker, row, false)) return
      throw new KnowBotError('conflict', `Expected an interrupted answer, but this one is ${row.state}.`)
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
      for (const { messageId } of handedOver(database, Date.now() - HANDOVER_MS_MAX)) await takeOver(messageId)
      await database.write((tx) => forgetJournal(tx, Date.now() - JOURNAL_KEPT_MS))
    },
    async finish(signal) {
      isLeaving = true
      signal.addEventListener('abort', handOver, { once: true })
      while (writing.size > 0) await Promise.all([...writing.values()].map(({ done }) => done))
      signal.removeEventListener('abort', handOver)
    },
    async [Symbol.asyncDispose]() {
      isLeaving = true
      for (const stopListening of unsubscribe) stopListening()
      handOver()
      await Promise.all([...writing.values()].map(({ done }) => done))
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
  { messageId, draft }: { messageId: string; draft: Draft },
  conducted: (tell: (event: AnswerEvent) => void) => Promise<void>,
  signal: AbortSignal,
): Promise<AnswerEnd> {
  const note = (event: AnswerEvent) => {
    applyEvent(draft, event)
    live.append(event)
  }
  let end: AnswerEnd | undefined
  try {
    await conducted((event) => {
      if (event.type === 'answer-end') end = event
      else live.append(event)
    })
  } catch (error) {
    // The conductor tells what it expects; this is a scope that is gone by now, or a mistake of ours.
    const { code, message } = toKnowBotError(error)
    note({ type: 'error', code, message })
  }
  end ??= endOf(messageId, draft, 'failed')
  if (end.state === 'stopped' && signal.reason === LEAVING) {
    note({ type: 'error', ...INTERRUPTED })
    end = { ...end, state: 'interrupted', isContinued: true }
  }
  const last = end
  await live.end(last, (tx) => saveAnswer(tx, live.stream, { ...draft, ...last }))
  return last
}

/** A stream without a writer gets its end, unless it has got one meanwhile. */
async function interrupt(database: Database, messageId: string, stream: string): Promise<void> {
  await database.write((tx) => {
    // The row has what the attempts before have left, the journal what this one made of it.
    const { content: answer, citations, sources, state } = getMessage(tx, messageId)
    if (state !== 'writing') return
    const draft = foldJournal(tx, stream, { ...emptyDraft(), answer, citations, sources })
    const end = endOf(messageId, draft, 'interrupted')
    const last = readJournal(tx, stream).at(-1)?.seq ?? 0
    appendBatch(tx, stream, last + 1, [{ type: 'error', ...INTERRUPTED }, end])
    saveAnswer(tx, stream, { ...draft, ...end, error: INTERRUPTED })
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
