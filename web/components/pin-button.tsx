/** Keeps an answer as a test: the settings run it, and tell when it is answered otherwise. */
import { useSignal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { opened } from '../state/conversation.ts'
import type { Exchange } from '../state/exchange.ts'
import { Icon } from './icon.tsx'

export function PinButton({ exchange }: { exchange: Exchange }) {
  const isPinned = useSignal(false)
  const { citations, isNotFound } = exchange
  if (citations.value.length === 0 && !isNotFound.value) return null
  const pin = async () => {
    const chatId = opened.peek().id.peek()
    if (isPinned.peek() || chatId === null || exchange.messageId === null) return
    try {
      await api.pinAnswer(chatId, exchange.messageId)
      isPinned.value = true
      announce(t.announce.pinned)
    } catch (error) {
      announce(asRequestError(error).message)
    }
  }
  return (
    <button type="button" class="button small plain" aria-disabled={isPinned.value} onClick={() => void pin()}>
      <Icon name={isPinned.value ? 'check' : 'pin'} />
      {isPinned.value ? t.pinned : t.pin}
    </button>
  )
}
