/** The question over its answer; it can be asked anew in other words, and its versions can be gone through. */
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { current, editQuestion, type ShownPlace } from '../state/conversation.ts'
import type { Exchange } from '../state/exchange.ts'
import { QUESTION_CHARACTERS_MAX } from './composer.tsx'
import { Icon } from './icon.tsx'
import { Versions } from './versions.tsx'

export function QuestionHead({ id, place }: { id: string; place: ShownPlace }) {
  const isEdited = useSignal(false)
  const pen = useRef<HTMLButtonElement>(null)
  const { exchange } = place.shown
  const { questions, questionIndex, placeId } = place
  const end = () => {
    isEdited.value = false
    queueMicrotask(() => pen.current?.focus())
  }
  return (
    <header class="question-head">
      <h2 id={id} dir="auto" hidden={isEdited.value}>
        {exchange.question}
      </h2>
      {isEdited.value ? (
        <QuestionForm exchange={exchange} onEnd={end} />
      ) : (
        <div class="question-tools">
          <Versions label={t.versionsOfQuestion} of={placeId} versions={questions} index={questionIndex} />
          {exchange.questionId.value !== null && current.value === null && (
            <button
              ref={pen}
              type="button"
              class="button bare"
              aria-label={t.editNamed(exchange.question)}
              onClick={() => {
                isEdited.value = true
              }}
            >
              <Icon name="pencil" />
            </button>
          )}
        </div>
      )}
    </header>
  )
}

function QuestionForm({ exchange, onEnd }: { exchange: Exchange; onEnd(): void }) {
  const text = useSignal(exchange.question)
  const problem = useSignal<string | null>(null)
  const input = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const send = async () => {
    const question = text.value.trim()
    if (question === '') return
    if (question === exchange.question) {
      onEnd()
      return
    }
    try {
      await editQuestion(exchange, question)
      onEnd()
    } catch (error) {
      problem.value = asRequestError(error).message
    }
  }
  return (
    <form
      class="question-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        ref={input}
        dir="auto"
        rows={2}
        aria-label={t.question}
        maxLength={QUESTION_CHARACTERS_MAX}
        value={text}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return
          if (event.key === 'Escape') {
            event.preventDefault() // It closes this and nothing else.
            onEnd()
          }
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault()
            void send()
          }
        }}
      />
      <p class="quiet">{t.editLead}</p>
      <button type="button" class="button small" onClick={onEnd}>
        {t.cancel}
      </button>
      <button type="submit" class="button small primary">
        {t.askAnew}
      </button>
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
