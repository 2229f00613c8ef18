/** One question and its answer: as its events tell it, or as the history does. */
import { type Signal, signal } from '@preact/signals'
import { sentenceOf, t } from '../messages.ts'
import type { AnswerEvent, Citation, MessageAnswer, Source } from '../wire.ts'

/**
 * `queued` while another is written, `searching` until the first word, then `writing`, then one of the ends.
 * `interrupted`: the process that wrote it died; it can be continued.
 */
export type AnswerState = 'queued' | 'searching' | 'writing' | 'complete' | 'stopped' | 'interrupted' | 'failed'

export interface Step {
  readonly name: string
  readonly label: string
  readonly tookMs?: number | undefined
}

export interface Exchange {
  readonly key: number
  readonly question: string
  /** Looks in the web as well. */
  readonly isOfWeb: boolean
  /** Null until the server has taken the question. */
  readonly questionId: Signal<string | null>
  /** The question whose place it takes. */
  readonly editOf: string | null
  /** Of the answer; null until the server has taken the question. */
  messageId: string | null
  readonly state: Signal<AnswerState>
  readonly text: Signal<string>
  /** What was really done for it, in the server's words. */
  readonly steps: Signal<readonly Step[]>
  readonly sources: Signal<readonly Source[]>
  readonly citations: Signal<readonly Citation[]>
  /** A model writes it, in Markdown; otherwise it is made of quotes. */
  readonly isWritten: Signal<boolean>
  /** What no source bears out, as it stands in the answer. */
  readonly unsupported: Signal<readonly string[]>
  readonly isNotFound: Signal<boolean>
  readonly error: Signal<string | null>
  /** What the person says of it. */
  readonly feedback: Signal<'up' | 'down' | null>
  /** Names of the documents that were still being read when it was asked. */
  readonly unread: readonly string[]
}

let lastKey = 0

export function createExchange(
  question: string,
  { unread = [], editOf = null, isOfWeb = false }: Partial<Pick<Exchange, 'unread' | 'editOf' | 'isOfWeb'>> = {},
): Exchange {
  return {
    key: ++lastKey,
    question,
    questionId: signal(null),
    editOf,
    isOfWeb,
    messageId: null,
    state: signal('queued'),
    text: signal(''),
    steps: signal([]),
    sources: signal([]),
    citations: signal([]),
    isWritten: signal(false),
    unsupported: signal([]),
    isNotFound: signal(false),
    error: signal(null),
    feedback: signal(null),
    unread,
  }
}

/** A question of the history with its answer. One that is being written begins empty: its events are told from the first. */
export function recallExchange(question: MessageAnswer, answer: MessageAnswer): Exchange {
  const exchange = createExchange(question.content, { editOf: question.editOf })
  exchange.questionId.value = question.id
  exchange.messageId = answer.id
  if (answer.state === 'writing') {
    exchange.state.value = 'searching'
    return exchange
  }
  exchange.text.value = answer.content
  exchange.steps.value = answer.steps
  exchange.sources.value = answer.sources
  exchange.citations.value = answer.citations
  exchange.isWritten.value = answer.mode === 'model'
  exchange.unsupported.value = piecesOf(answer.content, answer.unsupported)
  exchange.isNotFound.value = answer.notFound
  exchange.feedback.value = answer.feedback
  exchange.error.value = answer.error && sentenceOf(answer.error.code, answer.error.message)
  exchange.state.value = answer.state
  return exchange
}

export function isBusy({ state }: Exchange): boolean {
  return state.value === 'searching' || state.value === 'writing'
}

export function applyEvent(exchange: Exchange, event: AnswerEvent, writer: Writer): void {
  switch (event.type) {
    case 'answer-start':
      exchange.messageId = event.messageId
      exchange.questionId.value = event.questionId
      exchange.steps.value = []
      exchange.error.value = null
      return
    case 'answer-reset':
      writer.reset(event.answer)
      // Whatever ended it before, it goes on: another process has taken it over.
      exchange.error.value = null
      exchange.state.value = 'writing'
      exchange.citations.value = event.citations
      exchange.isWritten.value = true // Quotes are written at once: what is taken up again is a model's.
      return
    case 'unsupported':
      return
    case 'step':
      exchange.steps.value = [...exchange.steps.value, event]
      if (event.name === 'model') exchange.isWritten.value = true
      return
    case 'sources-found':
      exchange.sources.value = event.sources
      return
    case 'text-delta':
      exchange.state.value = 'writing'
      writer.append(event.text)
      return
    case 'citation': {
      writer.flush()
      const name = exchange.sources.value.find(({ n }) => n === event.n)?.name ?? ''
      exchange.citations.value = [...exchange.citations.value, { ...event, name }]
      return
    }
    case 'error':
      writer.flush()
      exchange.error.value = sentenceOf(event.code, event.detail)
      // Nothing written yet: the quotes follow.
      if (exchange.text.value === '') exchange.isWritten.value = false
      return
    case 'answer-end':
      writer.reset(event.answer)
      exchange.citations.value = event.citations
      exchange.unsupported.value = piecesOf(event.answer, event.unsupported)
      exchange.isNotFound.value = event.notFound
      exchange.isWritten.value = event.mode === 'model'
      exchange.state.value = event.state
      return
  }
}

function piecesOf(text: string, ranges: readonly { start: number; end: number }[]): string[] {
  return ranges.map(({ start, end }) => text.slice(start, end))
}

export function endOf({ state, isNotFound, citations, error }: Exchange): string {
  if (state.value === 'stopped') return t.announce.answerStopped
  if (state.value === 'failed' || state.value === 'interrupted') return error.value ?? t.answerFailed
  return isNotFound.value ? t.announce.answerNotFound : t.announce.answerFinished(citations.value.length)
}

export interface Writer {
  append(text: string): void
  flush(): void
  reset(text: string): void
}

/** Words come faster than a screen is drawn: they are joined and shown once per frame. */
export function createWriter({ text }: Exchange): Writer {
  let written = text.peek()
  let frame = 0
  const flush = () => {
    cancelAnimationFrame(frame)
    frame = 0
    text.value = written
  }
  return {
    append(delta) {
      written += delta
      if (frame === 0) frame = requestAnimationFrame(flush)
    },
    flush,
    reset(whole) {
      written = whole
      flush()
    },
  }
}
