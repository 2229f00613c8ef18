/**
 * An answer in a model's words. They pass as they come, with two exceptions: a marker of a source that was not offered never
 * passes, and behind each marker stands, where there is one, the place in the source that says the same.
 */
import { KnowBotError, toKnowBotError } from '../errors.ts'
import type { ChatMessage } from '../inference.ts'
import type { Log } from '../lib/log.ts'
import type { Emit, Writer } from './answering.ts'
import { findUnsupported } from './check.ts'
import type { AnswerEvent, Draft } from './events.ts'
import { locate, readText } from './locate.ts'
import { MarkerReader, type Piece } from './markers.ts'
import type { CitableSource, Pages } from './pages.ts'
import { claimBefore } from './statements.ts'

export interface ModelTurn {
  model: Writer
  question: string
  messages: () => readonly ChatMessage[]
  sources: readonly CitableSource[]
  pages: Pages
  /** What the events so far amount to, what an interrupted attempt has left among it. */
  draft: Readonly<Draft>
  log: Log
}

/** Ends with an `error` event where the model failed, and in silence where the signal stopped it. */
export async function writeWithModel(
  { model, question, messages, sources, pages, draft, log }: ModelTurn,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const markers = new MarkerReader(sources.map(({ n }) => n))
  const citations = new Citations({ sources, pages, draft }, emit)
  const startedAt = performance.now()
  let isSilent = true
  emit({ type: 'step', name: 'model', label: `Asking ${model.name}` })
  const tell = (delta: string) => {
    if (signal.aborted) return
    if (isSilent) {
      isSilent = false
      emit({ type: 'step', name: 'model', label: 'First words', tookMs: Math.round(performance.now() - startedAt) })
    }
    for (const piece of markers.read(delta)) citations.show(piece)
  }
  try {
    await model.write(messages, tell, signal)
    for (const piece of markers.end()) citations.show(piece)
    if (draft.answer.trim() === '')
      throw new KnowBotError('model_broken', `The model ${model.name} wrote nothing to show.`)
    await check({ answer: draft.answer, sources, question }, emit)
  } catch (error) {
    // The end of a stopped answer is no failure; what was held back at a failure is a piece of a marker at most.
    if (signal.aborted) return
    emit(failureOf({ model, log }, toKnowBotError(error)))
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
  readonly #sources: readonly CitableSource[]
  readonly #pages: Pages
  readonly #draft: Readonly<Draft>
  readonly #emit: Emit
  /** Made with the first: most answers that are being written have none yet. */
  #cited: Set<string> | undefined

  constructor({ sources, pages, draft }: Pick<ModelTurn, 'sources' | 'pages' | 'draft'>, emit: Emit) {
    this.#sources = sources
    this.#pages = pages
    this.#draft = draft
    this.#emit = emit
  }

  show(piece: Piece): void {
    if (piece.type === 'text') {
      this.#emit({ type: 'text-delta', text: piece.text })
      return
    }
    const claim = claimBefore(this.#draft.answer)
    for (const n of piece.numbers) {
      this.#emit({ type: 'text-delta', text: `[${n}]` })
      this.#cite(this.#sources.find((source) => source.n === n)!, claim)
    }
  }

  /** Nothing where the source has no such place: then the marker stands alone, and no quote is made up for it. */
  #cite(source: CitableSource, claim: string): void {
    for (const place of locate(claim, readText(source.text)).places) {
      const range = { start: source.start + place.start, end: source.start + place.end }
      const citation = this.#pages.cite(source, place.text, range)
      const key = `${source.n}/${range.start}/${range.end}`
      if (!citation || this.#cited?.has(key)) continue
      this.#cited ??= new Set()
      this.#cited.add(key)
      this.#emit({ type: 'citation', ...citation })
    }
  }
}

/** An answer that broke off is not checked: its last sentence would be blamed for what it could not say. */
async function check(
  { answer, sources, question }: { answer: string; sources: readonly CitableSource[]; question: string },
  emit: Emit,
): Promise<void> {
  const startedAt = performance.now()
  const unsupported = await findUnsupported(answer, sources, question)
  const label =
    unsupported.length === 0 ? 'Every statement compared with its source' : 'Statements compared with their sources'
  emit({ type: 'step', name: 'check', label, tookMs: Math.round(performance.now() - startedAt) })
  for (const range of unsupported) emit({ type: 'unsupported', ...range })
}
