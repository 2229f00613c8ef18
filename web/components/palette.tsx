/** Everything that can be done, found by typing a part of its name: actions, chats and documents, and what stands in them. */
import { signal, useSignal } from '@preact/signals'
import type { ComponentChild } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { chats } from '../state/chats.ts'
import { openChat } from '../state/conversation.ts'
import { kept } from '../state/documents.ts'
import { area } from '../state/layout.ts'
import { usePassages } from '../state/passages.ts'
import { open } from '../state/reader.ts'
import { THEMES, type Theme, theme } from '../state/theme.ts'
import type { SearchHit } from '../wire.ts'
import { chooseFiles, chooseFolder } from './add-documents.tsx'
import { focusQuestion } from './composer.tsx'
import { Icon, type IconName } from './icon.tsx'
import { openKeyboardHelp } from './keyboard-help.tsx'
import { Modal } from './modal.tsx'
import { openPaste } from './paste-dialog.tsx'
import { openSettings } from './settings-dialog.tsx'

const isOpen = signal(false)

export function openPalette(): void {
  isOpen.value = true
}

export function Palette() {
  return isOpen.value ? <PaletteList /> : null
}

interface Entry {
  readonly id: string
  readonly icon: IconName
  readonly words: string
  /** The passage itself, where it is one. */
  readonly passage?: SearchHit
  act(): void
}

/** More than these are found by typing more. */
const CHATS_MAX = 6
const DOCUMENTS_MAX = 6

function PaletteList() {
  const query = useSignal('')
  const at = useSignal(0)
  const list = useRef<HTMLDivElement>(null)
  const entries = [...entriesFor(query.value), ...usePassages(query.value).map(passageEntry)]
  const index = Math.min(at.value, entries.length - 1)
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [index])
  const close = () => {
    isOpen.value = false
  }
  /** After the dialog has given the focus back, so that the action may take it. */
  const run = ({ act }: Entry) => {
    close()
    setTimeout(act)
  }
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && entries.length > 0) {
      event.preventDefault()
      at.value = (index + step + entries.length) % entries.length
    }
    const entry = entries[index]
    if (event.key === 'Enter' && !event.isComposing && entry !== undefined) {
      event.preventDefault()
      run(entry)
    }
  }
  return (
    <Modal title={t.palette} class="palette" onClose={close}>
      <input
        type="text"
        role="combobox"
        class="filter"
        dir="auto"
        aria-label={t.paletteLabel}
        placeholder={t.paletteLabel}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={entries[index] && `palette-${entries[index].id}`}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={({ currentTarget }) => {
          query.value = currentTarget.value
          at.value = 0
        }}
        onKeyDown={onKey}
        data-first
      />
      <div ref={list} id="palette-list" role="listbox" aria-label={t.palette}>
        {entries.map((entry, i) => (
          // The keys are heard by the box above; the options are named by it.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
          <div
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === index}
            onClick={() => run(entry)}
          >
            <Icon name={entry.icon} />
            <span dir="auto">
              {entry.words}
              {entry.passage && <Snippet hit={entry.passage} />}
            </span>
          </div>
        ))}
      </div>
      <p class="quiet" role="status">
        {entries.length === 0 ? t.paletteNothing : ''}
      </p>
    </Modal>
  )
}

/** The part of a passage that speaks of what was typed, its words marked. */
function Snippet({ hit: { text, snippet } }: { hit: SearchHit }) {
  const pieces: (string | ComponentChild)[] = []
  let at = snippet.start
  for (const { start, end } of snippet.highlights) {
    pieces.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>)
    at = end
  }
  pieces.push(text.slice(at, snippet.end))
  return <small>{pieces}</small>
}

function entriesFor(query: string): Entry[] {
  const wanted = query.trim().toLocaleLowerCase()
  const fits = ({ words }: Entry) => words.toLocaleLowerCase().includes(wanted)
  return [
    ...actions().filter(fits),
    ...firstOf(chats.value.map(chatEntry), fits, CHATS_MAX),
    ...(wanted === '' ? [] : firstOf(kept.value.map(documentEntry), fits, DOCUMENTS_MAX)),
  ]
}

function firstOf(entries: readonly Entry[], fits: (entry: Entry) => boolean, max: number): Entry[] {
  return entries.filter(fits).slice(0, max)
}

function actions(): Entry[] {
  const goAsk = (chatId: string | null) => {
    openChat(chatId)
    area.value = 'conversation'
    focusQuestion()
  }
  return [
    { id: 'new', icon: 'plus', words: t.newChat, act: () => goAsk(null) },
    { id: 'ask', icon: 'send', words: t.skipToAsk, act: focusQuestion },
    { id: 'add', icon: 'page', words: t.addDocuments, act: chooseFiles },
    { id: 'folder', icon: 'folder', words: t.addFolder, act: chooseFolder },
    { id: 'paste', icon: 'text', words: t.pasteText, act: () => openPaste() },
    { id: 'settings', icon: 'settings', words: t.settings, act: openSettings },
    { id: 'keys', icon: 'more', words: t.keyboard, act: openKeyboardHelp },
    ...THEMES.filter((other) => other !== theme.value).map(themeEntry),
  ]
}

function themeEntry(wanted: Theme): Entry {
  const act = () => {
    theme.value = wanted
  }
  return { id: wanted, icon: 'check', words: `${t.theme}: ${t.themes[wanted]}`, act }
}

function chatEntry({ id, title }: { id: string; title: string }): Entry {
  const act = () => {
    openChat(id)
    area.value = 'conversation'
    focusQuestion()
  }
  return { id, icon: 'chat', words: title, act }
}

function passageEntry(hit: SearchHit): Entry {
  const { documentId, name, page, start, end } = hit
  return {
    id: `passage-${documentId}-${page}-${start}`,
    icon: 'text',
    words: t.passagePlace(name, page),
    passage: hit,
    act: () => void open({ documentId, name, page, mark: { start, end } }),
  }
}

function documentEntry({ id, view }: (typeof kept.value)[number]): Entry {
  const { name } = view.value
  return { id, icon: 'page', words: name, act: () => void open({ documentId: id, name, page: 1, mark: null }) }
}
