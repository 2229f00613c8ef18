/** The main page: documents | conversation | an open page of a document. */
import { computed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { asRequestError } from '../api-client.ts'
import { Brand } from '../components/brand.tsx'
import { focusQuestion } from '../components/composer.tsx'
import { ConnectionNote } from '../components/connection-note.tsx'
import { DropTarget } from '../components/drop-target.tsx'
import { Icon } from '../components/icon.tsx'
import { KeyboardHelp, openKeyboardHelp } from '../components/keyboard-help.tsx'
import { ModeNote } from '../components/mode-note.tsx'
import { openPalette, Palette } from '../components/palette.tsx'
import { PasteDialog } from '../components/paste-dialog.tsx'
import { openSettings, SettingsDialog } from '../components/settings-dialog.tsx'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { areChatsLoaded, chatsError } from '../state/chats.ts'
import { current, openChat, stop } from '../state/conversation.ts'
import { isConnected, isLoaded, kept, listError } from '../state/documents.ts'
import { type Area, area } from '../state/layout.ts'
import { close, openFromAddress, openPage, stepQuote } from '../state/reader.ts'
import { signOut } from '../state/session.ts'
import type { MeAnswer } from '../wire.ts'
import { ChatsPane } from './chats-pane.tsx'
import { ConversationPane } from './conversation-pane.tsx'
import { DocumentsPane } from './documents-pane.tsx'
import { ReaderPane } from './reader-pane.tsx'

/** Whether it is known where the documents begin, below the chats, and that there are some; or that it will not be known soon. */
const isSettled = computed(
  () =>
    !isConnected.value ||
    ((areChatsLoaded.value || chatsError.value !== null) && (isLoaded.value || listError.value !== null)),
)

export function Workspace({ person }: { person: MeAnswer }) {
  useEffect(() => {
    openFromAddress()
    addEventListener('hashchange', openFromAddress)
    document.addEventListener('keydown', onKey)
    return () => {
      removeEventListener('hashchange', openFromAddress)
      document.removeEventListener('keydown', onKey)
    }
  }, [])
  return (
    <div class="workspace" data-area={area} data-reading={openPage.value !== null}>
      <button type="button" class="skip" onClick={focusQuestion}>
        {t.skipToAsk}
      </button>
      <Header person={person} />
      <main class="panes">
        <div class="sources" data-settled={isSettled.value}>
          <ChatsPane />
          <DocumentsPane />
        </div>
        <ConversationPane />
        <ReaderPane />
      </main>
      <DropTarget />
      <KeyboardHelp />
      <PasteDialog />
      <Palette />
      <SettingsDialog person={person} />
    </div>
  )
}

function Header({ person }: { person: MeAnswer }) {
  return (
    <header class="header">
      <h1>
        <Brand />
      </h1>
      <nav class="areas" aria-label={t.areas}>
        <AreaButton of="chats" label={t.chats} count={null} />
        <AreaButton of="documents" label={t.documents} count={kept.value.length} />
        <AreaButton of="conversation" label={t.conversation} count={null} />
      </nav>
      <div class="person">
        <span class="person-name" dir="auto" title={t.signedInAs(person.username)}>
          {person.username}
        </span>
        <button type="button" class="button bare help-button" aria-label={t.keyboard} onClick={openKeyboardHelp}>
          ?
        </button>
        <button type="button" class="button bare" aria-label={t.settings} onClick={openSettings}>
          <Icon name="settings" />
        </button>
        <button type="button" class="button small" onClick={leave}>
          {t.signOut}
        </button>
      </div>
      <ConnectionNote />
      <ModeNote />
      <p class="banner" role="status" hidden={isConnected.value}>
        {isConnected.value ? '' : t.reconnecting}
      </p>
    </header>
  )
}

function AreaButton({ of, label, count }: { of: Area; label: string; count: number | null }) {
  return (
    <button
      type="button"
      aria-pressed={area.value === of}
      onClick={() => {
        area.value = of
      }}
    >
      {label}
      {count !== null && <span class="count">{count > 0 && count}</span>}
    </button>
  )
}

function leave() {
  signOut().catch((error) => announce(asRequestError(error).message))
}

/** Escape closes what is open, then stops what is being written; a slash goes to the question, brackets through quotes. */
function onKey(event: KeyboardEvent) {
  if (document.querySelector('dialog.help') !== null) return // It has the keys to itself.
  if (event.code === 'KeyO' && event.shiftKey && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    openChat(null)
    area.value = 'conversation'
    focusQuestion()
  }
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault()
    openPalette()
  }
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape') {
    if (openPage.value !== null) close()
    else if (current.value !== null) stop()
  }
  if (isTyping(event.target)) return
  if (event.key === '[') stepQuote(-1)
  if (event.key === ']') stepQuote(1)
  if (event.key === '?') openKeyboardHelp()
  if (event.key === '/') {
    event.preventDefault()
    focusQuestion()
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (target instanceof HTMLInputElement && target.type !== 'checkbox') || target instanceof HTMLTextAreaElement
}
