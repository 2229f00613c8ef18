/** What answers are made from: files on their way, documents being read, documents ready. */
import { signal } from '@preact/signals'
import { AddButton, chooseFolder, FolderInput } from '../components/add-documents.tsx'
import { choiceWords } from '../components/composer.tsx'
import { Confirmation } from '../components/confirmation.tsx'
import { DocumentItem } from '../components/document-item.tsx'
import { Icon } from '../components/icon.tsx'
import { Menu } from '../components/menu.tsx'
import { openPaste } from '../components/paste-dialog.tsx'
import { SampleButton } from '../components/sample-button.tsx'
import { UploadItem } from '../components/upload-item.tsx'
import { VirtualList } from '../components/virtual-list.tsx'
import { t } from '../messages.ts'
import { choice, useAll } from '../state/choice.ts'
import {
  dismissWiped,
  filter,
  filterBy,
  isLoaded,
  listError,
  loadDocuments,
  matching,
  removeAll,
  restoreAll,
  rows,
  showMore,
  wiped,
} from '../state/documents.ts'
import { uploads } from '../state/uploads.ts'

/** Whether it was said that everything shall go, and not yet that this is meant. */
const isWipeAsked = signal(false)
const wipeProblem = signal<string | null>(null)

export function DocumentsPane() {
  const isEmpty = isLoaded.value && rows.value.length === 0 && uploads.value.length === 0
  return (
    <section class="documents" aria-labelledby="documents-title">
      <div class="pane-head">
        <h2 id="documents-title">{t.documents}</h2>
        <div class="pane-tools">
          <AddButton isShort />
          <Menu label={t.moreActions} actions={actions()} />
          <FolderInput />
        </div>
      </div>
      {isWipeAsked.value && <WipeQuestion />}
      {wiped.value !== null && <Wiped removed={wiped.value.removed} />}
      {listError.value !== null && <ListTrouble />}
      {isEmpty ? <EmptyList /> : <DocumentList />}
    </section>
  )
}

function actions() {
  const common = [
    { icon: 'folder', words: t.addFolder, act: chooseFolder },
    { icon: 'text', words: t.pasteText, act: () => openPaste() },
  ] as const
  if (rows.value.length === 0) return common
  const ask = () => {
    isWipeAsked.value = true
  }
  return [
    ...common,
    choice.value.type === 'everything'
      ? ({ icon: 'check', words: t.unuseAll, act: () => useAll(false) } as const)
      : ({ icon: 'check', words: t.useAll, act: () => useAll(true) } as const),
    { icon: 'bin', words: t.deleteAll, act: ask } as const,
  ]
}

function WipeQuestion() {
  const end = () => {
    isWipeAsked.value = false
    wipeProblem.value = null
  }
  const wipe = async () => {
    wipeProblem.value = await removeAll()
    if (wipeProblem.value === null) end()
  }
  return (
    <Confirmation
      label={t.deleteAll}
      question={wipeProblem.value ?? t.deleteAllSure}
      action={t.deleteAll}
      onKeep={end}
      onConfirm={() => void wipe()}
    />
  )
}

function Wiped({ removed }: { removed: number }) {
  return (
    <div class="choice" role="status">
      <span>{t.allDeleted(removed)}</span>
      <span class="row-actions">
        <button type="button" class="button small" onClick={() => void restoreAll()}>
          {t.undo}
        </button>
        <button
          type="button"
          class="button bare"
          aria-label={t.dismissNamed(t.allDeleted(removed))}
          onClick={dismissWiped}
        >
          <Icon name="close" />
        </button>
      </span>
    </div>
  )
}

function EmptyList() {
  return (
    <div class="empty">
      <Icon name="page" />
      <p class="empty-title">{t.firstDocument}</p>
      <p>{t.firstDocumentLead}</p>
      <SampleButton />
    </div>
  )
}

/** px: a name and a status of one line each. */
const ROW_HEIGHT = 68

function DocumentList() {
  return (
    <>
      {rows.value.length > UNFILTERED_MAX && <Filter />}
      {choice.value.type !== 'everything' && <Choice />}
      {uploads.value.length > 0 && <Uploads />}
      {matching.value.length > 0 && (
        <VirtualList items={matching.value} keyOf={({ id }) => id} rowHeight={ROW_HEIGHT} onEnd={showMore}>
          {(row) => <DocumentItem row={row} />}
        </VirtualList>
      )}
      <p class="quiet hint">{matching.value.length === 0 && rows.value.length > 0 ? t.filterNothing : t.dropHint}</p>
    </>
  )
}

function Uploads() {
  return (
    <ul class="rows">
      {uploads.value.slice(0, UPLOADS_SHOWN_MAX).map((upload) => (
        <UploadItem key={upload.key} upload={upload} />
      ))}
      {uploads.value.length > UPLOADS_SHOWN_MAX && (
        <li class="row quiet">{t.moreUploads(uploads.value.length - UPLOADS_SHOWN_MAX)}</li>
      )}
    </ul>
  )
}

/** Of a folder with thousands of files, the rest is a number. */
const UPLOADS_SHOWN_MAX = 30
/** As many as one sees at a glance need no filter. */
const UNFILTERED_MAX = 8

function Filter() {
  return (
    <input
      type="search"
      class="filter"
      dir="auto"
      aria-label={t.filter}
      placeholder={t.filter}
      value={filter}
      onInput={({ currentTarget }) => {
        void filterBy(currentTarget.value)
      }}
    />
  )
}

/** Said only when something is left out, so that nobody wonders why an answer is missing. */
function Choice() {
  return (
    <p class="choice">
      <span>{choiceWords()}</span>
      <button type="button" class="button small" onClick={() => useAll(true)}>
        {t.useAll}
      </button>
    </p>
  )
}

function ListTrouble() {
  return (
    <div class="trouble" role="alert">
      <p>
        {t.listFailed} {listError}
      </p>
      <button type="button" class="button small" onClick={() => void loadDocuments()}>
        {t.tryAgain}
      </button>
    </div>
  )
}
