/**
 * An answer in a model's words. They pass as they come, with two exceptions: a marker of a source that was not offered never
 * passes, and behind each marker stands, where there is one, the place in the source that says the same.
 */
import { KnowBotError, toKnowBotError } from '../errors.ts'
import type { ChatMessage, ChatModel } from '../inference.ts'
import type { Log } from '../lib/log.ts'
import { findUnsupported } from './check.ts'
import type { AnswerEvent } from './events.ts'
import { locate } from './locate.ts'
import { MarkerReader, type Piece } from './markers.ts'
import type { CitableSource, Pages } from './pages.ts'
import { claimBefore } from './statements.ts'

export interface ModelTurn {
  model: ChatModel
  question: string
  messages: readonly ChatMessage[]
  sources: readonly CitableSource[]
  pages: Pages
  /** What an interrupted attempt has left. */
  written: string
  log: Log
}

/** Ends with an `error` event where the model failed, and in silence where the signal stopped it. */
export async function* writeWithModel(
  { model, question, messages, sources, pages, written, log }: ModelTurn,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const markers = new MarkerReader(sources.map(({ n }) => n))
  const citations = new Citations(sources, pages, written)
  const startedAt = performance.now()
  let isSilent = true
  yield { type: 'step', name: 'model', label: `Asking ${model.name}` }
  try {
    for await (const delta of model.complete(messages, signal)) {
      if (isSilent) {
        isSilent = false
        yield { type: 'step', name: 'model', label: 'First words', tookMs: Math.round(performance.now() - startedAt) }
      }
      for (const piece of markers.read(delta)) yield* citations.show(piece)
    }
    for (const piece of markers.end()) yield* citations.show(piece)
    if (citations.answer.trim() === '')
      throw new KnowBotError('model_broken', `The model ${model.name} wrote nothing to show.`)
    yield* check(citations.answer, sources, question)
  } catch (error) {
    // The end of a stopped answer is no failure; what was held back at a failure is a piece of a marker at most.
    if (signal.aborted) return
    yield failureOf({ model, log }, toKnowBotError(error))
  }
}

export function failureOf({ model, log }: Pick<ModelTurn, 'model' | 'log'>, failure: KnowBotError): AnswerEvent {
  // The cause holds the provider's own words, for whoever runs the server.
  log.warn('model-failed', { model: model.name, code: failure.code, error: failure })
  return errorEvent(failure)
}

export function errorEvent({ code, message, retryAfterS }: KnowBotError): AnswerEvent {
  return { type: 'error', code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}

/** Follows the answer, so that each marker can be bound to the statement before it. */
class Citations {
  readonly #sources: ReadonlyMap<number, CitableSource>
  readonly #pages: Pages
  readonly #cited = new Set<string>()
  #answer: string

  constructor(sources: readonly CitableSource[], pages: Pages, written: string) {
    this.#answer = written
    this.#sources = new Map(sources.map((source) => [source.n, source]))
    this.#pages = pages
  }

  get answer(): string {
    return this.#answer
  }

  *show(piece: Piece): Generator<AnswerEvent, void, undefined> {
    if (piece.type === 'text') {
      this.#answer += piece.text
      yield { type: 'text-delta', text: piece.text }
      return
    }
    const claim = claimBefore(this.#answer)
    for (const n of piece.numbers) {
      this.#answer += `[${n}]`
      yield { type: 'text-delta', text: `[${n}]` }
      yield* this.#cite(this.#sources.get(n)!, claim)
    }
  }

  /** Nothing where the source has no such place: then the marker stands alone, and no quote is made up for it. */
  *#cite(source: CitableSource, claim: string): Generator<AnswerEvent, void, undefined> {
    for (const place of locate(claim, source.text).places) {
      const range = { start: source.start + place.start, end: source.start + place.end }
      const citation = this.#pages.cite(source, place.text, range)
      const key = `${source.n}/${range.start}/${range.end}`
      if (!citation || this.#cited.has(key)) continue
      this.#cited.add(key)
      yield { type: 'citation', ...citation }
    }
  }
}

/** An answer that broke off is not checked: its last sentence would be blamed for what it could not say. */
async function* check(
  answer: string,
  sources: readonly CitableSource[],
  question: string,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const startedAt = performance.now()
  const unsupported = await findUnsupported(answer, sources, question)
  const label =
    unsupported.length === 0 ? 'Every statement compared with its source' : 'Statements compared with their sources'
  yield { type: 'step', name: 'check', label, tookMs: Math.round(performance.now() - startedAt) }
  for (const range of unsupported) yield { type: 'unsupported', ...range }
}
