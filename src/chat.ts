/**
 * Questions to answers that can be checked. The conductor of a turn stands here: what happens in which order, and what
 * follows when something fails. It knows no HTTP; whoever reads the events decides what they look like outside.
 */
import { buildMessages, fitToBudget } from './chat/context.ts'
import { NOT_FOUND, notFoundText, unreadableNote } from './chat/coverage.ts'
import { type AnswerEvent, type AnswerState, applyEvent, type Draft, emptyDraft, type Source } from './chat/events.ts'
import { writeWithModel } from './chat/model-answer.ts'
import { numberSources, type OfferedSource, openPages } from './chat/pages.ts'
import { say, writeQuotes } from './chat/quotes.ts'
import { type Asker, type NamedScope, readScope } from './chat/scope.ts'
import type { ChatModel } from './inference.ts'
import type { Log } from './lib/log.ts'
import type { Hit, QuoteResult, Search, SearchResult } from './search.ts'
import type { Reader, Storage } from './storage.ts'

export {
  type Answer,
  type AnswerEvent,
  type AnswerFailure,
  type AnswerMode,
  type AnswerRange,
  type AnswerState,
  type Citation,
  fold,
  type Source,
} from './chat/events.ts'
export type { Asker } from './chat/scope.ts'

export interface Question extends NamedScope {
  question: string
  /** `quotes` leaves the model out. */
  mode?: 'quotes' | undefined
}

export interface Chat {
  /**
   * The events of one answer, without history; `answer-end` is the last. What is wrong with the question (`not_found`) is
   * thrown before the first event. Leaving the loop or aborting the signal stops the model at once.
   */
  ask(asker: Asker, question: Question, signal: AbortSignal): AsyncIterable<AnswerEvent>
}

export interface ChatServices {
  storage: Storage
  search: Search
  /** Without one, answers are quotes. */
  model: ChatModel | undefined
  log: Log
}

const SOURCES_MAX = 8
/**
 * Quotes need half of a perfect match (see search); a model can make sense of less, and says itself when there is none.
 * Below this the passages have nothing to do with the question, and it would only be led astray.
 */
const MODEL_CONFIDENCE_MIN = 0.35

export function openChat(services: ChatServices): Chat {
  return { ask: (asker, question, signal) => answer(services, asker, question, signal) }
}

/** One turn: sources first, then text and citations as they come, then how it ended. */
async function* answer(
  { storage: { database }, search, model, log }: ChatServices,
  asker: Asker,
  { question, mode, ...named }: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const scope = readScope(database, asker, named)
  const pages = openPages(database)
  const draft = emptyDraft()
  const note = (event: AnswerEvent) => {
    applyEvent(draft, event)
    return event
  }
  yield note({ type: 'answer-start', messageId: null, questionId: null })

  const startedAt = performance.now()
  const result = await search.find({ text: question, ...scope, limit: SOURCES_MAX })
  const found = search.quote(question, result)
  yield note(searchStep(result, performance.now() - startedAt))
  const sources = numberSources(quotedFirst(result.hits, found))
  yield note({ type: 'sources-found', sources: sources.map(toPublic) })

  if (model && mode !== 'quotes' && sources.length > 0 && found.confidence >= MODEL_CONFIDENCE_MIN) {
    const offered = fitToBudget(sources, question)
    const turn = { model, question, messages: buildMessages(question, offered), sources: offered, pages, log }
    for await (const event of writeWithModel(turn, signal)) yield note(event)
  }
  const isModels = hasText(draft)
  if (!isModels && !signal.aborted) {
    if (!found.notFound) for (const event of writeQuotes(found.quotes, sources, pages)) yield note(event)
    if (!hasText(draft)) for (const event of say(notFoundText(database, scope))) yield note(event)
  }
  const state: AnswerState = signal.aborted ? 'stopped' : isModels && draft.error ? 'failed' : 'complete'
  if (state === 'complete') for (const event of tellGaps(database, sources)) yield note(event)
  yield {
    type: 'answer-end',
    messageId: null,
    ...{ answer: draft.answer, citations: draft.citations, unsupported: draft.unsupported },
    notFound: draft.citations.length === 0 && (isModels ? saysNotFound(draft.answer) : true),
    confidence: found.confidence,
    mode: isModels ? 'model' : 'quotes',
    state,
  }
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
