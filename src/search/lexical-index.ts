/**
 * Passages and their entries in the full-text index, added and removed in the caller's transaction together with the sums that
 * BM25 needs. The index is contentless: the text stands once, in `passages`.
 */
import type { Reader, Transaction } from '../storage.ts'
import type { PassageDraft } from './passages.ts'
import { tokensOf } from './words.ts'

export interface PassageRow {
  documentId: number
  readingId: number
  page: number
  ordinal: number
  /** Of the document. A file name serves where there is nothing better. */
  title: string
  draft: PassageDraft
}

/** Numbers of passages and of tokens per field, over the whole index. */
export interface Sums {
  passages: number
  text: number
  title: number
  heading: number
}

export function addPassages(tx: Transaction, rows: readonly PassageRow[]): void {
  const sums: Sums = { passages: 0, text: 0, title: 0, heading: 0 }
  for (const { documentId, readingId, page, ordinal, title, draft } of rows) {
    const text = tokensOf(draft.text)
    const titleTokens = tokensOf(titleText(title))
    const heading = tokensOf(draft.heading)
    const id = tx.run(
      `INSERT INTO passages (document_id, reading_id, page, ordinal, start, "end", text, heading, words_text, words_title, words_heading)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      documentId,
      readingId,
      page,
      ordinal,
      draft.start,
      draft.end,
      draft.text,
      draft.heading,
      text.length,
      titleTokens.length,
      heading.length,
    ).lastId
    tx.run(
      'INSERT INTO lexical_1 (rowid, text, heading, title, scope) VALUES (?, ?, ?, ?, ?)',
      id,
      text.join(' '),
      heading.join(' '),
      titleTokens.join(' '),
      readingToken(readingId),
    )
    sums.passages += 1
    sums.text += text.length
    sums.title += titleTokens.length
    sums.heading += heading.length
  }
  addToSums(tx, sums, 1)
}

/** Removes up to `limit` passages of a reading; answers how many. */
export function removePassages(tx: Transaction, readingId: number, limit: number): number {
  const rows = tx.all<{ id: number; text: number; title: number; heading: number }>(
    `SELECT id, words_text AS text, words_title AS title, words_heading AS heading FROM passages WHERE reading_id = ? LIMIT ?`,
    readingId,
    limit,
  )
  const sums: Sums = { passages: rows.length, text: 0, title: 0, heading: 0 }
  for (const row of rows) {
    tx.run('DELETE FROM lexical_1 WHERE rowid = ?', row.id)
    tx.run('DELETE FROM passages WHERE id = ?', row.id)
    sums.text += row.text
    sums.title += row.title
    sums.heading += row.heading
  }
  if (rows.length > 0) addToSums(tx, sums, -1)
  return rows.length
}

/** Pages of the index that are merged at once: 6 ms under the lock. */
const PAGES_MERGED = 200

/**
 * Merges some of the index; false when there is nothing left to merge. A fresh index has a segment for every few commits, and each
 * look-up asks them all: with 100,000 passages 17 became 2, and a search took 3.6 ms of processor time where it took 4.7.
 */
export function mergeSome(tx: Transaction): boolean {
  const changes = () => tx.get<{ n: number }>('SELECT total_changes() AS n')!.n
  const before = changes()
  tx.run("INSERT INTO lexical_1 (lexical_1, rank) VALUES ('merge', ?)", PAGES_MERGED)
  // The command itself is one change (https://www.sqlite.org/fts5.html#the_merge_command).
  return changes() - before > 1
}

export function readSums(reader: Reader): Sums {
  const none: Sums = { passages: 0, text: 0, title: 0, heading: 0 }
  const row = reader.get<Sums>(
    `SELECT passages, words_text AS text, words_title AS title, words_heading AS heading
     FROM index_generations WHERE kind = 'lexical' AND state = 'active'`,
  )
  return row ?? none
}

function addToSums(tx: Transaction, sums: Sums, sign: 1 | -1): void {
  tx.run(
    `UPDATE index_generations SET passages = passages + ?, words_text = words_text + ?, words_title = words_title + ?,
       words_heading = words_heading + ? WHERE kind = 'lexical' AND state = 'active'`,
    sign * sums.passages,
    sign * sums.text,
    sign * sums.title,
    sign * sums.heading,
  )
}

/** A file name as a title: without its extension. What separates words in it separates them for the word analysis too. */
export function titleText(title: string): string {
  return title.replace(/\.[a-z][a-z0-9]{1,4}$/i, '')
}

/** What every passage of a reading has in the index. No word begins like it. */
export function readingToken(readingId: number): string {
  return `~~${readingId}`
}
