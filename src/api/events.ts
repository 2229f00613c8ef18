/** Events of the streams: name of the event, and its data. `id` is STREAM.SEQ where there is one. */
import * as v from 'valibot'
import { Answer, Citation, Document, Mode, Problem, Range, ServerMode, Source, Step } from './answers.ts'

const { n, documentId, page, quote, start, end, verified, url } = Citation.entries
const messageId = v.pipe(v.nullable(v.string()), v.description('Null on /api/ask: nothing can be resumed there.'))

/** The answer stream. `answer-start` comes first, `answer-end` last, sources before any text. */
export const ANSWER_EVENTS = {
  'answer-start': v.strictObject({ messageId, questionId: v.nullable(v.string()) }),
  step: Step,
  'sources-found': v.strictObject({ sources: v.array(Source) }),
  'text-delta': v.strictObject({ text: v.string() }),
  citation: v.strictObject({ n, documentId, page, quote, start, end, verified, url }),
  unsupported: Range,
  error: Problem,
  'answer-end': v.strictObject({
    messageId,
    answer: v.string(),
    citations: v.array(Citation),
    unsupported: v.array(Range),
    notFound: v.boolean(),
    confidence: Answer.entries.confidence,
    mode: Mode,
    state: v.picklist(['complete', 'failed', 'stopped', 'interrupted']),
    webOffered: v.pipe(
      v.optional(v.literal(true)),
      v.description('Not in the documents, and the web could be asked: the same question with `web`.'),
    ),
    isContinued: v.pipe(
      v.optional(v.literal(true)),
      v.description('Of an interrupted answer: another process goes on with it by itself. Ask for its events again.'),
    ),
  }),
} as const
export type AnswerEventName = keyof typeof ANSWER_EVENTS

/** The same in a chat, where a reader may come back to what is not there any more. */
export const CHAT_EVENTS = {
  'answer-reset': v.pipe(
    v.strictObject({ messageId, answer: v.string(), citations: v.array(Citation) }),
    v.description('Forget what you have: this is what is kept. What follows goes on from there.'),
  ),
  ...ANSWER_EVENTS,
} as const
export type ChatEventName = keyof typeof CHAT_EVENTS

/** How a document stands, each time that changed. */
export const DOCUMENT_EVENTS = { document: Document } as const

/** The same of all documents, and on which rung of its ladder the server is, where it is not as usual and whenever that changes. */
export const SERVER_EVENTS = { ...DOCUMENT_EVENTS, server: ServerMode } as const
