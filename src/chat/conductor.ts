/**
 * The conductor of a turn: what happens in which order, and what follows when something fails.
 *
 *   answer-start ─▶ what kind of question ─▶ sources ─▶ a model, or quotes ─▶ what could not be read ─▶ answer-end
 *
 * Most questions are answered from passages; a few, known by their form, from all pages or from the list of documents.
 */
import { toKnowBotError } from '../errors.ts'
import type { WebResult, WebSearch } from '../inference.ts'
import type { QuoteResult } from '../search.ts'
import {
  type AnswerServices,
  chooseWriter,
  type Emit,
  findPassages,
  hasText,
  nothing,
  type Outcome,
  prepareWriting,
  saysNotFound,
  type Telling,
  type Turn,
  type TurnOptions,
  toPublic,
  type Writing,
} from './answering.ts'
import { type Broad, gather } from './broad.ts'
import type { ChatQuestion } from './chats.ts'
import { notFoundText, unreadableNote } from './coverage.ts'
import { type AnswerEvent, type AnswerState, applyEvent } from './events.ts'
import { standaloneQuestion } from './follow-up.ts'
import { describeLibrary } from './library.ts'
import { type CitableSource, numberResults, numberSources, type OfferedSource, openPages } from './pages.ts'
import { instructionsFor } from './personas.ts'
import { say, writeExcerpts, writeQuotes, writeResults } from './quotes.ts'
import { resetTo, takeUp } from './resumption.ts'
import { type Asker, readScope } from './scope.ts'
import { writeInStages } from './stages.ts'
import { type Wish, wishOf } from './wishes.ts'
import { wordingOf } from './wording.ts'

/** The web has as many again. */
const SOURCES_BESIDE_WEB_MAX = 4
/** What is not found but may be near is quoted, and called so. */
const NEAREST_CONFIDENCE_MIN = 0.2

/**
 * One turn: sources first, then text and citations as they come, then how it ended. What the events amount to stands in the draft
 * before each is told.
 */
export async function answer(
  services: AnswerServices,
  asker: Asker,
  question: ChatQuestion,
  { signal, ...options }: TurnOptions & { signal: AbortSignal },
  tell: Emit,
): Promise<void> {
  const { database } = services.storage
  const scope = readScope(database, asker, question)
  const { ids, kept, draft } = options
  const emit = (event: AnswerEvent) => {
    applyEvent(draft, event)
    tell(event)
  }
  const wording = wordingOf(question)
  const turn: Turn = { ...options, services, asker, question, scope, pages: openPages(database), wording, signal }
  tell({ type: 'answer-start', ...ids })
  if (kept) emit({ type: 'step', name: 'continue', label: 'Going on with an answer that was interrupted' })

  const begun = await relay(conduct(turn), emit)
  if ('finish' in begun) await begun.write?.(emit)
  const outcome = 'finish' in begun ? await relay(begun.finish(), emit) : begun
  const { isWritten, isNotFound, confidence, documentIds } = outcome
  const state: AnswerState = signal.aborted ? 'stopped' : isWritten && draft.error ? 'failed' : 'complete'
  const gaps = state === 'complete' ? unreadableNote(database, documentIds, wording) : undefined
  if (gaps) for (const event of say(`\n\n${gaps}`)) emit(event)
  tell({
    type: 'answer-end',
    messageId: ids.messageId,
    ...{ answer: draft.answer, citations: draft.citations, unsupported: draft.unsupported },
    notFound: isNotFound,
    confidence,
    mode: isWritten ? 'model' : 'quotes',
    state,
    ...(isNotFound && services.web && !question.web ? { webOffered: true as const } : {}),
  })
}

async function relay<T>(telling: Telling<T>, emit: Emit): Promise<T> {
  for (;;) {
    const next = await telling.next()
    if (next.done) return next.value
    emit(next.value)
  }
}

function conduct(turn: Turn): Telling<Outcome | Writing> {
  if (turn.question.web && turn.services.web) return answerWithWeb(turn, turn.services.web)
  const wish = wishOf(turn.question.question)
  if (wish.kind === 'inventory') return tellWhatThereIs(turn)
  if (wish.kind === 'passage') return answerFromPassages(turn, standaloneQuestion(turn.question.question, turn.history))
  return answerFromPagesOrPassages(turn, wish)
}

/** "Summarise the rent" names no document: then the rent is what to look for. */
async function* answerFromPagesOrPassages(
  turn: Turn,
  wish: Extract<Wish, { kind: 'summary' | 'list' }>,
): Telling<Outcome | Writing> {
  return (yield* answerFromPages(turn, wish)) ?? (yield* answerFromPassages(turn, wish.about || turn.question.question))
}

/** What there is, from the database: no document has to be read for it. */
async function* tellWhatThereIs({ services, scope, wording, ids, kept }: Turn): Telling<Outcome> {
  yield { type: 'step', name: 'search', label: 'Looking through the list of documents' }
  yield { type: 'sources-found', sources: [] }
  if (kept) yield resetTo(ids.messageId, undefined)
  yield* say(describeLibrary(services.storage.database, scope, wording))
  return { isWritten: false, isNotFound: false, confidence: 1, documentIds: [] }
}

/** Undefined, and nothing told but steps, where the question turns out to be one for passages. */
async function* answerFromPages(
  turn: Turn,
  wish: Extract<Wish, { kind: 'summary' | 'list' }>,
): Telling<Outcome | Writing | undefined> {
  const { services, question, scope, pages, wording, draft, signal, history, ids } = turn
  const { database } = services.storage
  const startedAt = performance.now()
  const broad = await gather({ database, log: services.log, wording }, wish, scope, signal).catch(unlessStopped(signal))
  if (!broad) return signal.aborted ? nothing() : undefined
  yield { type: 'step', name: 'search', label: broad.label, tookMs: Math.round(performance.now() - startedAt) }
  yield { type: 'sources-found', sources: broad.sources.map(toPublic) }
  const writer = yield* chooseWriter(turn, true)
  yield* takeUp(turn, writer !== undefined, broad.sources.map(toPublic))
  const finish = () => finishFromPages(turn, broad)
  if (!writer) return { write: undefined, finish }
  const persona = instructionsFor(database, ids.messageId)
  const prompt = { question: question.question, history, persona, written: draft.answer }
  const own = { model: writer, pages, draft, log: services.log }
  return { write: (emit) => writeInStages(broad, prompt, own, emit, signal), finish }
}

async function* finishFromPages({ pages, draft, signal }: Turn, broad: Broad): Telling<Outcome> {
  const isWritten = hasText(draft)
  if (!isWritten && !signal.aborted) yield* writeExcerpts(broad, pages)
  if (!signal.aborted && !draft.error) yield* say(`\n\n${broad.coverage}`)
  const documentIds = [...new Set(broad.sources.map(({ documentId }) => documentId))]
  return { isWritten, isNotFound: false, confidence: 1, documentIds }
}

async function* answerFromPassages(turn: Turn, asked: string): Telling<Writing> {
  const { found, hits } = yield* findPassages(turn, asked)
  const sources = numberSources(hits)
  yield { type: 'sources-found', sources: sources.map(toPublic) }
  const write = yield* prepareWriting(turn, sources)
  return { write, finish: () => finishFromPassages(turn, found, sources) }
}

/** What follows when the model is done, or was not asked. */
async function* finishFromPassages(
  { services, scope, pages, wording, draft, signal }: Turn,
  found: QuoteResult,
  sources: readonly OfferedSource[],
): Telling<Outcome> {
  const isWritten = hasText(draft)
  let isNotFound = isWritten && saysNotFound(draft)
  if (!isWritten && !signal.aborted) {
    if (!found.notFound) yield* writeQuotes(found.quotes, sources, pages, wording.quotes)
    if (!hasText(draft)) {
      isNotFound = true
      yield* say(notFoundText(services.storage.database, scope, wording))
      const isNear = found.confidence >= NEAREST_CONFIDENCE_MIN
      const { one, many } = wording.nearest
      if (isNear) yield* writeQuotes(found.quotes, sources, pages, { one: `\n\n${one}`, many: `\n\n${many}` })
    }
  }
  const documentIds = [...new Set(sources.map(({ documentId }) => documentId))]
  return { isWritten, isNotFound, confidence: found.confidence, documentIds }
}

/** What the documents have comes first; what the web has is told apart. */
async function* answerWithWeb(turn: Turn, web: WebSearch): Telling<Outcome | Writing> {
  const { question, signal, history } = turn
  const asked = standaloneQuestion(question.question, history)
  const { found, hits } = yield* findPassages(turn, asked)
  const own = numberSources(found.notFound ? [] : hits.slice(0, SOURCES_BESIDE_WEB_MAX))
  const { results, trouble } = yield* askWeb(turn, web, asked)
  if (signal.aborted) return nothing()
  const fromWeb = numberResults(results, own.length)
  const sources = [...own, ...fromWeb]
  yield { type: 'sources-found', sources: sources.map(toPublic) }
  const write = yield* prepareWriting(turn, sources)
  return { write, finish: () => finishWithWeb(turn, found, { own, fromWeb, trouble }) }
}

async function* finishWithWeb(
  { pages, wording, draft, signal }: Turn,
  found: QuoteResult,
  { own, fromWeb, trouble }: { own: OfferedSource[]; fromWeb: CitableSource[]; trouble: string | undefined },
): Telling<Outcome> {
  const isWritten = hasText(draft)
  if (!isWritten && !signal.aborted) {
    yield* writeQuotes(found.quotes, own, pages, wording.quotes)
    yield* writeResults(fromWeb, pages, `${hasText(draft) ? '\n\n' : ''}${wording.foundInWeb}`)
    if (trouble !== undefined)
      yield* say(`${hasText(draft) ? '\n\n' : `${wording.sentence(wording.notFound)} `}${wording.webFailed(trouble)}`)
    else if (!hasText(draft)) yield* say(wording.notFoundNorInWeb)
  }
  const isNotFound = isWritten ? saysNotFound(draft) : draft.citations.length === 0
  const documentIds = [...new Set(own.map(({ documentId }) => documentId))]
  return { isWritten, isNotFound, confidence: found.confidence, documentIds }
}

async function* askWeb(
  { services: { log }, signal }: Turn,
  web: WebSearch,
  asked: string,
): Telling<{ results: WebResult[]; trouble?: string }> {
  const startedAt = performance.now()
  try {
    const results = await web.find(asked, signal)
    const count = `${results.length} ${results.length === 1 ? 'result' : 'results'}`
    const tookMs = Math.round(performance.now() - startedAt)
    yield { type: 'step', name: 'web', label: `Asked ${web.name} for “${asked}”: ${count}`, tookMs }
    return { results }
  } catch (error) {
    if (signal.aborted) return { results: [] }
    const failure = toKnowBotError(error)
    log.warn('web-search-failed', { engine: web.name, error: failure })
    yield { type: 'step', name: 'web', label: `The web could not be searched: ${failure.message}` }
    return { results: [], trouble: failure.message }
  }
}

function unlessStopped(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error
  }
}
