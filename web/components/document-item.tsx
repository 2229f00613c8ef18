/** One document in the list: its name, its state in words, and for each failure the one thing to do about it. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { isUsed, use } from '../state/choice.ts'
import { type DocumentRow, forget, reasonOf, remove, restore, retry } from '../state/documents.ts'
import { open } from '../state/reader.ts'
import type { DocumentAnswer } from '../wire.ts'
import { PasswordField } from './field.tsx'
import { Icon, type IconName } from './icon.tsx'

export function DocumentItem({ row }: { row: DocumentRow }) {
  return row.isRemoved.value ? <RemovedItem row={row} /> : <KeptItem row={row} />
}

function KeptItem({ row }: { row: DocumentRow }) {
  const view = row.view.value
  const action = view.status === 'failed' && view.error !== null ? actionFor(view.error.code) : 'none'
  return (
    <div class="row" data-status={view.status}>
      {view.status === 'ready' ? <UseBox row={row} /> : <Mark name={view.status === 'failed' ? 'alert' : 'page'} />}
      <div class="row-text">
        <Name view={view} />
        <span class="row-status">
          {statusWords(view)}
          {row.remark.value !== null && <span class="remark"> · {row.remark}</span>}
        </span>
        {view.status === 'reading' && view.pages.total !== null && (
          <progress aria-hidden="true" max={view.pages.total} value={view.pages.done} />
        )}
        {action === 'retry' && (
          <button
            type="button"
            class="button small"
            aria-label={t.retryNamed(view.name)}
            onClick={() => void retry(row)}
          >
            {t.tryAgain}
          </button>
        )}
      </div>
      <div class="row-actions">
        <button
          type="button"
          class="button bare"
          aria-label={t.deleteNamed(view.name)}
          onClick={() => void remove(row)}
        >
          <Icon name="bin" />
        </button>
      </div>
      {action === 'password' && <PasswordForm row={row} />}
    </div>
  )
}

/** What is ticked may be used in answers. */
function UseBox({ row }: { row: DocumentRow }) {
  return (
    <input
      type="checkbox"
      class="row-mark"
      aria-label={t.useNamed(row.view.value.name)}
      checked={isUsed(row.id)}
      onChange={({ currentTarget }) => use(row.id, currentTarget.checked)}
    />
  )
}

function Mark({ name }: { name: IconName }) {
  return (
    <span class="row-mark">
      <Icon name={name} />
    </span>
  )
}

function Name({ view }: { view: DocumentAnswer }) {
  // While it is read, as far as that is; of one that failed nothing is kept.
  const isOpenable = view.status !== 'failed' && (view.readyAt !== null || view.pages.done > 0)
  if (!isOpenable) {
    return (
      <span class="row-name">
        <bdi>{view.name}</bdi>
      </span>
    )
  }
  const place = { documentId: view.id, name: view.name, page: 1, mark: null }
  return (
    <button type="button" class="row-name" aria-label={t.openNamed(view.name)} onClick={() => void open(place)}>
      <bdi>{view.name}</bdi>
    </button>
  )
}

function RemovedItem({ row }: { row: DocumentRow }) {
  const { name } = row.view.value
  const undo = useRef<HTMLButtonElement>(null)
  // The button that was pressed is gone; the focus goes to the way back and not to nowhere.
  useEffect(() => undo.current?.focus(), [])
  return (
    <div class="row" data-status="removed">
      <Mark name="bin" />
      <div class="row-text">
        <span class="row-name">
          <bdi>{name}</bdi>
        </span>
        <span class="row-status">{row.remark.value ?? t.deleted}</span>
      </div>
      <div class="row-actions">
        <button
          ref={undo}
          type="button"
          class="button small"
          aria-label={t.undoNamed(name)}
          onClick={() => void restore(row)}
        >
          {t.undo}
        </button>
        <button type="button" class="button bare" aria-label={t.dismissNamed(name)} onClick={() => forget(row)}>
          <Icon name="close" />
        </button>
      </div>
    </div>
  )
}

function PasswordForm({ row }: { row: DocumentRow }) {
  const password = useSignal('')
  const submit = (event: Event) => {
    event.preventDefault()
    if (password.value !== '') void retry(row, password.value)
  }
  return (
    <form class="row-form" onSubmit={submit}>
      <PasswordField
        label={t.passwordOf(row.view.value.name)}
        value={password}
        autocomplete="off"
        hint={t.passwordKept}
      />
      <button type="submit" class="button">
        {t.openDocument}
      </button>
    </form>
  )
}

/** Deleting is always possible, so that it needs no mention where nothing else helps. */
function actionFor(code: string): 'password' | 'retry' | 'none' {
  switch (code) {
    case 'password_needed':
    case 'wrong_password':
      return 'password'
    case 'document_damaged':
    case 'document_empty':
    case 'document_too_large':
    case 'image_too_large':
    case 'unsupported_file_type':
    case 'no_readable_text':
      return 'none'
    default:
      return 'retry'
  }
}

function statusWords(view: DocumentAnswer): string {
  const { total, done } = view.pages
  switch (view.status) {
    case 'queued':
      return waitingWords(view)
    case 'reading':
      return done === 0 && total === null
        ? t.readingStarts
        : t.readingPage(Math.min(done + 1, total ?? done + 1), total)
    case 'ready':
      return readyWords(view)
    case 'failed':
      return t.failed(reasonOf(view))
  }
}

/** Estimates below this come and go faster than they are read. */
const TOLD_SECONDS_MIN = 5

function waitingWords({ waiting }: DocumentAnswer): string {
  if (waiting === null) return t.queued
  const words = t.waiting[waiting.reason]
  const { etaSeconds } = waiting
  return etaSeconds === null || etaSeconds < TOLD_SECONDS_MIN ? words : t.waitingAbout(words, etaSeconds)
}

/** A document that could not be read again stays as it was; the reason is told beside it. */
function readyWords(view: DocumentAnswer): string {
  const { total, done, unreadable } = view.pages
  const words = unreadable.length > 0 ? t.readyUnreadable(unreadable.length) : t.ready(total ?? done)
  return view.error === null ? words : t.readyStill(words, reasonOf(view))
}
