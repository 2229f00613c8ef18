/**
 * Finding: passages into the index, questions to passages, passages to quotes. Nothing here needs a model, a language or a
 * dictionary. Every query says which collections it may look into.
 */
import type { Embedders, Reranker } from './inference.ts'
import { analyse, type QueryAnalysis } from './search/analysis.ts'
import { type Candidate, type Found, findBeginnings, findCandidates, readPassages } from './search/candidates.ts'
import { confidenceOf, NOT_FOUND_BELOW } from './search/confidence.ts'
import { countFacets, type Facets } from './search/facets.ts'
import { type Filters, hasFilters } from './search/filters.ts'
import { type Frequencies, openFrequencies } from './search/frequencies.ts'
import { fuse } from './search/fusion.ts'
import {
  addPassages,
  mergeSome,
  type PassageRow,
  readSums,
  removePassages,
  type Sums,
  titleText,
} from './search/lexical-index.ts'
import { type MatchedPassage, Matcher } from './search/matching.ts'
import { type Meaning, type Meanings, openMeanings } from './search/meaning.ts'
import { cutPassages, type Heading, type PassageDraft } from './search/passages.ts'
import { parseQuery, termsOf } from './search/query.ts'
import { chooseQuotes } from './search/quoting.ts'
import { rank } from './search/ranking.ts'
import { type Reranking, rerank } from './search/reranking.ts'
import { namedCollections } from './search/scope.ts'
import { makeSnippets, type Snippet } from './search/snippet.ts'
import { openTurn, type Turn } from './search/turn.ts'
import { openVectorIndex, type VectorIndex } from './search/vector-index.ts'
import { similaritiesOf } from './search/vector-search.ts'
import { removeVectors } from './search/vector-store.ts'
import type { Reader, Storage, Transaction } from './storage.ts'

export { NOT_FOUND_BELOW } from './search/confidence.ts'
export type { EmbeddingOutcome } from './search/embedding.ts'
export {
  type Answering,
  areaUnderCurve,
  type EvaluationDocument,
  type EvaluationQuestion,
  evaluate,
  type IsHit,
  type Returned,
  type Scores,
  withTypingError,
} from './search/evaluation.ts'
export type { Facets } from './search/facets.ts'
export type { Filters } from './search/filters.ts'
export type { PassageRow } from './search/lexical-index.ts'
export type { PassageDraft } from './search/passages.ts'
export { splitSentences } from './search/sentences.ts'
export type { Snippet } from './search/snippet.ts'
export type { GenerationStatus, VectorIndex, VectorStatus } from './search/vector-index.ts'
export { splitWords } from './search/words.ts'

export interface SearchQuery {
  text: string
  /** Only what is in these is found. */
  collectionIds: readonly number[]
  /** Public ids; all documents where absent. */
  documentIds?: readonly string[]
  limit: number
}

export interface Hit extends Found {
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
  /** What vectors had to say. Never a failure: where the model does not answer, the words alone decide. */
  meaning: { state: 'off' | 'used' } | { state: 'missed'; reason: string }
  /** The same of the model that reads question and passages together. */
  reranking: Reranking
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
  /** Makes the index quicker to ask, for some milliseconds; false when nothing is left to do. For those who have just added to it. */
  mergeSome(tx: Transaction): boolean
  find(query: SearchQuery): Promise<SearchResult>
  /** Up to three quotes that may answer the question, best first. */
  quote(question: string, result: SearchResult): QuoteResult
  /** For each hit the part of its text to show in a list, and what to mark in it. */
  snippets(result: SearchResult): Snippet[]
  readonly vectors: VectorIndex
}

/** More than these gain nothing in quality, and cost time. */
const CANDIDATES_MAX = 50
/**
 * Where no word of the question stands anywhere, what lies near may be worth a model's look, and is no answer by itself: how near a
 * vector is does not tell present subjects from absent ones (docs/decisions/0021-words-and-vectors.md).
 */
const CONFIDENCE_WITHOUT_WORDS = 0.35

/** Without embeddings there are only words, without a reranker the order is ours. */
export function openSearch({ database }: Storage, embeddings?: Embedders, reranker?: Reranker): Search {
  const frequencies = openFrequencies()
  const meanings = openMeanings(database, (model) => embeddings?.of(model))
  return {
    cutPassages,
    add: addPassages,
    mergeSome,
    // First the vectors: they are found by their passages.
    remove: (tx, readingId, limit) => removeVectors(tx, readingId, limit) || removePassages(tx, readingId, limit),
    find: (query) => find({ reader: database, frequencies, sums: readSums(database), meanings, reranker }, query),
    quote,
    snippets: ({ hits, analysis }) =>
      makeSnippets(
        analysis,
        hits.map((hit) => hit.text),
      ),
    vectors: openVectorIndex(database, embeddings),
  }
}

async function find(
  {
    reader,
    frequencies,
    sums,
    meanings,
    reranker,
  }: { reader: Reader; frequencies: Frequencies; sums: Sums; meanings: Meanings; reranker: Reranker | undefined },
  { text, limit, ...named }: SearchQuery,
): Promise<SearchResult> {
  const turn = openTurn()
  const query = parseQuery(text)
  const { filters, phrases, excluded } = query
  const isList = query.words.length === 0 && hasFilters(filters)
  const asked = isList ? undefined : meanings.ask(query.text)
  const collectionIds = namedCollections(reader, named.collectionIds, filters)
  const scope = { ...named, collectionIds, filters }
  const tokens = termsOf(query.text, query.words).map(({ token }) => token)
  const readFrequencies = await frequencies.prepare(reader, tokens, sums, turn)
  const analysis = await analyse({ reader, readFrequencies, sums }, query)
  const candidates = isList
    ? findBeginnings(reader, { scope, excluded, limit: CANDIDATES_MAX })
    : await findCandidates(
        reader,
        { terms: analysis.terms, phrases, excluded, scope, passages: sums.passages, limit: CANDIDATES_MAX },
        turn,
      )
  await turn.pause()

  const rankAll = openRanking(analysis, sums, turn)
  const byWords = await rankAll(candidates)
  // A list stays in its order.
  if (!isList) byWords.sort(bestFirst)
  const scores = byWords.map(({ score }) => score)
  const best = byWords[0]?.passage
  const confidence = best ? confidenceOf({ question: query.text, analysis, passages: sums.passages, best, scores }) : 0

  const meaning: Meaning = (await asked?.nearest(scope, CANDIDATES_MAX)) ?? { state: 'off' }
  const fused =
    meaning.state === 'used'
      ? await withMeaning(byWords, meaning, {
          confidence,
          // What must or must not stand in a passage is looked up by the words alone.
          readMore: async (ids) =>
            phrases.length + excluded.length > 0 ? [] : rankAll(readPassages(reader, ids, scope)),
          reader,
        })
      : byWords
  const { ranked, reranking } = await rerank(isList ? undefined : reranker, query.text, fused)
  return {
    hits: ranked.slice(0, limit).map(({ candidate, title, score }) => toHit(candidate, title, score)),
    facets: countFacets(ranked.map(({ candidate }) => candidate)),
    filters,
    confidence: byWords.length === 0 && ranked.length > 0 ? CONFIDENCE_WITHOUT_WORDS : confidence,
    analysis,
    didYouMean: analysis.didYouMean,
    meaning: meaning.state === 'missed' ? meaning : { state: meaning.state },
    reranking,
  }
}

interface Ranked {
  candidate: Candidate
  title: string
  passage: MatchedPassage
  score: number
}

function openRanking(
  { terms, content }: QueryAnalysis,
  sums: Sums,
  turn: Turn,
): (candidates: readonly Candidate[]) => Promise<Ranked[]> {
  const matcher = new Matcher(terms)
  return async (candidates) => {
    const ranked: Ranked[] = []
    for (const candidate of candidates) {
      const title = titleText(candidate.title)
      const lengths = { text: candidate.wordsText, title: candidate.wordsTitle, heading: candidate.wordsHeading }
      const passage = matcher.matchPassage({ text: candidate.text, heading: candidate.heading, title })
      ranked.push({ candidate, title, passage, score: rank(passage, lengths, { terms, content, sums }) })
      await turn.pause()
    }
    return ranked
  }
}

function bestFirst(a: Ranked, b: Ranked): number {
  return b.score - a.score || a.candidate.passageId - b.candidate.passageId
}

/** What words and vectors have found, in the order of both together. */
async function withMeaning(
  byWords: readonly Ranked[],
  { generation, vector, nearest }: Extract<Meaning, { state: 'used' }>,
  {
    confidence,
    reader,
    readMore,
  }: { confidence: number; reader: Reader; readMore: (ids: readonly number[]) => Promise<Ranked[]> },
): Promise<Ranked[]> {
  const similarities = new Map(nearest.near.map(({ passageId, similarity }) => [passageId, similarity]))
  const known = new Set(byWords.map(({ candidate }) => candidate.passageId))
  const more = await readMore([...similarities.keys()].filter((id) => !known.has(id)))
  const unseen = [...known].filter((id) => !similarities.has(id))
  for (const near of similaritiesOf(reader, generation, vector, unseen))
    similarities.set(near.passageId, near.similarity)
  const all = [...byWords, ...more]
  const ranked = all.map(({ candidate, score }) => ({ passageId: candidate.passageId, score }))
  const scores = fuse({ ranked, similarities, average: nearest.average, confidence })
  return all
    .flatMap((one) => {
      const score = scores.get(one.candidate.passageId)
      return score === undefined ? [] : [{ ...one, score }]
    })
    .sort(bestFirst)
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
