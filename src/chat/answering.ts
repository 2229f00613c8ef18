/** What all kinds of turns are made of: what they know, what they find, and who writes. `conductor.ts` puts it together. */
import type { ChatModel, WebSearch } from '../inference.ts'
import type { Log } from '../lib/log.ts'
import type { Hit, QuoteResult, Search, SearchResult } from '../search.ts'
import type { Storage } from '../storage.ts'
import type { ChatQuestion } from './chats.ts'
import { buildMessages, fitToBudget } from './context.ts'
import type { AnswerEvent, Draft, Source } from './events.ts'
import type { Exchange } from './follow-up.ts'
import { metered, type Tokens, tokensSpent, type Write } from './metering.ts'
import { writeWithModel } from './model-answer.ts'
import type { CitableSource, Pages } from './pages.ts'
import { instructionsFor } from './personas.ts'
import { subjectOf } from './question-forms.ts'
import { takeUp } from './resumption.ts'
import type { Asker, Scope } from './scope.ts'
import type { Kept, TurnIds } from './turns.ts'
import { beginsNotFound, type Wording } from './wording.ts'

export interface AnswerServices {
  storage: Storage
  search: Search
  /** Without one, answers are quotes. */
  model: ChatModel | undefined
  /** Why the model is not to be asked for now, for people. */
  whyNoModel?(): string | null
  /** What may be written for each person; without it nothing is counted. */
  tokens?: Tokens
  /** Asked only when the question wants it. */
  web?: WebSearch | undefined
  log: Log
}

export interface TurnOptions {
  ids: TurnIds | typeof NO_CHAT
  history: readonly Exchange[]
  kept?: Kept
  /** What the events so far amount to; of one that goes on, at first what was kept. */
  draft: Draft
}

export const NO_CHAT = { messageId: null, questionId: null }

export interface Turn extends TurnOptions {
  services: AnswerServices
  asker: Asker
  question: ChatQuestion
  scope: Scope
  pages: Pages
  /** In the language of the question. */
  wording: Wording
  signal: AbortSignal
}

/** What the end of the answer says of it. */
export interface Outcome {
  /** By a model. */
  isWritten: boolean
  isNotFound: boolean
  confidence: number
  /** Documents whose unreadable pages are to be named. */
  documentIds: string[]
}

export type Emit = (event: AnswerEvent) => void

/** A model, and how it is made to write for this asker. */
export interface Writer {
  name: string
  write: Write
}

/** Tells what happens, then answers what came of it. */
export type Telling<T> = AsyncGenerator<AnswerEvent, T, undefined>

/**
 * The answer is to be written now, and finished afterwards. What a model writes is told by calls, and nothing else waits meanwhile: every
 * generator and promise that a word passes lives until the next one, long enough for V8 to keep it for old (bench/answer-streams.ts).
 */
export interface Writing {
  /** Undefined where no model is to be asked. */
  write: ((emit: Emit) => Promise<void>) | undefined
  finish(): Telling<Outcome>
}

const SOURCES_MAX = 8

export async function* findPassages(
  { services: { search, log }, question, scope }: Turn,
  asked: string,
): Telling<{ found: QuoteResult; hits: Hit[] }> {
  if (asked !== question.question) yield { type: 'step', name: 'rewrite', label: `Searching for “${asked}”` }
  const startedAt = performance.now()
  const text = subjectOf(asked) ?? asked
  const result = await search.find({ text, ...scope, limit: SOURCES_MAX })
  const found = search.quote(text, result)
  yield searchStep(result, performance.now() - startedAt)
  if (result.meaning.state === 'missed') yield meaningStep(result.meaning.reason, log)
  if ('reason' in result.reranking) yield rerankingStep(result.reranking, log)
  return { found, hits: quotedFirst(result.hits, found) }
}

/**
 * In a model's words, where there is one to be asked and anything was found. Quotes need half of a perfect match (see search); a model
 * makes sense of less, and says itself when there is nothing. A threshold of 0.35 kept from it 51 of 324 questions that papers in six
 * languages answer, half of the Chinese ones.
 */
export async function* prepareWriting(turn: Turn, sources: readonly CitableSource[]): Telling<Writing['write']> {
  const {
    services,
    question: { question },
    pages,
    draft,
    signal,
    history,
    ids,
  } = turn
  const writer = yield* chooseWriter(turn, sources.length > 0)
  yield* takeUp(turn, writer !== undefined, sources.map(toPublic))
  if (!writer) return undefined
  const persona = instructionsFor(services.storage.database, ids.messageId)
  const offered = fitToBudget(sources, persona + question)
  const prompt = { question, sources: offered, history, persona, written: draft.answer }
  const messages = () => buildMessages(prompt)
  const own = { model: writer, question, messages, sources: offered, pages, draft, log: services.log }
  return (emit) => writeWithModel(own, emit, signal)
}

/** The model, where it is wanted and may be asked; tells why where it may not. */
export function* chooseWriter(
  { services: { model, whyNoModel, tokens }, asker, question: { mode } }: Turn,
  isWanted: boolean,
): Generator<AnswerEvent, Writer | undefined, undefined> {
  if (!model || !isWanted || mode === 'quotes') return undefined
  const whyNot = whyNoModel?.() ?? null
  if (whyNot !== null) {
    yield { type: 'step', name: 'quotes-only', label: `Answering with quotes alone: ${whyNot}` }
    return undefined
  }
  if (!tokens) return model
  const spent = tokensSpent(tokens, asker.userId)
  if (spent) yield spent
  if (spent) return undefined
  return { name: model.name, write: metered(model.write, (usage) => tokens.spend(asker.userId, usage)) }
}

/** What the quotes come from goes first: those are the numbers that people see. */
function quotedFirst(hits: readonly Hit[], { quotes }: QuoteResult): Hit[] {
  return [...new Set([...quotes.map(({ hit }) => hit), ...hits])]
}

export function toPublic({ readingId: _r, heading: _h, ...source }: CitableSource): Source {
  return source
}

function rerankingStep(
  { state, reason }: Extract<SearchResult['reranking'], { reason: string }>,
  log: Log,
): AnswerEvent {
  const order = 'In the order of the search: the model for the order'
  if (state === 'left out')
    return { type: 'step', name: 'reranking', label: `${order} is not asked while memory is short` }
  log.warn('reranking-missed', { reason })
  return { type: 'step', name: 'reranking', label: `${order} did not answer` }
}

/** What went wrong is for those who look after the server. */
function meaningStep(reason: string, log: Log): AnswerEvent {
  log.warn('meaning-missed', { reason })
  return { type: 'step', name: 'meaning', label: 'Searched by words alone: the model for meanings did not answer' }
}

function searchStep({ hits, didYouMean }: SearchResult, tookMs: number): AnswerEvent {
  const documents = new Set(hits.map(({ documentId }) => documentId)).size
  const count = `${hits.length} ${hits.length === 1 ? 'passage' : 'passages'}`
  const where = documents === 1 ? '1 document' : `${documents} documents`
  const asked = didYouMean === null ? '' : `, searching for “${didYouMean}”`
  const label = hits.length === 0 ? `Found nothing${asked}` : `Found ${count} in ${where}${asked}`
  return { type: 'step', name: 'search', label, tookMs: Math.round(tookMs) }
}

export function hasText({ answer }: Draft): boolean {
  return answer.trim() !== ''
}

/** The model was told to say so, and did. */
export function saysNotFound({ answer, citations }: Draft): boolean {
  return citations.length === 0 && beginsNotFound(answer)
}

export function nothing(): Outcome {
  return { isWritten: false, isNotFound: false, confidence: 0, documentIds: [] }
}
