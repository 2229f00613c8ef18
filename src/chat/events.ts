/**
 * The answer stream: what happens, in the order in which it happens, and what it amounts to.
 *
 *   answer-start  step…  sources-found  (text-delta | citation | unsupported | step)…  [error]  answer-end
 *
 * Sources come before any text. A citation is bound to the text that precedes it. An error before any text is followed by
 * the quotes; after some text it leaves what was written. `answer-end` is always the last.
 */
import type { ErrorCode } from '../errors.ts'
import { appended } from '../lib/flat.ts'

/** A passage that was found for the question, under the number by which the answer marks it. */
export interface Source {
  n: number
  /** Null of a result from the web, as `page` is. */
  documentId: string | null
  name: string
  page: number | null
  text: string
  start: number
  end: number
  /** Of a result from the web: http or https. */
  url?: string
}

export interface Citation {
  n: number
  documentId: string | null
  name: string
  page: number | null
  /** Occurs literally at [start, end) of the text of that page, or of what a search engine said of a page of the web. */
  quote: string
  start: number
  end: number
  /** The server has checked that it stands in the document; never of a result from the web. */
  verified: boolean
  url?: string
}

/** UTF-16 code units of the answer. */
export interface AnswerRange {
  start: number
  end: number
}

export type AnswerMode = 'model' | 'quotes'
export type AnswerState = 'complete' | 'stopped' | 'failed' | 'interrupted'
export type StepName =
  | 'continue'
  | 'rewrite'
  | 'search'
  | 'quotes-only'
  | 'meaning'
  | 'reranking'
  | 'web'
  | 'model'
  | 'check'

/** Something that was done for the answer. */
export interface Step {
  name: StepName
  label: string
  tookMs?: number
}

export interface AnswerFailure {
  code: ErrorCode
  message: string
  retryAfterS?: number
}

export type AnswerEvent =
  | { type: 'answer-start'; messageId: string | null; questionId: string | null }
  /** Forget what you have: this is what is kept, and the stream goes on from here. */
  | { type: 'answer-reset'; messageId: string | null; answer: string; citations: Citation[] }
  | ({ type: 'step' } & Step)
  | { type: 'sources-found'; sources: Source[] }
  | { type: 'text-delta'; text: string }
  | ({ type: 'citation' } & Omit<Citation, 'name'>)
  | ({ type: 'unsupported' } & AnswerRange)
  | ({ type: 'error' } & AnswerFailure)
  | AnswerEnd

export type AnswerEnd = {
  type: 'answer-end'
  messageId: string | null
  state: AnswerState
  /** Of an interrupted one: another process goes on with it by itself, as a new stream of the same message. */
  isContinued?: true
  /** The documents do not know, and the web could be asked: whoever asked may want that. */
  webOffered?: true
} & Omit<Answer, 'error'>

export interface Answer {
  answer: string
  citations: Citation[]
  unsupported: AnswerRange[]
  notFound: boolean
  /** 0 to 1: what `notFound` was decided by. */
  confidence: number
  mode: AnswerMode
  /** What kept the model from answering, or from coming to its end. */
  error: AnswerFailure | undefined
}

/** What the events so far amount to. */
export interface Draft {
  answer: string
  steps: Step[]
  sources: Source[]
  citations: Citation[]
  unsupported: AnswerRange[]
  error: AnswerFailure | undefined
}

export function emptyDraft(): Draft {
  return { answer: '', steps: [], sources: [], citations: [], unsupported: [], error: undefined }
}

export function applyEvent(draft: Draft, event: AnswerEvent): void {
  switch (event.type) {
    case 'sources-found':
      draft.sources = event.sources
      break
    case 'answer-reset':
      draft.answer = event.answer
      draft.citations = [...event.citations]
      break
    case 'text-delta':
      draft.answer = appended(draft.answer, event.text)
      break
    case 'citation': {
      const { type: _, ...citation } = event
      const name = draft.sources.find(({ n }) => n === citation.n)?.name ?? ''
      draft.citations.push({ ...citation, name })
      break
    }
    case 'unsupported':
      draft.unsupported.push({ start: event.start, end: event.end })
      break
    case 'error': {
      const { type: _, ...failure } = event
      draft.error = failure
      break
    }
    case 'step': {
      const { type: _, ...step } = event
      draft.steps.push(step)
      break
    }
    case 'answer-start':
    case 'answer-end':
      break
  }
}

/** The answer that a stream of events amounts to, once it is at its end. */
export async function fold(events: AsyncIterable<AnswerEvent>): Promise<Answer> {
  const draft = emptyDraft()
  for await (const event of events) {
    applyEvent(draft, event)
    if (event.type !== 'answer-end') continue
    const { answer, citations, unsupported, notFound, confidence, mode } = event
    return { answer, citations, unsupported, notFound, confidence, mode, error: draft.error }
  }
  throw new Error('The events of an answer ended without answer-end.')
}
