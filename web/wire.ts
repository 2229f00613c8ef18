/** The wire contract as the page uses it: its types and nothing of its code. */
import type { InferOutput } from 'valibot'
import type { CHAT_EVENTS, ChatEventName } from '../src/api.ts'

export type {
  ChatAnswer,
  CitationAnswer as Citation,
  DocumentAnswer,
  MeAnswer,
  MessageAnswer,
  PageAnswer,
  ProblemAnswer,
  ReadyAnswer,
} from '../src/api.ts'

type Data<N extends ChatEventName> = InferOutput<(typeof CHAT_EVENTS)[N]>

/** An event of the answer stream, its name beside its data. */
export type AnswerEvent = { [N in ChatEventName]: { type: N } & Data<N> }[ChatEventName]

export type Source = Data<'sources-found'>['sources'][number]

/** A piece of a list, and where the next one begins. */
export interface Slice<T> {
  items: T[]
  nextCursor: string | null
}
