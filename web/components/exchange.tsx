/** One question and its answer, in the order in which an answer arrives: search, passages, words, quotes. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Block, blocksOf, citationsBeside } from '../answer-blocks.ts'
import { t } from '../messages.ts'
import { askQuestion, continueAnswer, current, type ShownPlace, withdraw } from '../state/conversation.ts'
import { isLoaded, kept } from '../state/documents.ts'
import { type Exchange, isBusy, type Step } from '../state/exchange.ts'
import { canSearchWeb } from '../state/web-choice.ts'
import type { Citation } from '../wire.ts'
import { AnswerTools, writeAgain } from './answer-tools.tsx'
import { FoundSources } from './found-sources.tsx'
import { Icon } from './icon.tsx'
import { QuestionHead } from './question-head.tsx'
import { QuoteCard } from './quote-card.tsx'
import { FollowUps } from './suggested-questions.tsx'
import { loadMarkdown, MarkedText, WrittenText } from './written-text.tsx'

export function ExchangeView({ place, isLast }: { place: ShownPlace; isLast: boolean }) {
  const { exchange } = place.shown
  const title = `question-${exchange.key}`
  const state = exchange.state.value
  const isWritten = exchange.isWritten.value
  const article = useRef<HTMLElement>(null)
  const isCurrent = current.value === exchange
  // Brought into view when its turn has come; the answer then grows without moving what is being read.
  useEffect(() => {
    if (isCurrent) article.current?.scrollIntoView({ block: 'start' })
  }, [isCurrent])
  useEffect(() => {
    // Where it cannot be had, paragraphs are good enough.
    if (isWritten) loadMarkdown().catch(() => undefined)
  }, [isWritten])
  return (
    <article
      ref={article}
      class="exchange"
      aria-labelledby={title}
      aria-busy={state === 'queued' || state === 'searching' || state === 'writing'}
    >
      <QuestionHead id={title} place={place} />
      <Steps exchange={exchange} />
      {exchange.isNotFound.value ? <NotFound exchange={exchange} /> : <Answer exchange={exchange} />}
      <Ending exchange={exchange} isLast={isLast} />
      <AnswerTools place={place} isLast={isLast} />
      {isLast && exchange.state.value === 'complete' && <FollowUps exchange={exchange} />}
    </article>
  )
}

/** The steps as they happened, the last one breathing while the next is awaited; later the first, and the others on request. */
function Steps({ exchange }: { exchange: Exchange }) {
  const state = exchange.state.value
  const [first, ...others] = exchange.steps.value
  if (exchange.isNotFound.value) return null
  if (first === undefined) return state === 'searching' ? <p class="steps working">{t.searching}</p> : null
  if (state === 'searching' || state === 'writing') {
    return <StepList steps={[first, ...others]} isWaiting={state === 'searching'} />
  }
  if (others.length === 0) return <StepList steps={[first]} isWaiting={false} />
  return (
    <details class="steps-done">
      <summary>{stepWords(first)}</summary>
      <StepList steps={others} isWaiting={false} />
    </details>
  )
}

function StepList({ steps, isWaiting }: { steps: readonly Step[]; isWaiting: boolean }) {
  return (
    <ul class="steps">
      {steps.map((step, i) => (
        <li key={step.label} class={isWaiting && i === steps.length - 1 ? 'working' : ''}>
          {stepWords(step)}
        </li>
      ))}
    </ul>
  )
}

function stepWords({ name, label, tookMs }: Step): string {
  const words = t.step(name, label, tookMs !== undefined)
  return tookMs === undefined ? words : `${words} · ${t.tookMs(tookMs)}`
}

function Answer({ exchange }: { exchange: Exchange }) {
  const citations = exchange.citations.value
  const text = exchange.text.value
  const blocks = exchange.isWritten.value ? [] : blocksOf(text, citations)
  const beside = citationsBeside(blocks, citations)
  return (
    <>
      {exchange.isWritten.value && isBusy(exchange) && <FoundSources exchange={exchange} />}
      {exchange.isWritten.value && text !== '' && <WrittenText text={text} citations={citations} />}
      {exchange.unsupported.value.length > 0 && <Unsupported sentences={exchange.unsupported.value} />}
      <div class="answer">
        {blocks.map((block, i) => (
          <AnswerBlock key={i} block={block} trail={citations} />
        ))}
      </div>
      {beside.length > 0 && (
        <div class="quotes">
          {beside.map((citation) => (
            <QuoteCard key={`${citation.n}-${citation.start}`} quotable={citation} trail={citations} />
          ))}
        </div>
      )}
    </>
  )
}

function Unsupported({ sentences }: { sentences: readonly string[] }) {
  return (
    <div class="unsupported">
      <p>{t.unsupported(sentences.length)}</p>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence} dir="auto">
            {withoutSigns(sentence)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A sentence out of its Markdown: no markers, no signs of emphasis, lists, headings or tables. */
function withoutSigns(sentence: string): string {
  return sentence
    .replace(/\s?\[\d+\]|\|/g, '')
    .replace(/^[\s>#*+-]+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}/g, '')
    .trim()
}

function AnswerBlock({ block, trail }: { block: Block; trail: readonly Citation[] }) {
  if (block.type === 'quote') return <QuoteCard quotable={block.citation} trail={trail} />
  return (
    <p dir="auto">
      <MarkedText text={leadWords(block.text)} citations={trail} />
    </p>
  )
}

/** What the server says before quotes to a question in English, as its `wording.ts` has it: the page says it in its own language. */
function leadWords(text: string): string {
  switch (text) {
    case 'A quote that may answer this:':
      return t.quotesLead.one
    case 'Quotes that may answer this:':
      return t.quotesLead.many
    default:
      return text
  }
}

function NotFound({ exchange }: { exchange: Exchange }) {
  const sources = exchange.sources.value
  return (
    <div class="not-found">
      <p class="not-found-title">{t.notFoundTitle}</p>
      <p>{isLoaded.value ? leadFor(kept.value.map(({ view }) => view.value.status)) : t.notFoundLead}</p>
      {canSearchWeb.value && !exchange.isOfWeb && current.value === null && (
        <button type="button" class="button small" onClick={() => askQuestion(exchange.question, { isOfWeb: true })}>
          {t.askTheWeb}
        </button>
      )}
      {sources.length > 0 && (
        <details>
          <summary>{t.closestPassages}</summary>
          <div class="quotes">
            {sources.slice(0, 3).map((source) => (
              <QuoteCard key={source.n} quotable={{ ...source, quote: source.text }} />
            ))}
          </div>
        </details>
      )}
    </div>
  )
}

function leadFor(statuses: readonly string[]): string {
  if (statuses.length === 0) return t.notFoundNoDocuments
  return statuses.every((status) => status === 'failed') ? t.notFoundNoneReadable : t.notFoundLead
}

/** What has to be said under an answer: that it was stopped, that it failed, that more is being read. */
function Ending({ exchange, isLast }: { exchange: Exchange; isLast: boolean }) {
  const state = exchange.state.value
  const error = exchange.error.value
  switch (state) {
    case 'queued':
      return <Queued exchange={exchange} />
    case 'searching':
    case 'writing':
      return null
    case 'stopped':
      return (
        <Trouble exchange={exchange} isLast={isLast} tone="quiet">
          {t.stopped}
        </Trouble>
      )
    case 'interrupted':
      return <Interrupted exchange={exchange} />
    case 'failed':
      return (
        <Trouble exchange={exchange} isLast={isLast} tone="trouble">
          <strong>{exchange.text.value === '' ? t.answerFailed : t.answerBroken}</strong> {error}
        </Trouble>
      )
    case 'complete':
      return (
        <>
          {error !== null && (
            <Trouble exchange={exchange} isLast={isLast} tone="trouble">
              {t.modelSilent(error)}
            </Trouble>
          )}
          {exchange.unread.length > 0 && <p class="quiet">{t.soFar([...exchange.unread])}</p>}
        </>
      )
  }
}

/** What was written is kept on the server, and the model can go on from there. */
function Interrupted({ exchange }: { exchange: Exchange }) {
  return (
    <div class="trouble">
      <Icon name="alert" />
      <p>
        <strong>{exchange.text.value === '' ? t.answerFailed : t.answerBroken}</strong> {exchange.error}
      </p>
      {current.value === null && (
        <button type="button" class="button small" onClick={() => void continueAnswer(exchange)}>
          {t.continueAnswer}
        </button>
      )}
    </div>
  )
}

function Queued({ exchange }: { exchange: Exchange }) {
  return (
    <div class="stopped">
      <p>{t.queuedQuestion}</p>
      <button type="button" class="button small" onClick={() => withdraw(exchange)}>
        {t.withdraw}
      </button>
    </div>
  )
}

/** Once more to the same question; one that never arrived is asked like a new one. */
function askAgain(exchange: Exchange): void {
  if (exchange.messageId === null) askQuestion(exchange.question)
  else void writeAgain(exchange)
}

interface TroubleProps {
  exchange: Exchange
  isLast: boolean
  tone: 'quiet' | 'trouble'
  children: ComponentChildren
}

function Trouble({ exchange, isLast, tone, children }: TroubleProps) {
  return (
    <div class={tone === 'trouble' ? 'trouble' : 'stopped'}>
      {tone === 'trouble' && <Icon name="alert" />}
      <p>{children}</p>
      {isLast && current.value === null && (
        <button type="button" class="button small" onClick={() => askAgain(exchange)}>
          {t.askAgain}
        </button>
      )}
    </div>
  )
}
