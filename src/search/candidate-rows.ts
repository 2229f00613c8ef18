/** Passages that may be shown, with what their documents say of them. Whatever is read here is inside the scope. */
import type { Reader } from '../storage.ts'
import { conditionOf, type Scope } from './scope.ts'

export interface Found {
  passageId: number
  /** Public. */
  documentId: string
  name: string
  /** Of the document, by its short name. */
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
}

/** With what the ranking needs. */
export interface Candidate extends Found {
  wordsText: number
  wordsTitle: number
  wordsHeading: number
}

export interface Wanted {
  scope: Scope
  /** An expression of FTS5 that must not match. */
  excluded: string | undefined
  limit: number
}

const COLUMNS = `passages.id AS passageId, documents.public_id AS documentId, documents.name, documents.type,
  collections.public_id AS collectionId, collections.name AS collection, documents.created_at AS createdAt,
  coalesce(readings.title, documents.name) AS title, passages.reading_id AS readingId, page, ordinal, start, "end",
  passages.text, passages.heading, words_text AS wordsText, words_title AS wordsTitle, words_heading AS wordsHeading`
const DOCUMENTS_OF_PASSAGES = `
  CROSS JOIN documents ON documents.id = passages.document_id AND documents.reading_id = passages.reading_id
  CROSS JOIN collections ON collections.id = documents.collection_id
  CROSS JOIN readings ON readings.id = passages.reading_id`
/** Asked for each row: the index goes straight to it. */
const MATCHES = (parameter: string) =>
  `EXISTS (SELECT 1 FROM lexical_1 WHERE lexical_1 MATCH ${parameter} AND lexical_1.rowid = passages.id)`

/** The index ranks what matches: for few passages, because it looks up how long each is. */
export function readRanked(reader: Reader, match: string, { scope, limit }: Wanted): Candidate[] {
  const { sql, values } = conditionOf(scope)
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM lexical_1 AS found CROSS JOIN passages ON passages.id = found.rowid ${DOCUMENTS_OF_PASSAGES}
     WHERE lexical_1 MATCH ?7 AND found.rank MATCH 'bm25(1.0, 1.0, 1.0, 0.0)' AND ${sql}
     ORDER BY found.rank LIMIT ?8`,
    ...values,
    match,
    limit,
  )
}

/** These passages, as far as the scope holds them. */
export function readPassages(reader: Reader, ids: readonly number[], scope: Scope): Candidate[] {
  return readWanted(reader, ids, { scope, excluded: undefined, limit: ids.length })
}

/** Of these passages those that are wanted, in their order. */
export function readWanted(reader: Reader, ids: ArrayLike<number>, { scope, excluded, limit }: Wanted): Candidate[] {
  const { sql, values } = conditionOf(scope)
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM json_each(?7) AS listed CROSS JOIN passages ON passages.id = listed.value ${DOCUMENTS_OF_PASSAGES}
     WHERE ${sql}${excluded ? ` AND NOT ${MATCHES('?9')}` : ''}
     LIMIT ?8`,
    ...values,
    JSON.stringify(Array.from(ids)),
    limit,
    ...(excluded ? [excluded] : []),
  )
}

/** How the documents of the scope begin, newest first. */
export function readBeginnings(reader: Reader, { scope, excluded, limit }: Wanted): Candidate[] {
  const { sql, values } = conditionOf(scope)
  return reader.all<Candidate>(
    `SELECT ${COLUMNS}
     FROM documents
     CROSS JOIN readings ON readings.id = documents.reading_id
     CROSS JOIN collections ON collections.id = documents.collection_id
     CROSS JOIN passages ON passages.id = (
       SELECT id FROM passages WHERE reading_id = documents.reading_id ORDER BY page, ordinal LIMIT 1)
     WHERE ${sql}${excluded ? ` AND NOT ${MATCHES('?7')}` : ''}
     ORDER BY documents.id DESC LIMIT ?8`,
    ...values,
    excluded ?? null,
    limit,
  )
}
