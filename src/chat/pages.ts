/** The text of pages, as far as one answer needs it: what a quote is held against. */
import type { Hit } from '../search.ts'
import type { Reader } from '../storage.ts'
import type { Citation, Source } from './events.ts'

export interface OfferedSource extends Source {
  /** The path of headings. */
  heading: string
  /** Whose page it is on; a page never changes within a reading. */
  readingId: number
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
  cite(source: OfferedSource, quote: string, range: { start: number; end: number }): Omit<Citation, 'name'> | undefined
}

export function openPages(reader: Reader): Pages {
  const texts = new Map<string, string | undefined>()
  const textOf = ({ readingId, page }: OfferedSource) => {
    const key = `${readingId}/${page}`
    if (!texts.has(key)) texts.set(key, readPage(reader, readingId, page))
    return texts.get(key)
  }
  return {
    cite(source, quote, { start, end }) {
      if (quote === '' || textOf(source)?.slice(start, end) !== quote) return undefined
      return { n: source.n, documentId: source.documentId, page: source.page, quote, start, end, verified: true }
    },
  }
}

function readPage(reader: Reader, readingId: number, page: number): string | undefined {
  return reader.get<{ text: string }>('SELECT text FROM pages WHERE reading_id = ? AND number = ?', readingId, page)
    ?.text
}
