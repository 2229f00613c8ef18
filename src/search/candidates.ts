/**
 * The passages worth a closer look: what the full-text index thinks best among those that the caller may see.
 *
 * Common tokens make a query slow, because every passage that holds one is visited. So the rarest tokens find candidates until
 * their passages add up to a budget; the ranking afterwards looks at all tokens.
 */
import type { Reader } from '../storage.ts'
import { readingToken } from './lexical-index.ts'
import { conditionOf, readingsInNarrowScope, type Scope } from './scope.ts'
import type { Term } from './weights.ts'

export interface Candidate {
  passageId: number
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
  ordinal: number
  start: number
  end: number
  text: string
  heading: string
  wordsText: number
  wordsTitle: number
  wordsHeading: number
}

/** Passages visited per query at most, unless a single token stands in more. */
const VISITED_MIN = 12_000
const VISITED_MAX = 50_000
/** Ranking more than these for the sake of one word would hold up the others. */
const VISITED_FOR_ONE_MAX = 25_000
/** In a larger index more must be visited to find as much. */
const VISITED_SHARE = 0.1
/** A narrow scope costs less per passage, because most are skipped unseen. */
const VISITED_IN_NARROW_SCOPE = 100_000

export interface CandidateQuery {
  terms: readonly Term[]
  /** All words of each must stand side by side. */
  phrases: readonly (readonly string[])[]
  excluded: readonly (readonly string[])[]
  scope: Scope
  /** Passages in the index. */
  passages: number
  limit: number
}

export function findCandidates(reader: Reader, query: CandidateQuery): Candidate[] {
  if (query.scope.collectionIds.length === 0) return []
  const narrow = readingsInNarrowScope(reader, query.scope)
  const budget = narrow
    ? VISITED_IN_NARROW_SCOPE
    : Math.min(VISITED_MAX, Math.max(VISITED_MIN, query.passages * VISITED_SHARE))
  const { tokens, visited } = chooseTokens(query.terms, budget)
  if (tokens.length === 0 || narrow?.length === 0) return []
  const match = matchExpression(tokens, query, narrow)
  if (narrow || tokens.length > 1 || visited <= VISITED_FOR_ONE_MAX) return readCandidates(reader, match, query, 'best')

  // A single word that is everywhere says little: to rank all that hold it would take too long. Those that it heads come first, then the newest.
  const headed = readCandidates(reader, `{heading title} : ${anyOf(tokens)} AND ${match}`, query, 'newest')
  const others = readCandidates(reader, match, query, 'newest')
  const known = new Set(headed.map((candidate) => candidate.passageId))
  return [...headed, ...others.filter((candidate) => !known.has(candidate.passageId))].slice(0, query.limit)
}

/** What a candidate is made of, for the tables `passages`, `documents`, `collections` and `readings`. */
const COLUMNS = `passages.id AS passageId, documents.public_id AS documentId, documents.name, documents.type,
  collections.public_id AS collectionId, collections.name AS collection, documents.created_at AS createdAt,
  coalesce(readings.title, documents.name) AS title, passages.reading_id AS readingId, page, ordinal, start, "end",
  passages.text, passages.heading, words_text AS wordsText, words_title AS wordsTitle, words_heading AS wordsHeading`

/**
 * The index hands its passages over best first, and the rest is looked up one by one until there are enough: the filter comes
 * before the limit, and costs nothing for passages that nobody needs.
 */
function readCandidates(
  reader: Reader,
  match: string,
  { scope, limit }: CandidateQuery,
  first: 'best' | 'newest',
): Candidate[] {
  const ranking = `AND found.rank MATCH 'bm25(1.0, 1.0, 1.0, 0.0)'`
  const { sql, values } = conditionOf(scope)
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM lexical_1 AS found
     CROSS JOIN passages ON passages.id = found.rowid
     CROSS JOIN documents ON documents.id = passages.document_id AND documents.reading_id = passages.reading_id
     CROSS JOIN collections ON collections.id = documents.collection_id
     CROSS JOIN readings ON readings.id = passages.reading_id
     WHERE lexical_1 MATCH ?7 ${first === 'best' ? ranking : ''} AND ${sql}
     ORDER BY ${first === 'best' ? 'found.rank' : 'found.rowid DESC'} LIMIT ?8`,
    ...values,
    match,
    limit,
  )
}

/** These passages, as far as the scope holds them. */
export function readPassages(reader: Reader, passageIds: readonly number[], scope: Scope): Candidate[] {
  const { sql, values } = conditionOf(scope)
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM json_each(?7) AS wanted
     CROSS JOIN passages ON passages.id = wanted.value
     CROSS JOIN documents ON documents.id = passages.document_id AND documents.reading_id = passages.reading_id
     CROSS JOIN collections ON collections.id = documents.collection_id
     CROSS JOIN readings ON readings.id = passages.reading_id
     WHERE ${sql}`,
    ...values,
    JSON.stringify(passageIds),
  )
}

/** Where no words are asked for: how the documents of the scope begin, newest first. */
export function findBeginnings(
  reader: Reader,
  { scope, excluded, limit }: Pick<CandidateQuery, 'scope' | 'excluded' | 'limit'>,
): Candidate[] {
  const { sql, values } = conditionOf(scope)
  const isExcluded = `EXISTS (SELECT 1 FROM lexical_1 WHERE lexical_1 MATCH ?7 AND rowid = passages.id)`
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM documents
     CROSS JOIN readings ON readings.id = documents.reading_id
     CROSS JOIN collections ON collections.id = documents.collection_id
     CROSS JOIN passages ON passages.id = (
       SELECT id FROM passages WHERE reading_id = documents.reading_id ORDER BY page, ordinal LIMIT 1)
     WHERE ${sql} AND (?7 IS NULL OR NOT ${isExcluded})
     ORDER BY documents.id DESC LIMIT ?8`,
    ...values,
    excluded.length === 0 ? null : anyOf(excluded.map((words) => words.join(' '))),
    limit,
  )
}

/** Rarest first, within the budget; function words only where there is nothing else. */
function chooseTokens(terms: readonly Term[], budget: number): { tokens: string[]; visited: number } {
  const found = terms.filter((term) => term.frequency > 0)
  const content = found.filter((term) => !term.isFunctionWord)
  const byFrequency = (content.length > 0 ? content : found).toSorted((a, b) => a.frequency - b.frequency)
  const tokens: string[] = []
  let visited = 0
  for (const { token, frequency } of byFrequency) {
    if (visited + frequency > budget && tokens.length > 0) break
    visited += frequency
    tokens.push(token)
  }
  return { tokens, visited }
}

function matchExpression(
  tokens: readonly string[],
  { phrases, excluded }: CandidateQuery,
  narrow: readonly number[] | undefined,
): string {
  const needed = [
    anyOf(tokens),
    ...phrases.map((words) => quoted(words.join(' '))),
    ...(narrow ? [`scope : ${anyOf(narrow.map(readingToken))}`] : []),
  ].join(' AND ')
  return excluded.length === 0 ? needed : `(${needed}) NOT ${anyOf(excluded.map((words) => words.join(' ')))}`
}

function anyOf(texts: readonly string[]): string {
  return `(${texts.map(quoted).join(' OR ')})`
}

/** Inside quotes everything is text to FTS5; a quote is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
