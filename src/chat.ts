/**
 * Questions to answers that can be checked, and the chats that they stand in. It knows no HTTP; whoever reads the events decides
 * what they look like outside. What happens in a turn, and in which order: `chat/conductor.ts`.
 */

import { type AnswerServices, NO_CHAT } from './chat/answering.ts'
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
import { answer } from './chat/conductor.ts'
import { openDeletion } from './chat/deletion.ts'
import { type AnswerEvent, emptyDraft } from './chat/events.ts'
import { eventsOf, type Follower, type StreamedEvent } from './chat/follow.ts'
import { openPersonas, type Personas } from './chat/personas.ts'
import { type Asker, readScope } from './chat/scope.ts'
import { openSuggestions, type Suggestion } from './chat/suggestions.ts'
import { type AnswerPlace, type Conduct, openTurns, type TurnIds } from './chat/turns.ts'
import { KnowBotError } from './errors.ts'
import { listen } from './lib/listen.ts'
import { type Messages, openMessages } from './lib/messages.ts'

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
export { acceptedLanguage, type Language } from './chat/languages.ts'
export type { NewPersona, Personas, PersonaView } from './chat/personas.ts'
export type { Asker } from './chat/scope.ts'
export type { Suggestion } from './chat/suggestions.ts'
export type {
  AnswerPlace,
  ChatQuestion,
  ChatView,
  Feedback,
  Follower,
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
  /** Whether questions may ask for the web. */
  readonly canSearchWeb: boolean

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
  /** What an answer answers, in its asker's words. */
  question(asker: Asker, place: AnswerPlace): string

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
  /** The same for whoever takes what there is, when there is something. */
  follower(asker: Asker, place: AnswerPlace, lastEventId: string | undefined): Follower
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

export interface ChatServices extends AnswerServices {
  /** To the other processes of the server; without it there are none. */
  messages?: Messages
  /** The rights that a user has now: for answers that are gone on with by themselves. */
  askerOf?(userId: number): Asker | undefined
}

/** Messages of a chat: none of its last questions is suggested again. */
const ASKED_LOOKED_AT = 40

export function openChat(services: ChatServices): Chat {
  const { database } = services.storage
  const conduct: Conduct = (asker, question, turn, tell) => answer(services, asker, question, turn, tell)
  const { messages = openMessages(), log, askerOf } = services
  const turns = openTurns({ database, messages, log, conduct, askerOf })
  const suggestions = openSuggestions({ reader: database, search: services.search })
  const deletion = openDeletion({ database, log, stop: (stream) => turns.stopStream(stream) })
  return {
    get canSearchWeb() {
      return services.web !== undefined
    },
    ask(asker, question, signal) {
      assertWeb(services, question)
      const turn = { ids: NO_CHAT, history: [] }
      return listen<AnswerEvent, void>(
        (tell, either) => answer(services, asker, question, { ...turn, draft: emptyDraft(), signal: either }, tell),
        signal,
      )
    },
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
    question: (asker, { chatId, messageId }) => getAnswer(database, asker, chatId, messageId).question.question,
    async send(asker, chatId, question) {
      assertWeb(services, question)
      readScope(database, asker, question) // What is not there is told before anything is kept.
      return turns.start(asker, chatId, question)
    },
    async edit(asker, { chatId, messageId }, question) {
      assertWeb(services, question)
      readScope(database, asker, question)
      return turns.start(asker, chatId, question, messageId)
    },
    follow: (asker, place, lastEventId, signal) => eventsOf(turns.follow(asker, place, lastEventId), signal),
    follower: (asker, place, lastEventId) => turns.follow(asker, place, lastEventId),
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

function assertWeb({ web }: ChatServices, question: ChatQuestion): void {
  if (!question.web || web) return
  const message = 'Expected no `web`: this server has no search engine for it. KNOWBOT_WEB_SEARCH sets one.'
  throw new KnowBotError('bad_request', message)
}
