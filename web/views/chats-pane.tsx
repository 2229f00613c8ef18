/** What was talked about: a list of chats, newest first. The one that is open can be renamed and deleted. */
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { ChatFinder, ChatsRemoval } from '../components/chat-tools.tsx'
import { focusQuestion } from '../components/composer.tsx'
import { Confirmation } from '../components/confirmation.tsx'
import { Icon } from '../components/icon.tsx'
import { Menu } from '../components/menu.tsx'
import { t } from '../messages.ts'
import { addressOf } from '../state/address.ts'
import {
  areChatsLoaded,
  chatQuery,
  chats,
  chatsError,
  type ListedChat,
  loadChats,
  loadMoreChats,
  nextChats,
  removeChat,
  renameChat,
} from '../state/chats.ts'
import { forgetChat, openChat, opened } from '../state/conversation.ts'
import { printChat, saveAsMarkdown } from '../state/export.ts'
import { area } from '../state/layout.ts'
import type { ChatAnswer } from '../wire.ts'

export function ChatsPane() {
  return (
    <section class="chats" aria-labelledby="chats-title">
      <div class="pane-head">
        <h2 id="chats-title">{t.chats}</h2>
        <button type="button" class="button" aria-label={t.newChat} onClick={() => enter(null)}>
          <Icon name="plus" />
          {t.newShort}
        </button>
      </div>
      {chatsError.value !== null && (
        <div class="trouble" role="alert">
          <p>
            {t.chatsFailed} {chatsError}
          </p>
          <button type="button" class="button small" onClick={() => void loadChats()}>
            {t.tryAgain}
          </button>
        </div>
      )}
      {(chats.value.length > 0 || chatQuery.value !== '') && <ChatFinder />}
      {chats.value.length === 0 ? (
        areChatsLoaded.value && <p class="quiet">{chatQuery.value === '' ? t.chatsEmpty : t.chatsNotFound}</p>
      ) : (
        <ChatList />
      )}
      <ChatsRemoval />
    </section>
  )
}

function ChatList() {
  return (
    <>
      <ul class="chat-rows">
        {chats.value.map((chat) => (
          <ChatItem key={chat.id} chat={chat} isOpen={opened.value.id.value === chat.id} />
        ))}
      </ul>
      {nextChats.value !== null && (
        <button type="button" class="button small" onClick={() => void loadMoreChats()}>
          {t.moreChats}
        </button>
      )}
    </>
  )
}

type Doing = 'nothing' | 'renaming' | 'deleting'

function ChatItem({ chat, isOpen }: { chat: ListedChat; isOpen: boolean }) {
  const doing = useSignal<Doing>('nothing')
  const problem = useSignal<string | null>(null)
  const begin = (what: Doing) => {
    doing.value = what
  }
  const end = () => {
    doing.value = 'nothing'
    problem.value = null
  }
  const remove = async () => {
    problem.value = await removeChat(chat.id)
    if (problem.value !== null) return
    forgetChat(chat.id)
    focusQuestion()
  }
  if (isOpen && doing.value === 'renaming') return <RenameForm chat={chat} onEnd={end} />
  return (
    <li class="chat-row" data-open={isOpen}>
      <a
        href={addressOf(chat.id)}
        dir="auto"
        aria-current={isOpen ? 'page' : undefined}
        onClick={(event) => follow(event, chat.id)}
      >
        {chat.title}
      </a>
      {chat.excerpt != null && (
        <p class="excerpt" dir="auto">
          {chat.excerpt}
        </p>
      )}
      {isOpen && doing.value === 'nothing' && (
        <span class="row-actions">
          <Menu
            label={t.moreWithChat}
            actions={[
              { icon: 'pencil', words: t.rename, act: () => begin('renaming') },
              { icon: 'save', words: t.saveMarkdown, act: () => void saveAsMarkdown(chat.title) },
              { icon: 'print', words: t.printChat, act: () => void printChat() },
              { icon: 'bin', words: t.deleteChat, act: () => begin('deleting') },
            ]}
          />
        </span>
      )}
      {isOpen && doing.value === 'deleting' && (
        <Confirmation
          label={t.deleteNamed(chat.title)}
          question={problem.value ?? t.deleteChatSure}
          action={t.deleteChat}
          onKeep={end}
          onConfirm={() => void remove()}
        />
      )}
    </li>
  )
}

function RenameForm({ chat, onEnd }: { chat: ChatAnswer; onEnd(): void }) {
  const title = useSignal(chat.title)
  const problem = useSignal<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const submit = async (event: Event) => {
    event.preventDefault()
    const wanted = title.value.trim()
    if (wanted !== '' && wanted !== chat.title) problem.value = await renameChat(chat.id, wanted)
    if (problem.value === null) onEnd()
  }
  return (
    <li class="chat-row" data-open="true">
      <form class="rename" onSubmit={submit}>
        <input
          ref={input}
          dir="auto"
          aria-label={t.chatTitle}
          maxLength={TITLE_CHARACTERS_MAX}
          value={title}
          onInput={({ currentTarget }) => {
            title.value = currentTarget.value
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault() // It closes this and nothing else.
            onEnd()
          }}
        />
        <button type="submit" class="button bare" aria-label={t.save}>
          <Icon name="check" />
        </button>
        {problem.value !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </form>
    </li>
  )
}

/** As the server cuts them. */
const TITLE_CHARACTERS_MAX = 80

/** A link like any other: with a key held down it opens where the browser says. */
function follow(event: MouseEvent, chatId: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return
  event.preventDefault()
  enter(chatId)
}

function enter(chatId: string | null): void {
  openChat(chatId)
  area.value = 'conversation'
  if (chatId === null || matchMedia('(hover: hover)').matches) focusQuestion()
}
