/** What somebody thinks of an answer, and why not. */
import { useSignal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { opened } from '../state/conversation.ts'
import type { Exchange } from '../state/exchange.ts'
import { TextField } from './field.tsx'
import { Icon } from './icon.tsx'

type Verdict = 'up' | 'down'

export function Feedback({ exchange }: { exchange: Exchange }) {
  const isAsked = useSignal(false)
  const reason = useSignal('')
  const { feedback } = exchange
  const say = async (value: Verdict, why?: string) => {
    const chatId = opened.peek().id.peek()
    if (chatId === null || exchange.messageId === null) return
    try {
      await api.rateAnswer(chatId, exchange.messageId, value, why)
      feedback.value = value
      isAsked.value = value === 'down' && why === undefined
      announce(t.announce.feedbackKept)
    } catch (error) {
      announce(asRequestError(error).message)
    }
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void say('down', reason.value)
  }
  return (
    <>
      <Thumb value="up" label={t.answerGood} chosen={feedback.value} onPress={() => void say('up')} />
      <Thumb value="down" label={t.answerBad} chosen={feedback.value} onPress={() => void say('down')} />
      {isAsked.value && (
        <form class="feedback-reason" onSubmit={submit} noValidate>
          <TextField label={t.whyBad} value={reason} autocomplete="off" autofocus />
          <button type="submit" class="button">
            {t.send}
          </button>
        </form>
      )}
    </>
  )
}

interface ThumbProps {
  value: Verdict
  label: string
  chosen: Verdict | null
  onPress(): void
}

function Thumb({ value, label, chosen, onPress }: ThumbProps) {
  return (
    <button type="button" class="button bare" aria-label={label} aria-pressed={chosen === value} onClick={onPress}>
      <Icon name={value} />
    </button>
  )
}
