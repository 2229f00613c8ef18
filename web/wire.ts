/** The wire contract as the page uses it: its types and nothing of its code. */
import type { InferOutput } from 'valibot'
import type { CHAT_EVENTS, ChatEventName, ModelRequest, SearchAnswer, Status } from '../src/api.ts'

export type {
  ChatAnswer,
  CitationAnswer as Citation,
  CreatedKeyAnswer,
  DeletedAllAnswer,
  DocumentAnswer,
  KeyAnswer,
  MeAnswer,
  MessageAnswer,
  ModelAnswer,
  ModelTestAnswer,
  PageAnswer,
  PersonaAnswer,
  ProblemAnswer,
  ReadyAnswer,
  SearchAnswer,
  ServerModeAnswer,
  SessionAnswer,
  SuggestionsAnswer,
  TestAnswer,
  TokensTodayAnswer,
  UserAnswer,
} from '../src/api.ts'
export type { ErrorCode } from '../src/errors.ts'

type Data<N extends ChatEventName> = InferOutput<(typeof CHAT_EVENTS)[N]>

/** An event of the answer stream, its name beside its data. */
export type AnswerEvent = { [N in ChatEventName]: { type: N } & Data<N> }[ChatEventName]

export type Source = Data<'sources-found'>['sources'][number]

export type SearchHit = SearchAnswer['hits'][number]

/** What the supervisor says is its own affair and grows: only the queue is told in full. */
export type StatusAnswer = InferOutput<typeof Status>

/** A question as it is asked. */
export interface Question {
  readonly content: string
  /** Where to look; everywhere when neither is there. */
  readonly documentIds?: readonly string[]
  readonly exceptDocumentIds?: readonly string[]
  /** Looks in the web as well. */
  readonly web?: true
}

export type ModelChoice = InferOutput<typeof ModelRequest>

/** A piece of a list, and where the next one begins. */
export interface Slice<T> {
  items: T[]
  nextCursor: string | null
}
