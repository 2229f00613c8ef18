/**
 * A page of a document as the bot sees it, with the quote marked. Beside the conversation where there is room; over it, as a
 * modal dialog, where there is not.
 */
import { useEffect, useRef } from 'preact/hooks'
import { api } from '../api-client.ts'
import { Icon } from '../components/icon.tsx'
import { t } from '../messages.ts'
import { kept } from '../state/documents.ts'
import { narrow } from '../state/layout.ts'
import { close, type OpenPage, openPage, quoteNumber, stepQuote, turnTo } from '../state/reader.ts'
import type { PageAnswer } from '../wire.ts'

export function ReaderPane() {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const place = openPage.value
  const isOpen = place !== null
  useEffect(() => {
    const { current } = dialog
    if (!isOpen || current === null) return
    const show = () => {
      current.close()
      if (narrow.matches) current.showModal()
      else current.show()
      title.current?.focus()
    }
    show()
    narrow.addEventListener('change', show)
    return () => narrow.removeEventListener('change', show)
  }, [isOpen])
  if (place === null) return null
  return (
    <dialog
      ref={dialog}
      class="reader"
      aria-labelledby="reader-title"
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      <div class="pane-head">
        <h2 id="reader-title" ref={title} tabIndex={-1} dir="auto">
          {place.name}
        </h2>
        <button type="button" class="button bare" aria-label={t.close} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <PageTurner place={place} />
      <Content place={place} />
      {place.trail.length > 1 && <QuoteStepper place={place} />}
    </dialog>
  )
}

function PageTurner({ place }: { place: OpenPage }) {
  const { documentId, page } = place
  const pages = pagesOf(place)
  return (
    <div class="page-turner">
      <button
        type="button"
        class="button bare"
        aria-label={t.pagePrevious}
        aria-disabled={page <= 1}
        onClick={() => page > 1 && turnTo(page - 1)}
      >
        <Icon name="previous" />
      </button>
      <span aria-live="polite">{t.page(page, pages)}</span>
      <button
        type="button"
        class="button bare"
        aria-label={t.pageNext}
        aria-disabled={pages !== null && page >= pages}
        onClick={() => (pages === null || page < pages) && turnTo(page + 1)}
      >
        <Icon name="next" />
      </button>
      <a class="button small" href={api.originalUrl(documentId)} download={place.name}>
        <Icon name="save" />
        {t.original}
      </a>
    </div>
  )
}

function QuoteStepper({ place }: { place: OpenPage }) {
  return (
    <div class="quote-stepper">
      <button type="button" class="button bare" aria-label={t.quotePrevious} onClick={() => stepQuote(-1)}>
        <Icon name="previous" />
      </button>
      <span>{t.quoteNumberOf(quoteNumber(place), place.trail.length)}</span>
      <button type="button" class="button bare" aria-label={t.quoteNext} onClick={() => stepQuote(1)}>
        <Icon name="next" />
      </button>
    </div>
  )
}

function Content({ place }: { place: OpenPage }) {
  const { content, mark } = place
  switch (content.state) {
    case 'loading':
      return <p class="page-state">{t.loading}</p>
    case 'failed':
      return (
        <p class="page-state" role="alert">
          {content.reason}
        </p>
      )
    case 'shown':
      return <PageText page={content.page} mark={mark} />
  }
}

function PageText({ page, mark }: { page: PageAnswer; mark: OpenPage['mark'] }) {
  const marked = useRef<HTMLElement>(null)
  const start = mark?.start ?? 0
  const end = mark?.end ?? 0
  useEffect(() => {
    if (end > start) marked.current?.scrollIntoView({ block: 'center' })
  }, [start, end])
  if (page.text.trim() === '') return <p class="page-state">{t.pageEmpty}</p>
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section class="page-text" tabIndex={0} aria-label={t.page(page.page, null)}>
      {page.source === 'ocr' && <p class="quiet">{t.pageRecognised(page.confidence)}</p>}
      <p dir="auto">
        {page.text.slice(0, start)}
        {end > start && <mark ref={marked}>{page.text.slice(start, end)}</mark>}
        {page.text.slice(end)}
      </p>
    </section>
  )
}

/** Known for a document of the list; a quote alone does not tell. */
function pagesOf({ documentId }: OpenPage): number | null {
  return kept.value.find(({ id }) => id === documentId)?.view.value.pages.total ?? null
}
