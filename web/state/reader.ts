/** The page of a document that lies open beside the conversation. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import type { PageAnswer } from '../wire.ts'

export interface Place {
  readonly documentId: string
  readonly name: string
  readonly page: number
  /** What to mark, in UTF-16 code units of the page's text. */
  readonly mark: { readonly start: number; readonly end: number } | null
}

export type PageContent =
  | { readonly state: 'loading' }
  | { readonly state: 'shown'; readonly page: PageAnswer }
  | { readonly state: 'failed'; readonly reason: string }

export interface OpenPage extends Place {
  readonly content: PageContent
  /** The quotes of the answer from which the reading began, to step through. */
  readonly trail: readonly Place[]
}

export const openPage = signal<OpenPage | null>(null)

let loading: AbortController | undefined
let opener: Element | null = null

export async function open(place: Place, trail: readonly Place[] = []): Promise<void> {
  if (openPage.peek() === null) opener = document.activeElement
  loading?.abort()
  loading = new AbortController()
  const { signal } = loading
  openPage.value = { ...place, trail, content: { state: 'loading' } }
  const content = await load(place, signal)
  if (!signal.aborted) openPage.value = { ...place, trail, content }
}

/** Another page of the same document. */
export function turnTo(page: number): void {
  const now = openPage.peek()
  if (now !== null) void open({ documentId: now.documentId, name: now.name, page, mark: null }, now.trail)
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
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
  opener = null
}

async function load({ documentId, page }: Place, signal: AbortSignal): Promise<PageContent> {
  try {
    return { state: 'shown', page: await api.page(documentId, page, signal) }
  } catch (error) {
    return { state: 'failed', reason: asRequestError(error).message }
  }
}
