/** Questions that the documents answer, one press away. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { api } from '../api-client.ts'
import { t } from '../messages.ts'
import { askQuestion, opened } from '../state/conversation.ts'
import { usable } from '../state/documents.ts'
import type { Exchange } from '../state/exchange.ts'
import type { SuggestionsAnswer } from '../wire.ts'
import { focusQuestion } from './composer.tsx'

/** To begin with; others when documents come and go. */
export function Starters() {
  const ready = usable.value.filter(({ view }) => view.value.status === 'ready').length
  return <Suggested label={t.starters} load={() => api.starters()} of={String(ready)} />
}

/** To go on with, behind the last answer of the chat. */
export function FollowUps({ exchange }: { exchange: Exchange }) {
  const chatId = opened.value.id.value
  const { messageId } = exchange
  if (chatId === null || messageId === null) return null
  return <Suggested label={t.followUps} load={() => api.followUps(chatId, messageId)} of={messageId} />
}

interface SuggestedProps {
  label: string
  load(): Promise<SuggestionsAnswer>
  /** What they are made from: loaded again when that changes. */
  of: string
}

function Suggested({ label, load, of }: SuggestedProps) {
  const questions = useSignal<readonly string[]>([])
  // `load` is new with each drawing and `of` says what it loads.
  useEffect(() => {
    let isWanted = true
    // Who has none to choose from asks in their own words.
    const none = { questions: [] }
    void load()
      .catch(() => none)
      .then((answer) => {
        if (isWanted) questions.value = answer.questions.map(({ question }) => question)
      })
    return () => {
      isWanted = false
    }
  }, [of])
  if (questions.value.length === 0) return null
  return (
    <ul class="suggestions" aria-label={label}>
      {questions.value.map((question) => (
        <li key={question}>
          <button type="button" class="button small" dir="auto" onClick={() => press(question)}>
            {question}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The button goes with the press: the focus must not. */
function press(question: string): void {
  focusQuestion()
  askQuestion(question)
}
