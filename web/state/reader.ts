/** The page of a document that lies open beside the conversation. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import type { PageAnswer } from '../wire.ts'

export interface OpenPage {
  readonly documentId: string
  readonly name: string
  readonly page: number
  /** Known for a document of the list; a quote alone does not tell. */
  readonly pages: number | null
  /** What to mark, in UTF-16 code units of the page's text. */
  readonly mark: { readonly start: number; readonly end: number } | null
  readonly content:
    | { readonly state: 'loading' }
    | { readonly state: 'shown'; readonly page: PageAnswer }
    | { readonly state: 'failed'; readonly reason: string }
}

export const openPage = signal<OpenPage | null>(null)

let loading: AbortController | undefined
let opener: Element | null = null

export async function open(place: Omit<OpenPage, 'content'>): Promise<void> {
  if (openPage.peek() === null) opener = document.activeElement
  loading?.abort()
  loading = new AbortController()
  const { signal } = loading
  openPage.value = { ...place, content: { state: 'loading' } }
  const content = await load(place, signal)
  if (!signal.aborted) openPage.value = { ...place, content }
}

/** The focus goes back to where the reading began. */
export function close(): void {
  loading?.abort()
  openPage.value = null
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
  opener = null
}

async function load({ documentId, page }: { documentId: string; page: number }, signal: AbortSignal) {
  try {
    return { state: 'shown', page: await api.page(documentId, page, signal) } as const
  } catch (error) {
    return { state: 'failed', reason: asRequestError(error).message } as const
  }
}
