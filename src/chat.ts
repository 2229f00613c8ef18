/**
 * Questions to answers that can be checked. The conductor of a turn stands here: what happens in which order, and what
 * follows when something fails. It knows no HTTP; whoever reads the events decides what they look like outside.
 */

import { type FoundChat, searchChats } from './chat/chat-search.ts'
import {
  type ChatQuestion,
  type ChatView,
  type ChatWishes,
  changeChat,
  type Feedback,
  getAnswer,
  getChat,
  getMessage,
  insertChat,
  type ListOptions,
  listChats,
  listMessages,
  type MessageView,
  type Page,
  saveFeedback,
} from './chat/chats.ts'
import { buildMessages, fitToBudget } from './chat/context.ts'
import { NOT_FOUND, notFoundText, unreadableNote } from './chat/coverage.ts'
import { openDeletion } from './chat/deletion.ts'
import { type AnswerEvent, type AnswerState, applyEvent, type Draft, emptyDraft, type Source } from './chat/events.ts'
import type { StreamedEvent } from './chat/follow.ts'
import { type Exchange, standaloneQuestion } from './chat/follow-up.ts'
import { metered, type Tokens, tokensSpent } from './chat/metering.ts'
import { errorEvent, writeWithModel } from './chat/model-answer.ts'
import { numberSources, type OfferedSource, openPages } from './chat/pages.ts'
import { instructionsFor, openPersonas, type Personas } from './chat/personas.ts'
import { NEAREST_LEAD, say, writeQuotes } from './chat/quotes.ts'
import { type Asker, readScope } from './chat/scope.ts'
import { openSuggestions, type Suggestion } from './chat/suggestions.ts'
import { type AnswerPlace, type Conduct, type Kept, openTurns, type TurnIds } from './chat/turns.ts'
import type { ChatModel } from './inference.ts'
import type { Log } from './lib/log.ts'
import { type Messages, openMessages } from './lib/messages.ts'
import type { Hit, QuoteResult, Search, SearchResult } from './search.ts'
import type { Reader, Storage } from './storage.ts'

export {
  type Answer,
  type AnswerEnd,
  type AnswerEvent,
  type AnswerFailure,
  type AnswerMode,
  type AnswerRange,
  type AnswerState,
  type Citation,
  fold,
  type Source,
  type Step,
} from './chat/events.ts'
export type { NewPersona, Personas, PersonaView } from './chat/personas.ts'
export type { Asker } from './chat/scope.ts'
export type { Suggestion } from './chat/suggestions.ts'
export type {
  AnswerPlace,
  ChatQuestion,
  ChatView,
  Feedback,
  FoundChat,
  ListOptions,
  MessageView,
  Page,
  StreamedEvent,
  TurnIds,
}

/** A question without a chat. */
export type Question = ChatQuestion

export interface Chat extends AsyncDisposable {
  /**
   * The events of one answer, without history; `answer-end` is the last. What is wrong with the question (`not_found`) is
   * thrown before the first event. Leaving the loop or aborting the signal stops the model at once.
   */
  ask(asker: Asker, question: Question, signal: AbortSignal): AsyncIterable<AnswerEvent>

  readonly personas: Personas

  create(asker: Asker, wishes: ChatWishes): Promise<ChatView>
  list(asker: Asker, options: ListOptions): Page<ChatView>
  get(asker: Asker, chatId: string): ChatView
  change(asker: Asker, chatId: string, wishes: ChatWishes): Promise<void>
  /** Those in which every word of the query was said, or stands in the title; newest first. */
  search(asker: Asker, query: string, options: ListOptions): Page<FoundChat>
  /** Stops what is being written there. Ten minutes to bring it back, or none with `now`. */
  remove(asker: Asker, chatId: string, options?: { now: boolean }): Promise<void>
  /** Answers how many. */
  removeAll(asker: Asker): Promise<number>
  /** Throws `not_found` for what is not deleted, or longer than ten minutes ago. */
  restore(asker: Asker, chatId: string): Promise<void>
  /** All that can be brought back; answers how many. */
  restoreAll(asker: Asker): Promise<number>
  /** Newest first. */
  messages(asker: Asker, chatId: string, options: ListOptions): Page<MessageView>
  /** An answer as it stands. */
  message(asker: Asker, place: AnswerPlace): MessageView

  /** Keeps the question and begins its answer, which goes on whoever follows it. */
  send(asker: Asker, chatId: string, question: ChatQuestion): Promise<TurnIds>
  /** The same for a question that takes the place of another; that one stays, but does not count any more. */
  edit(asker: Asker, place: AnswerPlace, question: ChatQuestion): Promise<TurnIds>
  /** An answer's events after the one seen last, to the end. Leaving ends the reading, not the answer. Throws `not_found` at once. */
  follow(
    asker: Asker,
    place: AnswerPlace,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<StreamedEvent>
  /** What was written is kept. */
  stop(asker: Asker, place: AnswerPlace): void
  /** Goes on with an interrupted answer, as a new stream of the same message. Throws `conflict` where it is not interrupted. */
  continue(asker: Asker, place: AnswerPlace): Promise<void>
  /** Begins another answer to the same question; this one stays. Throws `conflict` while it is being written. */
  regenerate(asker: Asker, place: AnswerPlace): Promise<TurnIds>
  /** Up to three questions that the documents answer, made without a model. */
  starters(asker: Asker): Promise<Suggestion[]>
  /** The same behind an answer, about what stands around its citations. */
  followUps(asker: Asker, place: AnswerPlace): Promise<Suggestion[]>
  /** What the asker says of an answer; the last word counts. */
  rate(asker: Asker, place: AnswerPlace, feedback: Feedback): Promise<void>
  /** Ends the answers of processes that died, and goes on with what was handed over. For a process that begins to serve. */
  recover(): Promise<void>
  /** For a process that is to end: waits for the answers that it writes; what is left when the signal aborts, another goes on with. */
  finish(signal: AbortSignal): Promise<void>
}

export interface ChatServices {
  storage: Storage
  search: Search
  /** Without one, answers are quotes. */
  model: ChatModel | undefined
  /** Why the model is not to be asked for now, for people. */
  whyNoModel?(): string | null
  log: Log
  /** What may be written for each person; without it nothing is counted. */
  tokens?: Tokens
  /** To the other processes of the server; without it there are none. */
  messages?: Messages
  /** The rights that a user has now: for answers that are gone on with by themselves. */
  askerOf?(userId: number): Asker | undefined
}

const SOURCES_MAX = 8
/** Messages of a chat: none of its last questions is suggested again. */
const ASKED_LOOKED_AT = 40
/**
 * Quotes need half of a perfect match (see search); a model can make sense of less, and says itself when there is none.
 * Below this the passages have nothing to do with the question, and it would only be led astray.
 */
const MODEL_CONFIDENCE_MIN = 0.35
/** What is not found but may be near is quoted, and called so. */
const NEAREST_CONFIDENCE_MIN = 0.2

export function openChat(services: ChatServices): Chat {
  const { database } = services.storage
  const conduct: Conduct = (asker, question, signal, turn) => answer(services, asker, question, signal, turn)
  const { messages = openMessages(), log, askerOf } = services
  const turns = openTurns({ database, messages, log, conduct, askerOf })
  const suggestions = openSuggestions({ reader: database, search: services.search })
  const deletion = openDeletion({ database, log, stop: (stream) => turns.stopStream(stream) })
  return {
    ask: (asker, question, signal) => answer(services, asker, question, signal, { ids: NO_CHAT, history: [] }),
    personas: openPersonas(database),
    create: (asker, wishes) => database.write((tx) => insertChat(tx, asker, wishes)),
    list: (asker, options) => listChats(database, asker, options),
    get(asker, chatId) {
      const { rowId: _, ...chat } = getChat(database, asker, chatId)
      return chat
    },
    change: (asker, chatId, wishes) => database.write((tx) => changeChat(tx, asker, chatId, wishes)),
    search: (asker, query, options) => searchChats(database, asker, query, options),
    remove: (asker, chatId, options = { now: false }) => deletion.remove(asker, chatId, options),
    removeAll: (asker) => deletion.removeAll(asker),
    restore: (asker, chatId) => deletion.restore(asker, chatId),
    restoreAll: (asker) => deletion.restoreAll(asker),
    messages: (asker, chatId, options) => listMessages(database, asker, chatId, options),
    message: (asker, { chatId, messageId }) =>
      getMessage(database, getAnswer(database, asker, chatId, messageId).messageId),
    async send(asker, chatId, question) {
      readScope(database, asker, question) // What is not there is told before anything is kept.
      return turns.start(asker, chatId, question)
    },
    async edit(asker, { chatId, messageId }, question) {
      readScope(database, asker, question)
      return turns.start(asker, chatId, question, messageId)
    },
    follow: (asker, place, lastEventId, signal) => turns.follow(asker, place, lastEventId, signal),
    stop: (asker, place) => turns.stop(asker, place),
    async continue(asker, place) {
      readScope(database, asker, getAnswer(database, asker, place.chatId, place.messageId).question)
      await turns.continue(asker, place)
    },
    async regenerate(asker, place) {
      readScope(database, asker, getAnswer(database, asker, place.chatId, place.messageId).question)
      return turns.regenerate(asker, place)
    },
    starters: (asker) => suggestions.starters(asker),
    async followUps(asker, { chatId, messageId }) {
      const { question } = getAnswer(database, asker, chatId, messageId)
      const asked = listMessages(database, asker, chatId, { limit: ASKED_LOOKED_AT }).items.map(
        ({ content }) => content,
      )
      const context = { answer: getMessage(database, messageId), asked, scope: readScope(database, asker, question) }
      return suggestions.followUps(asker, context)
    },
    async rate(asker, { chatId, messageId }, feedback) {
      getAnswer(database, asker, chatId, messageId) // Whose it is.
      await database.write((tx) => saveFeedback(tx, messageId, feedback))
    },
    async recover() {
      await turns.recover()
      await deletion.purge()
    },
    finish: (signal) => turns.finish(signal),
    async [Symbol.asyncDispose]() {
      deletion.close()
      await turns[Symbol.asyncDispose]()
    },
  }
}

const NO_CHAT = { messageId: null, questionId: null }

interface TurnOptions {
  ids: TurnIds | typeof NO_CHAT
  history: readonly Exchange[]
  kept?: Kept
}

/** One turn: sources first, then text and citations as they come, then how it ended. */
async function* answer(
  { storage: { database }, search, model, whyNoModel, log }: ChatServices,
  asker: Asker,
  { question, mode, ...named }: Question,
  signal: AbortSignal,
  { ids, history, kept }: TurnOptions,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const scope = readScope(database, asker, named)
  const pages = openPages(database)
  const counted = (one: ChatModel) => (tokens ? metered(one, (usage) => tokens.spend(asker.userId, usage)) : one)
  const draft = emptyDraft()
  const note = (event: AnswerEvent) => {
    applyEvent(draft, event)
    return event
  }
  yield note({ type: 'answer-start', ...ids })

  if (kept) yield note({ type: 'step', name: 'continue', label: 'Going on with an answer that was interrupted' })
  const asked = standaloneQuestion(question, history)
  if (asked !== question) yield note({ type: 'step', name: 'rewrite', label: `Searching for “${asked}”` })
  const startedAt = performance.now()
  const result = await search.find({ text: asked, ...scope, limit: SOURCES_MAX })
  const found = search.quote(asked, result)
  yield note(searchStep(result, performance.now() - startedAt))
  const sources = numberSources(quotedFirst(result.hits, found))
  yield note({ type: 'sources-found', sources: sources.map(toPublic) })

  const wanted = mode === 'quotes' || found.confidence < MODEL_CONFIDENCE_MIN ? undefined : model
  const whyNot = wanted ? (whyNoModel?.() ?? null) : null
  if (whyNot !== null)
    yield note({ type: 'step', name: 'quotes-only', label: `Answering with quotes alone: ${whyNot}` })
  const writer = whyNot === null ? wanted : undefined
  if (kept) {
    const canGoOn = writer && areSame(kept.sources, sources.map(toPublic))
    yield note(resetTo(ids.messageId, canGoOn ? kept : undefined))
  }

  const spent = writer && tokens && tokensSpent(tokens, asker.userId)
  if (spent) yield note(errorEvent(spent))
  if (writer && !spent && sources.length > 0) {
    const persona = instructionsFor(database, ids.messageId)
    const offered = fitToBudget(sources, persona + question)
    const prompt = { question, sources: offered, history, persona, written: draft.answer }
    const turn = { ...prompt, sources: offered, model: counted(writer), messages: buildMessages(prompt), pages, log }
    for await (const event of writeWithModel(turn, signal)) yield note(event)
  }
  const isModels = hasText(draft)
  let isNotFound = isModels && draft.citations.length === 0 && saysNotFound(draft.answer)
  if (!isModels && !signal.aborted) {
    if (!found.notFound) for (const event of writeQuotes(found.quotes, sources, pages)) yield note(event)
    if (!hasText(draft)) {
      isNotFound = true
      for (const event of say(notFoundText(database, scope))) yield note(event)
      const isNear = found.confidence >= NEAREST_CONFIDENCE_MIN
      if (isNear) for (const event of writeQuotes(found.quotes, sources, pages, NEAREST_LEAD)) yield note(event)
    }
  }
  const state: AnswerState = signal.aborted ? 'stopped' : isModels && draft.error ? 'failed' : 'complete'
  if (state === 'complete') for (const event of tellGaps(database, sources)) yield note(event)
  yield {
    type: 'answer-end',
    messageId: ids.messageId,
    ...{ answer: draft.answer, citations: draft.citations, unsupported: draft.unsupported },
    notFound: isNotFound,
    confidence: found.confidence,
    mode: isModels ? 'model' : 'quotes',
    state,
  }
}

/** An interrupted answer is gone on with when the numbers in it still mean the same; otherwise it begins anew. */
function resetTo(messageId: string | null, kept: Kept | undefined): AnswerEvent {
  return { type: 'answer-reset', messageId, answer: wholeWords(kept?.answer ?? ''), citations: kept?.citations ?? [] }
}

/** Where it broke off within a word, nobody can tell from one that was at its end: the last word is written again. */
function wholeWords(text: string): string {
  const whole = text.replace(/[\p{L}\p{M}\p{N}'’-]{1,40}$/u, '')
  return whole === '' || /\s$/.test(whole) ? whole : `${whole} `
}

function areSame(before: readonly Source[], now: readonly Source[]): boolean {
  return JSON.stringify(before) === JSON.stringify(now)
}

/** What the quotes come from goes first: those are the numbers that people see. */
function quotedFirst(hits: readonly Hit[], { quotes }: QuoteResult): Hit[] {
  return [...new Set([...quotes.map(({ hit }) => hit), ...hits])]
}

function toPublic({ readingId: _r, heading: _h, ...source }: OfferedSource): Source {
  return source
}

function searchStep({ hits, didYouMean }: SearchResult, tookMs: number): AnswerEvent {
  const documents = new Set(hits.map(({ documentId }) => documentId)).size
  const count = `${hits.length} ${hits.length === 1 ? 'passage' : 'passages'}`
  const where = documents === 1 ? '1 document' : `${documents} documents`
  const asked = didYouMean === null ? '' : `, searching for “${didYouMean}”`
  const label = hits.length === 0 ? `Found nothing${asked}` : `Found ${count} in ${where}${asked}`
  return { type: 'step', name: 'search', label, tookMs: Math.round(tookMs) }
}

function* tellGaps(reader: Reader, sources: readonly OfferedSource[]): Generator<AnswerEvent, void, undefined> {
  const documentIds = new Set(sources.map(({ documentId }) => documentId))
  const gaps = unreadableNote(reader, [...documentIds])
  if (gaps) yield* say(`\n\n${gaps}`)
}

function hasText({ answer }: Draft): boolean {
  return answer.trim() !== ''
}

/** The model was told to say so, and did. */
function saysNotFound(answer: string): boolean {
  return answer.trimStart().toLowerCase().startsWith(NOT_FOUND.toLowerCase())
}
