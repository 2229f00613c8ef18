/** Above the list of chats: finding one by what was said, and deleting all. What was deleted can be brought back for ten minutes. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { bringBackChats, chatQuery, chats, findChats, removeAllChats, removedChats } from '../state/chats.ts'
import { forgetConversations } from '../state/conversation.ts'
import { Confirmation } from './confirmation.tsx'

/** As long as somebody types, nothing is asked. */
const TYPING_MS = 250

export function ChatFinder() {
  const timer = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  const find = (query: string, delayMs: number) => {
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => void findChats(query), delayMs)
  }
  return (
    <input
      type="search"
      class="chat-finder"
      dir="auto"
      aria-label={t.findChats}
      placeholder={t.findChats}
      maxLength={QUERY_CHARACTERS_MAX}
      value={chatQuery}
      onInput={({ currentTarget }) => find(currentTarget.value, TYPING_MS)}
      onKeyDown={({ key, currentTarget }) => key === 'Enter' && find(currentTarget.value, 0)}
    />
  )
}

const QUERY_CHARACTERS_MAX = 500

/** Below the list: away from what is used all the time. */
export function ChatsRemoval() {
  const isAsking = useSignal(false)
  const problem = useSignal<string | null>(null)
  const removed = removedChats.value
  const end = () => {
    isAsking.value = false
    problem.value = null
  }
  const removeAll = async () => {
    problem.value = await removeAllChats()
    if (problem.value !== null) return
    forgetConversations()
    end()
  }
  if (removed !== null) {
    return (
      <p class="chats-removed" role="status">
        {t.chatsDeleted(removed.count)}{' '}
        <button type="button" class="button small" onClick={() => void bringBackChats()}>
          {t.undo}
        </button>
      </p>
    )
  }
  if (chats.value.length === 0 || chatQuery.value !== '') return null
  if (!isAsking.value) {
    return (
      <button
        type="button"
        class="button small quiet"
        onClick={() => {
          isAsking.value = true
        }}
      >
        {t.deleteAllChats}
      </button>
    )
  }
  return (
    <Confirmation
      label={t.deleteAllChats}
      question={problem.value ?? t.deleteAllChatsSure}
      action={t.deleteAllChats}
      onKeep={end}
      onConfirm={() => void removeAll()}
    />
  )
}
