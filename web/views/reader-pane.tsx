/**
 * A page of a document as it looks and as the bot sees it, with the quote marked. Beside the conversation where there is room; over
 * it, as a modal dialog, where there is not.
 */
import { signal, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { api } from '../api-client.ts'
import { Icon } from '../components/icon.tsx'
import { t } from '../messages.ts'
import { LookBar } from '../reader/look-bar.tsx'
import { PageText } from '../reader/page-text.tsx'
import { narrow } from '../state/layout.ts'
import {
  changeZoom,
  close,
  firstReadingOf,
  followReading,
  look,
  type OpenPage,
  openPage,
  type PageContent,
  pagesOf,
  quoteNumber,
  stepQuote,
  turnTo,
} from '../state/reader.ts'

/** What draws pictures, and what formats, comes when the first one is wanted. */
const pictures = signal<typeof import('../reader/page-picture.tsx') | undefined>(undefined)
const formatting = signal<typeof import('../reader/formatted-page.tsx') | undefined>(undefined)

export function ReaderPane() {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const place = openPage.value
  const isOpen = place !== null
  useSignalEffect(followReading)
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
      onKeyDown={(event) => onKey(event, place)}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      <div class="pane-head">
        <h2 id="reader-title" ref={title} tabIndex={-1} dir="auto">
          {place.name || t.loading}
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
  const kind = kindOf(place.content)
  const reading = firstReadingOf(place)
  return (
    <div class="page-turner">
      <button
        type="button"
        class="button bare"
        aria-label={t.pagePrevious}
        aria-disabled={page <= 1}
        onClick={() => turnTo(page - 1)}
      >
        <Icon name="previous" />
      </button>
      <span aria-live="polite">{t.page(page, pages)}</span>
      <button
        type="button"
        class="button bare"
        aria-label={t.pageNext}
        aria-disabled={pages !== null && page >= pages}
        onClick={() => turnTo(page + 1)}
      >
        <Icon name="next" />
      </button>
      <a class="button small" href={api.originalUrl(documentId)} download={place.name}>
        <Icon name="save" />
        {t.original}
      </a>
      {kind !== 'text' && <LookBar isPaper={kind === 'paper'} />}
      {reading !== undefined && (
        <p class="reading-on quiet">{t.stillReading(reading.pages.done, reading.pages.total)}</p>
      )}
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
    case 'unread':
      return (
        <p class="page-state" role="status">
          {t.pageNotReadYet}
        </p>
      )
    case 'shown':
      return <Page content={content} mark={mark} />
  }
}

type Shown = Extract<PageContent, { state: 'shown' }>

interface PageProps {
  content: Shown
  mark: OpenPage['mark']
}

function Page({ content, mark }: PageProps) {
  const kind = kindOf(content)
  if (kind === 'text') return <PageText page={content.page} mark={mark} isPaper={false} />
  return (
    <div class="page-looks" data-look={look.value}>
      {look.value !== 'text' &&
        (kind === 'paper' ? (
          <Picture content={content} mark={mark} />
        ) : (
          <FormattedText content={content} mark={mark} />
        ))}
      {look.value !== 'picture' && <PageText page={content.page} mark={mark} isPaper={kind === 'paper'} />}
    </div>
  )
}

function FormattedText({ content: { page, document }, mark }: PageProps) {
  const isMissing = useSignal(false)
  useEffect(() => {
    import('../reader/formatted-page.tsx').then(
      (loaded) => {
        formatting.value = loaded
      },
      () => {
        isMissing.value = true
      },
    )
  }, [])
  if (isMissing.value) return <PageText page={page} mark={mark} isPaper={false} />
  if (formatting.value === undefined) return <p class="page-state">{t.loading}</p>
  const { FormattedPage } = formatting.value
  return <FormattedPage key={page.documentId} page={page} document={document} mark={mark} />
}

function Picture({ content, mark }: PageProps) {
  useEffect(() => {
    // Where it cannot be had, the text is there.
    void import('../reader/page-picture.tsx').then(
      (loaded) => {
        pictures.value = loaded
      },
      () => undefined,
    )
  }, [])
  if (pictures.value === undefined) return <p class="page-state">{t.loading}</p>
  const { PagePicture } = pictures.value
  const { page, document } = content
  return <PagePicture key={`${page.documentId} ${page.page}`} page={page} name={document.name} mark={mark} />
}

/** What it looks like where it comes from: paper, a text that is laid out, or a text. */
function kindOf(content: PageContent): 'paper' | 'formatted' | 'text' {
  if (content.state !== 'shown') return 'text'
  const { type } = content.document
  if (/^image\/|^application\/pdf$/.test(type)) return 'paper'
  return type === 'text/markdown' || type === 'text/html' ? 'formatted' : 'text'
}

/** Arrows turn pages, as they are written: to the left where the next one lies in Arabic. Signs bring the page closer. */
function onKey(event: KeyboardEvent, place: OpenPage): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
  const forwards = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    // What is wider than its window is moved by them.
    if (event.target instanceof HTMLElement && event.target.scrollWidth > event.target.clientWidth) return
    turnTo(place.page + (event.key === forwards ? 1 : -1))
  } else if (event.key === '+' || event.key === '=') changeZoom(1)
  else if (event.key === '-') changeZoom(-1)
  else if (event.key === '0') changeZoom(0)
  else return
  event.preventDefault()
}
