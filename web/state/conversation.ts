/** Questions and their answers, as they came in this tab. One answer is written at a time. */
import { type Signal, signal } from '@preact/signals'
import { ask } from '../answer-stream.ts'
import { asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import type { AnswerEvent, Citation, Source } from '../wire.ts'
import { announce } from './announcer.ts'
import { beingRead, chosenIds } from './documents.ts'
import { endSession, isSignedOut } from './session.ts'

/** `queued` while another is written, `searching` until the first word, then `writing`, then one of the ends. */
export type AnswerState = 'queued' | 'searching' | 'writing' | 'complete' | 'stopped' | 'failed'

export interface Step {
  readonly label: string
  readonly tookMs?: number | undefined
}

export interface Exchange {
  readonly key: number
  readonly question: string
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
  /** Names of the documents that were still being read when it was asked. */
  readonly unread: readonly string[]
}

export const exchanges = signal<readonly Exchange[]>([])
/** The exchange whose answer is being written. */
export const current = signal<Exchange | null>(null)

let lastKey = 0
let abort: AbortController | undefined

/** Answered at once, or when those that were asked before have been answered. */
export function askQuestion(question: string): void {
  exchanges.value = [...exchanges.value, createExchange(question)]
  void answerNext()
}

/** Takes back what waits for its turn. */
export function withdraw(exchange: Exchange): void {
  exchanges.value = exchanges.value.filter((other) => other !== exchange)
}

async function answerNext(): Promise<void> {
  const exchange = exchanges.peek().find(({ state }) => state.peek() === 'queued')
  if (current.peek() !== null || exchange === undefined) return
  current.value = exchange
  exchange.state.value = 'searching'
  announce(t.announce.answerStarted)
  abort = new AbortController()
  const { signal } = abort
  const writer = createWriter(exchange)
  try {
    for await (const event of ask(exchange.question, chosenIds.peek(), signal)) apply(exchange, event, writer)
  } catch (error) {
    writer.flush()
    fail(exchange, error, signal.aborted)
  }
  current.value = null
  announce(endOf(exchange))
  await answerNext()
}

export function stop(): void {
  abort?.abort()
}

export function forgetConversation(): void {
  exchanges.value = []
  stop()
}

function createExchange(question: string): Exchange {
  return {
    key: ++lastKey,
    question,
    state: signal('queued'),
    text: signal(''),
    steps: signal([]),
    sources: signal([]),
    citations: signal([]),
    isWritten: signal(false),
    unsupported: signal([]),
    isNotFound: signal(false),
    error: signal(null),
    unread: beingRead.value.map(({ view }) => view.value.name),
  }
}

function apply(exchange: Exchange, event: AnswerEvent, writer: Writer): void {
  switch (event.type) {
    case 'answer-start':
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
      exchange.error.value = t.errors[event.code] ?? event.detail
      // Nothing written yet: the quotes follow.
      if (exchange.text.value === '') exchange.isWritten.value = false
      return
    case 'answer-end':
      writer.reset(event.answer)
      exchange.citations.value = event.citations
      exchange.unsupported.value = event.unsupported.map(({ start, end }) => event.answer.slice(start, end))
      exchange.isNotFound.value = event.notFound
      exchange.isWritten.value = event.mode === 'model'
      exchange.state.value = event.state === 'complete' ? 'complete' : event.state === 'stopped' ? 'stopped' : 'failed'
      return
  }
}

function fail(exchange: Exchange, error: unknown, isStopped: boolean): void {
  exchange.state.value = isStopped ? 'stopped' : 'failed'
  if (isStopped) return
  exchange.error.value = asRequestError(error).message
  if (isSignedOut(error)) endSession()
}

function endOf({ state, isNotFound, citations, error }: Exchange): string {
  if (state.value === 'stopped') return t.announce.answerStopped
  if (state.value === 'failed') return error.value ?? t.answerFailed
  return isNotFound.value ? t.announce.answerNotFound : t.announce.answerFinished(citations.value.length)
}

interface Writer {
  append(text: string): void
  flush(): void
  reset(text: string): void
}

/** Words come faster than a screen is drawn: they are joined and shown once per frame. */
function createWriter({ text }: Exchange): Writer {
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
