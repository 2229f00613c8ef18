/** The text of pages, as far as one answer needs it: what a quote is held against. */
import type { WebResult } from '../inference.ts'
import type { Hit } from '../search.ts'
import type { Reader } from '../storage.ts'
import type { Citation, Source } from './events.ts'

export interface CitableSource extends Source {
  /** The path of headings. */
  heading: string
  /** Whose page it is on; a page never changes within a reading. Null of a result from the web. */
  readingId: number | null
}

/** Of a document. */
export interface OfferedSource extends CitableSource {
  documentId: string
  page: number
  readingId: number
}

/** Results of a search engine, under the numbers that follow. */
export function numberResults(results: readonly WebResult[], after: number): CitableSource[] {
  return results.map(({ title, url, text }, index) => ({
    ...{ n: after + index + 1, documentId: null, name: title, page: null, text, start: 0, end: text.length, url },
    ...{ heading: '', readingId: null },
  }))
}

/** Hits under the numbers by which an answer marks them. */
export function numberSources(hits: readonly Hit[]): OfferedSource[] {
  return hits.map(({ documentId, name, page, text, start, end, heading, readingId }, index) => ({
    ...{ n: index + 1, documentId, name, page, text, start, end },
    ...{ heading, readingId },
  }))
}

export interface Pages {
  /** A citation of this range of the source's page; undefined when the quote does not stand there, letter for letter. */
  cite(source: CitableSource, quote: string, range: { start: number; end: number }): Omit<Citation, 'name'> | undefined
}

export function openPages(reader: Reader): Pages {
  const texts = new Map<string, string | undefined>()
  const textOf = ({ readingId, page, text }: CitableSource) => {
    if (readingId === null || page === null) return text
    const key = `${readingId}/${page}`
    if (!texts.has(key)) texts.set(key, readPage(reader, readingId, page))
    return texts.get(key)
  }
  return {
    cite(source, quote, { start, end }) {
      if (quote === '' || textOf(source)?.slice(start, end) !== quote) return undefined
      const { n, documentId, page, readingId, url } = source
      const place = { n, documentId, page, quote, start, end, verified: readingId !== null }
      return url === undefined ? place : { ...place, url }
    },
  }
}

function readPage(reader: Reader, readingId: number, page: number): string | undefined {
  return reader.get<{ text: string }>('SELECT text FROM pages WHERE reading_id = ? AND number = ?', readingId, page)
    ?.text
}
