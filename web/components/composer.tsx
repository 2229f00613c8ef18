/** The box for a question. */
import { useEffect } from 'preact/hooks'
import { t } from '../messages.ts'
import { choice, isNothingUsed, usedOf } from '../state/choice.ts'
import { askQuestion, current, stop } from '../state/conversation.ts'
import { draft, keepDraft } from '../state/drafts.ts'
import { Icon } from './icon.tsx'
import { PersonaChoice } from './persona-choice.tsx'
import { WebChoice } from './web-choice.tsx'

/** The server takes more, but a question of this length is a document. */
export const QUESTION_CHARACTERS_MAX = 10_000

export function focusQuestion(): void {
  document.getElementById('question')?.focus()
}

export function Composer() {
  const isWriting = current.value !== null
  // On a touch screen the focus would open the keyboard over the welcome.
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) focusQuestion()
  }, [])
  const submit = (event: Event) => {
    event.preventDefault()
    send()
  }
  return (
    <form class="composer" onSubmit={submit}>
      <label class="unseen" for="question">
        {t.question}
      </label>
      <div class="composer-box">
        <textarea
          id="question"
          dir="auto"
          rows={1}
          maxLength={QUESTION_CHARACTERS_MAX}
          placeholder={t.questionPlaceholder}
          aria-describedby="question-hint"
          value={draft}
          onInput={({ currentTarget }) => keepDraft(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            send()
          }}
        />
        {isWriting ? <StopButton /> : <AskButton />}
      </div>
      <p class="quiet" id="question-hint" data-everyday={choice.value.type === 'everything' ? '' : undefined}>
        {hint()}
      </p>
    </form>
  )
}

/** In a row of their own: some are known a moment later than the page, and the box must not move for them. */
export function AskingChoices() {
  return (
    <div class="asking-choices">
      <PersonaChoice />
      <WebChoice />
    </div>
  )
}

function hint(): string {
  if (choice.value.type === 'everything') return t.askHint
  return isNothingUsed.value ? t.useNone : choiceWords()
}

/** What answers come from, as exactly as it is known here. */
export function choiceWords(): string {
  const counts = usedOf.value
  if (counts !== undefined) return t.usedOf(counts.used, counts.all)
  const now = choice.value
  if (now.type === 'everything') return t.usedAll
  return now.type === 'only' ? t.usedOnly(now.ids.length) : t.usedBut(now.ids.length)
}

function AskButton() {
  return (
    <button key="ask" type="submit" class="button primary round" aria-label={t.ask}>
      <Icon name="send" />
    </button>
  )
}

/** The button changes its meaning under the finger, so that it must not be the same element. */
function StopButton() {
  const press = () => {
    stop()
    focusQuestion()
  }
  return (
    <button key="stop" type="button" class="button round" aria-label={t.stop} onClick={press}>
      <Icon name="stop" />
    </button>
  )
}

function send(): void {
  const question = draft.value.trim()
  if (question === '' || isNothingUsed.value) return
  keepDraft('')
  focusQuestion()
  askQuestion(question)
}
