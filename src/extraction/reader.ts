/** What every reader of a type is: pages on demand, in the extractor. */
import type { ExtractedPage, ExtractionEvent } from '../extraction.ts'
import type { ReaderRequest } from './protocol.ts'

export interface ReaderJob extends ReaderRequest {
  /** Tells the door which page is begun, so that it can end a page that takes too long, and name one that kills. */
  startPage(page: number, wallMs: number, cpuMs?: number): void
}

/** Yields `opened`, then pages from `firstPage` on. Whatever it holds is let go when the iteration ends. */
export type Reader = (job: ReaderJob) => AsyncIterable<ExtractionEvent>

/** A page without a place on paper. */
export function textPage(text: string, more: Partial<ExtractedPage> = {}): ExtractedPage {
  return {
    number: 1,
    text,
    source: text.trim() === '' ? 'none' : 'text',
    confidence: null,
    language: null,
    width: null,
    height: null,
    words: null,
    headings: [],
    ...more,
  }
}

export function pageLimit(pagesMax: number): string {
  return `Expected at most ${pagesMax.toLocaleString('en')} pages in one document; this one lies beyond. Split the file.`
}
