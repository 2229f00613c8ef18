/**
 * Finding: passages into the index, questions to passages, passages to quotes. Nothing here needs a model, a language or a
 * dictionary. Every query says which collections it may look into.
 */
import { analyse, type IndexReader, type QueryAnalysis } from './search/analysis.ts'
import { type Candidate, findBeginnings, findCandidates } from './search/candidates.ts'
import { confidenceOf, NOT_FOUND_BELOW } from './search/confidence.ts'
import { countFacets, type Facets } from './search/facets.ts'
import { type Filters, hasFilters } from './search/filters.ts'
import { openFrequencies } from './search/frequencies.ts'
import { addPassages, type PassageRow, readSums, removePassages, titleText } from './search/lexical-index.ts'
import { Matcher } from './search/matching.ts'
import { cutPassages, type Heading, type PassageDraft } from './search/passages.ts'
import { parseQuery } from './search/query.ts'
import { chooseQuotes } from './search/quoting.ts'
import { rank } from './search/ranking.ts'
import { namedCollections } from './search/scope.ts'
import { makeSnippets, type Snippet } from './search/snippet.ts'
import type { Storage, Transaction } from './storage.ts'

export { NOT_FOUND_BELOW } from './search/confidence.ts'
export {
  type Answering,
  type EvaluationDocument,
  type EvaluationQuestion,
  evaluate,
  type Scores,
  withTypingError,
} from './search/evaluation.ts'
export type { Facets } from './search/facets.ts'
export type { Filters } from './search/filters.ts'
export type { PassageRow } from './search/lexical-index.ts'
export type { PassageDraft } from './search/passages.ts'
export { splitSentences } from './search/sentences.ts'
export type { Snippet } from './search/snippet.ts'
export { splitWords } from './search/words.ts'

export interface SearchQuery {
  text: string
  /** Only what is in these is found. */
  collectionIds: readonly number[]
  /** Public ids; all documents where absent. */
  documentIds?: readonly string[]
  limit: number
}

export interface Hit {
  passageId: number
  /** Public. */
  documentId: string
  name: string
  /** Media type of the document. */
  type: string
  /** Of the document, public. */
  collectionId: string
  collection: string
  /** Unix milliseconds in which the document was added. */
  createdAt: number
  title: string
  readingId: number
  page: number
  /** Number of the passage within its page. */
  ordinal: number
  /** `text` is this range of the page's text. */
  start: number
  end: number
  text: string
  /** The path of headings: `A > B > C`. */
  heading: string
  score: number
}

export interface SearchResult {
  hits: Hit[]
  /** Of all passages that were ranked, not only of the hits. */
  facets: Facets
  /** What the query said beside its words. */
  filters: Filters
  /** 0 to 1; below `NOT_FOUND_BELOW` the documents have nothing about it. */
  confidence: number
  analysis: QueryAnalysis
  /** The query with its misspelt words corrected. The hits are those of the corrected query. */
  didYouMean: string | null
}

export interface Quote {
  hit: Hit
  /** Exactly this range of the page's text. */
  quote: string
  start: number
  end: number
  score: number
}

export interface QuoteResult {
  quotes: Quote[]
  confidence: number
  notFound: boolean
}

export interface Search {
  /** Pure: the same page gives the same passages. */
  cutPassages(page: { text: string; headings: readonly Heading[] }): PassageDraft[]
  /** Passages with their index entries. */
  add(tx: Transaction, rows: readonly PassageRow[]): void
  /** Removes up to `limit` passages of a reading with their index entries; answers how many. */
  remove(tx: Transaction, readingId: number, limit: number): number
  find(query: SearchQuery): Promise<SearchResult>
  /** Up to three quotes that may answer the question, best first. */
  quote(question: string, result: SearchResult): QuoteResult
  /** For each hit the part of its text to show in a list, and what to mark in it. */
  snippets(result: SearchResult): Snippet[]
}

/** More than these gain nothing in quality, and cost time. */
const CANDIDATES_MAX = 50

export function openSearch({ database }: Storage): Search {
  const readFrequencies = openFrequencies()
  return {
    cutPassages,
    add: addPassages,
    remove: removePassages,
    find: (query) => find({ reader: database, readFrequencies, sums: readSums(database) }, query),
    quote,
    snippets: ({ hits, analysis }) =>
      makeSnippets(
        analysis,
        hits.map((hit) => hit.text),
      ),
  }
}

async function find(index: IndexReader, { text, limit, ...named }: SearchQuery): Promise<SearchResult> {
  const query = parseQuery(text)
  const { reader, sums } = index
  const { filters, phrases, excluded } = query
  const collectionIds = namedCollections(reader, named.collectionIds, filters)
  const scope = { ...named, collectionIds, filters }
  const analysis = analyse(index, query)
  const { terms, content, didYouMean } = analysis
  const isList = query.words.length === 0 && hasFilters(filters)
  const candidates = isList
    ? findBeginnings(reader, { scope, excluded, limit: CANDIDATES_MAX })
    : findCandidates(reader, { terms, phrases, excluded, scope, passages: sums.passages, limit: CANDIDATES_MAX })
  await new Promise((resolve) => setImmediate(resolve)) // Others may go first: ranking is the longer half.

  const matcher = new Matcher(terms)
  const ranked = candidates.map((candidate) => {
    const title = titleText(candidate.title)
    const lengths = { text: candidate.wordsText, title: candidate.wordsTitle, heading: candidate.wordsHeading }
    const passage = matcher.matchPassage({ ...candidate, title })
    return { candidate, title, passage, score: rank(passage, lengths, { terms, content, sums }) }
  })
  // A list stays in its order.
  if (!isList) ranked.sort((a, b) => b.score - a.score || a.candidate.passageId - b.candidate.passageId)
  const scores = ranked.map(({ score }) => score)
  const best = ranked[0]?.passage
  return {
    hits: ranked.slice(0, limit).map(({ candidate, title, score }) => toHit(candidate, title, score)),
    facets: countFacets(candidates),
    filters,
    confidence: best ? confidenceOf({ analysis, passages: sums.passages, best, scores }) : 0,
    analysis,
    didYouMean,
  }
}

function quote(question: string, { hits, confidence, analysis }: SearchResult): QuoteResult {
  const passages = hits.map((hit) => ({ ...hit, isFirst: hit.page === 1 && hit.ordinal === 0 }))
  const quotes = chooseQuotes(question, analysis, passages).map(({ passage, start, end, score }) => {
    const hit = hits[passage]!
    return { hit, quote: hit.text.slice(start, end), start: hit.start + start, end: hit.start + end, score }
  })
  return { quotes, confidence, notFound: quotes.length === 0 || confidence < NOT_FOUND_BELOW }
}

function toHit(
  { wordsText: _t, wordsTitle: _i, wordsHeading: _h, ...candidate }: Candidate,
  title: string,
  score: number,
): Hit {
  return { ...candidate, title, score }
}
