/** What answers are made from: files on their way, documents being read, documents ready. */
import { useRef } from 'preact/hooks'
import { DocumentItem } from '../components/document-item.tsx'
import { Icon } from '../components/icon.tsx'
import { UploadItem } from '../components/upload-item.tsx'
import { t } from '../messages.ts'
import {
  chosenIds,
  filter,
  filterBy,
  hasMore,
  isLoaded,
  listError,
  loadDocuments,
  rows,
  showMore,
  shown,
  usable,
  useAll,
} from '../state/documents.ts'
import { area, narrow } from '../state/layout.ts'
import { addFiles, uploads } from '../state/uploads.ts'

export function DocumentsPane() {
  const isEmpty = isLoaded.value && rows.value.length === 0 && uploads.value.length === 0
  return (
    <section class="documents" aria-labelledby="documents-title">
      <div class="pane-head">
        <h2 id="documents-title">{t.documents}</h2>
        <AddButton isShort />
      </div>
      {listError.value !== null && <ListTrouble />}
      {isEmpty ? <EmptyList /> : <DocumentList />}
      {hasMore.value && (
        <button type="button" class="button" onClick={() => void showMore()}>
          {t.moreDocuments}
        </button>
      )}
    </section>
  )
}

/** The button of the eye and of the keyboard; the input behind it opens the chooser of the system. */
export function AddButton({ isShort = false }: { isShort?: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        class={isShort ? 'button' : 'button primary'}
        aria-label={t.addDocuments}
        onClick={() => input.current?.click()}
      >
        <Icon name="plus" />
        {isShort ? t.add : t.addDocuments}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        onChange={({ currentTarget }) => {
          addFiles(currentTarget.files ?? [])
          currentTarget.value = '' // The same file again is a change too.
          if (narrow.matches) area.value = 'documents' // Where the progress is.
        }}
      />
    </>
  )
}

function EmptyList() {
  return (
    <div class="empty">
      <Icon name="page" />
      <p class="empty-title">{t.firstDocument}</p>
      <p>{t.firstDocumentLead}</p>
    </div>
  )
}

function DocumentList() {
  return (
    <>
      {rows.value.length > UNFILTERED_MAX && <Filter />}
      {chosenIds.value !== null && <Choice used={chosenIds.value.length} />}
      <ul class="rows">
        {uploads.value.slice(0, UPLOADS_SHOWN_MAX).map((upload) => (
          <UploadItem key={`upload-${upload.key}`} upload={upload} />
        ))}
        {uploads.value.length > UPLOADS_SHOWN_MAX && (
          <li class="row quiet">{t.moreUploads(uploads.value.length - UPLOADS_SHOWN_MAX)}</li>
        )}
        {shown.value.map((row) => (
          <DocumentItem key={row.id} row={row} />
        ))}
      </ul>
      <p class="quiet hint">{shown.value.length === 0 && rows.value.length > 0 ? t.filterNothing : t.dropHint}</p>
    </>
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
function Choice({ used }: { used: number }) {
  return (
    <p class="choice">
      <span>{t.usedOf(used, usable.value.length)}</span>
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
