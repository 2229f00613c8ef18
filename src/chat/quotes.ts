/** An answer without a model: the quotes themselves, each with its marker. They may answer the question; that is all we say. */
import type { Quote } from '../search.ts'
import type { AnswerEvent, Citation } from './events.ts'
import { unmarked } from './markers.ts'
import type { CitableSource, OfferedSource, Pages } from './pages.ts'

/** No event where none of the quotes stands where it should, as when the document was purged meanwhile. */
export function* writeQuotes(
  quotes: readonly Quote[],
  sources: readonly OfferedSource[],
  pages: Pages,
  lead: { one: string; many: string },
): Generator<AnswerEvent, void, undefined> {
  const citations = quotes.flatMap(({ hit, quote, start, end }) => {
    const source = sources.find((other) => isSamePassage(other, hit))
    const citation = source && pages.cite(source, quote, { start, end })
    return citation ? [citation] : []
  })
  if (citations.length === 0) return
  yield* say(citations.length === 1 ? lead.one : lead.many)
  yield* printAll(citations)
}

/** Sentences of many pages; where they are of several documents, the name of each stands before its own. */
export function* writeExcerpts(
  { sources, quoted, lead }: { sources: readonly OfferedSource[]; quoted: readonly number[]; lead: string },
  pages: Pages,
): Generator<AnswerEvent, void, undefined> {
  const isOfSeveral = new Set(sources.map(({ documentId }) => documentId)).size > 1
  yield* say(lead)
  let before: string | undefined
  for (const source of sources) {
    if (!quoted.includes(source.n)) continue
    const citation = pages.cite(source, source.text, source)
    if (!citation) continue
    if (isOfSeveral && source.documentId !== before) yield* say(`\n\n${unmarked(source.name)}:`)
    before = source.documentId
    yield* printAll([citation])
  }
}

const RESULT_LENGTH_MAX = 300

/** What a search engine says of pages in the web: linked, and never called checked. */
export function* writeResults(
  results: readonly CitableSource[],
  pages: Pages,
  lead: string,
): Generator<AnswerEvent, void, undefined> {
  if (results.length === 0) return
  yield* say(lead)
  for (const source of results) {
    const start = source.text.slice(0, RESULT_LENGTH_MAX + 1)
    const quote = start.length <= RESULT_LENGTH_MAX ? start : start.slice(0, Math.max(1, start.lastIndexOf(' ')))
    const citation = pages.cite(source, quote, { start: 0, end: quote.length })
    if (citation) yield* printAll([citation])
  }
}

function* printAll(citations: readonly Omit<Citation, 'name'>[]): Generator<AnswerEvent, void, undefined> {
  for (const citation of citations) {
    yield* say(printQuote(citation))
    yield { type: 'citation', ...citation }
  }
}

function isSamePassage(source: OfferedSource, hit: Quote['hit']): boolean {
  return source.readingId === hit.readingId && source.page === hit.page && source.start === hit.start
}

/** On one line, and with no marker but ours: documents have their own `[7]`. */
function printQuote({ n, quote }: Omit<Citation, 'name'>): string {
  return `\n\n“${unmarked(quote.replace(/\s+/g, ' ').trim())}” [${n}]`
}

const DELTA_LENGTH = 24

/** A text of ours, a few words at a time. */
export function* say(text: string): Generator<AnswerEvent, void, undefined> {
  let piece = ''
  for (const [word] of text.matchAll(/\S+\s*|\s+/g)) {
    piece += word
    if (piece.length < DELTA_LENGTH) continue
    yield { type: 'text-delta', text: piece }
    piece = ''
  }
  if (piece !== '') yield { type: 'text-delta', text: piece }
}
