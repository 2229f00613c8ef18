/**
 * The passages worth a closer look: what the full-text index thinks best among those that the caller may see.
 *
 * Common tokens make a query slow, because every passage that holds one is visited. So the rarest tokens find candidates until
 * their passages add up to a budget; the ranking afterwards looks at all tokens.
 */
import type { Reader } from '../storage.ts'
import type { Term } from './weights.ts'

export interface Scope {
  collectionIds: readonly number[]
  /** Public ids. All documents where absent. */
  documentIds?: readonly string[] | undefined
  /** Parts of the document's name, lowercase. */
  names: readonly string[]
}

export interface Candidate {
  passageId: number
  documentId: string
  name: string
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
const VISITED_MIN = 20_000
const VISITED_MAX = 60_000
/** In a larger index more must be visited to find as much. */
const VISITED_SHARE = 0.1

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
  const tokens = chooseTokens(query.terms, query.passages)
  if (tokens.length === 0 || query.scope.collectionIds.length === 0) return []
  const { collectionIds, documentIds, names } = query.scope
  // The index hands its passages over best first, and the rest is looked up one by one until there are enough: the filter
  // comes before the limit, and costs nothing for passages that nobody needs.
  return reader.all<Candidate>(
    `SELECT passages.id AS passageId, documents.public_id AS documentId, documents.name, coalesce(readings.title, documents.name) AS title,
       passages.reading_id AS readingId, page, ordinal, start, "end", passages.text, passages.heading,
       words_text AS wordsText, words_title AS wordsTitle, words_heading AS wordsHeading
     FROM lexical_1 AS found
     CROSS JOIN passages ON passages.id = found.rowid
     CROSS JOIN documents ON documents.id = passages.document_id AND documents.reading_id = passages.reading_id
       AND documents.deleted_at IS NULL
     CROSS JOIN readings ON readings.id = passages.reading_id
     WHERE lexical_1 MATCH ?1
       AND documents.collection_id IN (SELECT value FROM json_each(?2))
       AND (?3 IS NULL OR documents.public_id IN (SELECT value FROM json_each(?3)))
       AND NOT EXISTS (SELECT 1 FROM json_each(?4) AS part WHERE instr(lower(documents.name), part.value) = 0)
     ORDER BY found.rank LIMIT ?5`,
    matchExpression(tokens, query),
    JSON.stringify(collectionIds),
    documentIds ? JSON.stringify(documentIds) : null,
    JSON.stringify(names),
    query.limit,
  )
}

/** Rarest first, within the budget; function words only where there is nothing else. */
function chooseTokens(terms: readonly Term[], passages: number): string[] {
  const found = terms.filter((term) => term.frequency > 0)
  const content = found.filter((term) => !term.isFunctionWord)
  const byFrequency = (content.length > 0 ? content : found).toSorted((a, b) => a.frequency - b.frequency)
  const budget = Math.min(VISITED_MAX, Math.max(VISITED_MIN, passages * VISITED_SHARE))
  const tokens: string[] = []
  let visited = 0
  for (const { token, frequency } of byFrequency) {
    visited += frequency
    if (visited > budget && tokens.length > 0) break
    tokens.push(token)
  }
  return tokens
}

function matchExpression(tokens: readonly string[], { phrases, excluded }: CandidateQuery): string {
  const any = `(${tokens.map(quoted).join(' OR ')})`
  const all = [any, ...phrases.map((words) => quoted(words.join(' ')))].join(' AND ')
  return excluded.length === 0 ? all : `(${all}) NOT (${excluded.map((words) => quoted(words.join(' '))).join(' OR ')})`
}

/** Inside quotes everything is text to FTS5; a quote is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
