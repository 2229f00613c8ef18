/** The page of a document that lies open beside the conversation. It stands in the address too, to be kept and sent. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { hashOf, placeOfHash } from '../reader/place-address.ts'
import type { DocumentAnswer, PageAnswer } from '../wire.ts'
import { type DocumentRow, kept } from './documents.ts'

export interface Place {
  readonly documentId: string
  readonly name: string
  readonly page: number
  /** What to mark, in UTF-16 code units of the page's text. */
  readonly mark: { readonly start: number; readonly end: number } | null
}

export type PageContent =
  | { readonly state: 'loading' }
  | { readonly state: 'shown'; readonly page: PageAnswer; readonly document: DocumentAnswer }
  /** The document is still being read; it stood like this when the page was asked for. */
  | { readonly state: 'unread'; readonly document: DocumentAnswer }
  | { readonly state: 'failed'; readonly reason: string }

export interface OpenPage extends Place {
  readonly content: PageContent
  /** The quotes of the answer from which the reading began, to step through. */
  readonly trail: readonly Place[]
}

export const openPage = signal<OpenPage | null>(null)

/** The page as it looks, on paper or formatted, what the bot sees of it, or both. */
export type Look = 'picture' | 'text' | 'both'
export const LOOKS: readonly Look[] = ['picture', 'text', 'both']
const LOOK_KEY = 'knowbot.look'
export const look = signal<Look>(LOOKS.find((one) => one === localStorage.getItem(LOOK_KEY)) ?? 'picture')

export function chooseLook(chosen: Look): void {
  look.value = chosen
  localStorage.setItem(LOOK_KEY, chosen)
}

/** Of the width that there is. */
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4] as const
export const zoom = signal<number>(1)

/** One step closer or away, or back to the width that there is. */
export function changeZoom(step: 1 | -1 | 0): void {
  const at = ZOOMS.findIndex((one) => one >= zoom.peek())
  zoom.value = step === 0 ? 1 : (ZOOMS[at + step] ?? zoom.peek())
}

/** The last page of the open document; null while it is not known. */
export function pagesOf({ documentId, content }: OpenPage): number | null {
  const now = rowOf(documentId)?.view.value.pages.total
  return now ?? ('document' in content ? content.document.pages.total : null)
}

/** How the open document stands while it is read for the first time: there are the pages so far. */
export function firstReadingOf({ documentId, content }: OpenPage): DocumentAnswer | undefined {
  const view = rowOf(documentId)?.view.value ?? ('document' in content ? content.document : undefined)
  return view !== undefined && isFirstRead(view) ? view : undefined
}

function isFirstRead({ status, readyAt }: DocumentAnswer): boolean {
  return readyAt === null && (status === 'queued' || status === 'reading')
}

let loading: AbortController | undefined
let opener: Element | null = null

export async function open(place: Place, trail: readonly Place[] = []): Promise<void> {
  if (openPage.peek() === null) opener = document.activeElement
  loading?.abort()
  loading = new AbortController()
  const { signal } = loading
  setHash(hashOf(place))
  openPage.value = { ...place, trail, content: { state: 'loading' } }
  const content = await load(place, signal)
  if (signal.aborted) return
  const name = 'document' in content ? content.document.name : place.name
  openPage.value = { ...place, name, trail, content }
}

/** Asks again for a page that was not read, as soon as the document has come further. */
export function followReading(): void {
  const now = openPage.value
  if (now?.content.state !== 'unread') return
  const view = rowOf(now.documentId)?.view.value
  const { pages, status } = now.content.document
  if (view === undefined || (view.pages.done <= pages.done && view.status === status)) return
  void open(now, now.trail)
}

/** What the address names, as when somebody was sent it. */
export function openFromAddress(): void {
  const place = placeOfHash(location.hash)
  const now = openPage.peek()
  if (place === null || (now !== null && hashOf(now) === location.hash)) return
  void open({ ...place, name: '' })
}

/** Another page of the same document. */
export function turnTo(page: number): void {
  const now = openPage.peek()
  if (now === null) return
  const last = pagesOf(now)
  if (page < 1 || (last !== null && page > last)) return
  void open({ documentId: now.documentId, name: now.name, page, mark: null }, now.trail)
}

/** The same page, without its quote. */
export function forgetMark(): void {
  const now = openPage.peek()
  if (now === null) return
  openPage.value = { ...now, mark: null }
  setHash(hashOf({ ...now, mark: null }))
}

/** Which quote of the trail is open; 0 when none is, as after turning the page. */
export function quoteNumber({ trail, documentId, page, mark }: OpenPage): number {
  return trail.findIndex((at) => at.documentId === documentId && at.page === page && at.mark?.start === mark?.start) + 1
}

/** The next quote or the one before, around the end. */
export function stepQuote(step: 1 | -1): void {
  const now = openPage.peek()
  if (now === null || now.trail.length === 0) return
  const at = quoteNumber(now) - 1
  const next = at < 0 ? 0 : (at + step + now.trail.length) % now.trail.length
  void open(now.trail[next]!, now.trail)
}

/** The focus goes back to where the reading began. */
export function close(): void {
  loading?.abort()
  openPage.value = null
  if (placeOfHash(location.hash) !== null) setHash('')
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
  opener = null
}

async function load({ documentId, page }: Place, signal: AbortSignal): Promise<PageContent> {
  const known = rowOf(documentId)?.view.peek()
  try {
    const [answer, document] = await Promise.all([
      api.page(documentId, page, signal),
      known ?? api.document(documentId, signal),
    ])
    return { state: 'shown', page: answer, document }
  } catch (error) {
    const { code, message } = asRequestError(error)
    const document = code === 'not_found' ? (known ?? (await find(documentId, signal))) : undefined
    if (document !== undefined && isFirstRead(document)) return { state: 'unread', document }
    return { state: 'failed', reason: message }
  }
}

/** Undefined where it cannot be had, which was said already. */
function find(documentId: string, signal: AbortSignal): Promise<DocumentAnswer | undefined> {
  return api.document(documentId, signal).catch(() => undefined)
}

function rowOf(documentId: string): DocumentRow | undefined {
  return kept.value.find(({ id }) => id === documentId)
}

/** Without a trace in the history of the browser: going back goes through the chats. */
function setHash(hash: string): void {
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`)
}
