/** A document of text as its author laid it out, with the quote marked. Loaded when the first one is opened. */
import { signal } from '@preact/signals'
import { type ComponentChild, createElement } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { api, asRequestError } from '../api-client.ts'
import { Icon } from '../components/icon.tsx'
import { t } from '../messages.ts'
import { forgetMark, type Place } from '../state/reader.ts'
import type { DocumentAnswer, PageAnswer } from '../wire.ts'
import {
  type Formatted,
  type FormattedNode,
  type FormattedText,
  type Range,
  type ShownTag,
  TooLargeError,
} from './formatted.ts'
import { PageText } from './page-text.tsx'

/** UTF-16 code units of text: a browser lays out so much in about a second. */
const CHARACTERS_MAX = 500_000

type Reading =
  | { readonly state: 'formatted'; readonly formatted: Formatted }
  | { readonly state: 'too-large' }
  | { readonly state: 'failed'; readonly reason: string }

/** The last one that was made: the next quote is mostly one of the same document. */
const last = signal<{ readonly of: string; readonly reading: Reading } | undefined>(undefined)

interface Props {
  page: PageAnswer
  document: DocumentAnswer
  mark: Place['mark']
}

export function FormattedPage({ page, document, mark }: Props) {
  const of = `${page.documentId} ${page.text.length} ${document.readyAt}`
  useEffect(() => {
    const made = last.peek()
    if (made?.of === of && made.reading.state !== 'failed') return
    const leaving = new AbortController()
    void read(page, document, leaving.signal).then((reading) => {
      if (!leaving.signal.aborted) last.value = { of, reading }
    })
    return () => leaving.abort()
  }, [of])
  const reading = last.value?.of === of ? last.value.reading : undefined
  const marks = useMemo(
    () => (mark === null || reading?.state !== 'formatted' ? NO_MARKS : reading.formatted.find(mark)),
    [reading, mark?.start, mark?.end],
  )
  switch (reading?.state) {
    case undefined:
      return <p class="page-state">{t.loading}</p>
    case 'too-large':
      return <InsteadText page={page} mark={mark} why={t.tooLargeToFormat} />
    case 'failed':
      return <InsteadText page={page} mark={mark} why={t.cannotFormat(reading.reason)} />
    case 'formatted':
      if (mark !== null && marks.size === 0)
        return <InsteadText page={page} mark={mark} why={t.quoteNotInFormatted} isForQuote />
      return <Sheet page={page} formatted={reading.formatted} marks={marks} />
  }
}

const NO_MARKS: ReadonlyMap<FormattedText, Range> = new Map()

async function read(page: PageAnswer, document: DocumentAnswer, signal: AbortSignal): Promise<Reading> {
  if (page.text.length > CHARACTERS_MAX) return { state: 'too-large' }
  try {
    if (document.type === 'text/markdown') {
      const { formatMarkdown } = await import('./formatted-markdown.ts')
      return { state: 'formatted', formatted: formatMarkdown(page.text) }
    }
    const { formatHtml, HTML_BYTES_MAX } = await import('./formatted-html.ts')
    if (document.bytes > HTML_BYTES_MAX) return { state: 'too-large' }
    return { state: 'formatted', formatted: formatHtml(await api.original(page.documentId, signal), page.text) }
  } catch (error) {
    if (error instanceof TooLargeError) return { state: 'too-large' }
    return { state: 'failed', reason: asRequestError(error).message }
  }
}

interface InsteadProps {
  page: PageAnswer
  mark: Place['mark']
  why: string
  /** Without the quote it can be shown. */
  isForQuote?: boolean
}

/** The text is always there. */
function InsteadText({ page, mark, why, isForQuote = false }: InsteadProps) {
  return (
    <div class="instead">
      <p class="quiet" role="status">
        {why}
        {isForQuote && (
          <button type="button" class="button small" onClick={forgetMark}>
            {t.showFormatted}
          </button>
        )}
      </p>
      <PageText page={page} mark={mark} isPaper={false} />
    </div>
  )
}

interface SheetProps {
  page: PageAnswer
  formatted: Formatted
  marks: ReadonlyMap<FormattedText, Range>
}

function Sheet({ page, formatted, marks }: SheetProps) {
  const region = useRef<HTMLElement>(null)
  const { nodes, anchors } = formatted
  useEffect(() => {
    if (marks.size > 0) region.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
    else region.current?.scrollTo(0, 0)
  }, [nodes, marks])
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section ref={region} class="formatted" tabIndex={0} aria-label={t.page(page.page, null)}>
      {nodes.length === 0 ? <p>{t.pageEmpty}</p> : nodes.map((node) => shown(node, { marks, anchors }))}
    </section>
  )
}

interface Told {
  marks: ReadonlyMap<FormattedText, Range>
  anchors: ReadonlySet<string>
}

function shown(node: FormattedNode, told: Told): ComponentChild {
  if ('text' in node) return markedText(node, told.marks.get(node))
  const children = node.children.map((child) => shown(child, told))
  if (node.tag === 'picture') return <Picture>{children}</Picture>
  const tag = saysSomething(node) ? node.tag : (UNSAID[node.tag] ?? node.tag)
  const { align, href, anchor, toAnchor, ...attributes } = node.attributes
  if (tag === 'a' && href === undefined) {
    if (toAnchor === undefined || !told.anchors.has(toAnchor)) return <span>{children}</span>
    return <AnchorLink to={toAnchor}>{children}</AnchorLink>
  }
  return createElement(
    tag,
    {
      ...(LAID_OUT.has(tag) ? { dir: 'auto' } : {}),
      ...attributes,
      ...(align === undefined ? {} : { 'data-align': align }),
      ...(anchor === undefined ? {} : { 'data-anchor': anchor }),
      ...(href === undefined || tag !== 'a' ? {} : { href, title: href, ...ELSEWHERE }),
    },
    children,
  )
}

/** To another place of the same document. No address: that of the page says which document is open. */
function AnchorLink({ to, children }: { to: string; children: ComponentChild[] }) {
  const go = (link: HTMLElement) => {
    const places = link.closest('.formatted')?.querySelectorAll<HTMLElement>('[data-anchor]') ?? []
    const place = [...places].find(({ dataset }) => dataset['anchor'] === to)
    if (place === undefined) return
    place.scrollIntoView({ block: 'start' })
    // Who goes on by keyboard goes on from there.
    place.tabIndex = -1
    place.focus({ preventScroll: true })
  }
  return (
    <button type="button" class="to-anchor" onClick={({ currentTarget }) => go(currentTarget)}>
      {children}
    </button>
  )
}

/** Each lays itself out in the direction of its words; the style does it for lines of text (a `dir` within would not be counted). */
const LAID_OUT = new Set<ShownTag>(['div', 'blockquote', 'ul', 'ol', 'dl', 'table', 'figure'])
/** A window of its own, which learns nothing of this one. */
const ELSEWHERE = { target: '_blank', rel: 'noopener noreferrer nofollow' }
/** Headings and links without words would be found, and be nothing. */
const UNSAID: Partial<Record<ShownTag, ShownTag>> = { a: 'span', h3: 'div', h4: 'div', h5: 'div', h6: 'div', th: 'td' }

function saysSomething(node: FormattedNode): boolean {
  if ('text' in node) return node.text.trim() !== ''
  return node.tag === 'picture' || node.children.some(saysSomething)
}

function markedText({ text }: FormattedText, range: Range | undefined): ComponentChild {
  if (range === undefined) return text
  return [text.slice(0, range.start), <mark>{text.slice(range.start, range.end)}</mark>, text.slice(range.end)]
}

/** Its words in its place: what is fetched from elsewhere tells there who reads what, and when. */
function Picture({ children }: { children: ComponentChild[] }) {
  return (
    <span class="left-picture" title={t.pictureLeftOut}>
      <Icon name="picture" />
      {children.length === 0 ? t.pictureLeftOut : children}
    </span>
  )
}
