/** The wire contract as the page uses it: its types and nothing of its code. */
import type { InferOutput } from 'valibot'
import type { ANSWER_EVENTS, AnswerEventName } from '../src/api.ts'

export type {
  CitationAnswer as Citation,
  DocumentAnswer,
  MeAnswer,
  PageAnswer,
  ProblemAnswer,
  ReadyAnswer,
} from '../src/api.ts'

type Data<N extends AnswerEventName> = InferOutput<(typeof ANSWER_EVENTS)[N]>

/** An event of the answer stream, its name beside its data. */
export type AnswerEvent = { [N in AnswerEventName]: { type: N } & Data<N> }[AnswerEventName]

export type Source = Data<'sources-found'>['sources'][number]
