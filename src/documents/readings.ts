/**
 * SQL of reading a document. A reading is `open` while a job works on it, then `ready` or `failed`; `superseded` once a later
 * one is ready. People find passages of the reading that the document names, so that an open one is invisible.
 *
 * A page is written with its first passages and is complete with its last, in further transactions where there are many.
 * A kill between them leaves one page that is not complete; its text is kept, and the next attempt goes on from there.
 */
import { KnowBotError } from '../errors.ts'
import type { ExtractedPage, ExtractionEvent } from '../extraction.ts'
import type { PassageDraft, Search } from '../search.ts'
import type { Reader, Transaction } from '../storage.ts'
import { type DocumentRow, markError, rowById } from './store.ts'
import { packWords } from './words.ts'

export interface Reading {
  id: number
  document: DocumentRow
  title: string
  /** Null until the document was opened. */
  pagesTotal: number | null
  /** The first page that is not there. */
  nextPage: number
  /** Kept, but not all of its passages yet. */
  incomplete: Pick<ExtractedPage, 'number' | 'text' | 'headings'> | undefined
}

/** The reading to go on with, or a new one; undefined when the document is gone. */
export function openReading(tx: Transaction, documentId: number, now: number): Reading | undefined {
  const document = rowById(tx, documentId)
  if (!document || document.deletedAt !== null) return undefined
  const open = tx.get<{ id: number; title: string | null; pagesTotal: number | null }>(
    `SELECT id, title, pages_total AS pagesTotal FROM readings WHERE document_id = ? AND state = 'open' ORDER BY number DESC LIMIT 1`,
    documentId,
  )
  const { id, title, pagesTotal } = open ?? { id: beginReading(tx, document, now), title: null, pagesTotal: null }
  tx.run(`UPDATE documents SET status = 'reading' WHERE id = ?`, documentId)
  const last = tx.get<{ number: number | null }>('SELECT max(number) AS number FROM pages WHERE reading_id = ?', id)
  return {
    id,
    document,
    title: title ?? document.name,
    pagesTotal,
    nextPage: (last?.number ?? 0) + 1,
    incomplete: incompletePage(tx, id),
  }
}

function beginReading(tx: Transaction, { id, language }: DocumentRow, now: number): number {
  tx.run(`UPDATE documents SET pages_total = NULL, pages_done = 0, unreadable = '[]' WHERE id = ?`, id)
  return tx.run(
    `INSERT INTO readings (document_id, number, state, language, started_at)
     VALUES (?1, 1 + coalesce((SELECT max(number) FROM readings WHERE document_id = ?1), 0), 'open', ?2, ?3)`,
    id,
    language,
    now,
  ).lastId
}

function incompletePage(reader: Reader, readingId: number): Reading['incomplete'] {
  const row = reader.get<{ number: number; text: string; headings: string }>(
    `SELECT pages.number, text, headings FROM readings JOIN pages ON reading_id = id AND pages.number = incomplete_page
     WHERE id = ?`,
    readingId,
  )
  return row && { ...row, headings: JSON.parse(row.headings) }
}

export function noteOpened(tx: Transaction, reading: Reading, pagesTotal: number, title: string): void {
  tx.run('UPDATE readings SET pages_total = ?, title = ? WHERE id = ?', pagesTotal, title, reading.id)
  tx.run('UPDATE documents SET pages_total = ? WHERE id = ?', pagesTotal, reading.document.id)
}

export function addPage(tx: Transaction, reading: Reading, page: ExtractedPage): void {
  tx.run(
    `INSERT INTO pages (reading_id, number, text, source, confidence, language, width, height, words, headings)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    reading.id,
    page.number,
    page.text,
    page.source,
    page.confidence,
    page.language,
    page.width,
    page.height,
    page.words && packWords(page.words),
    JSON.stringify(page.headings),
  )
}

/** Texts of the pages before this one, in their order. */
export function* textsBefore(reader: Reader, readingId: number, page: number): Generator<string> {
  const rows = reader.iterate<{ text: string }>(
    'SELECT text FROM pages WHERE reading_id = ? AND number < ? ORDER BY number',
    readingId,
    page,
  )
  for (const { text } of rows) yield text
}

/** How many passages of this page are there. */
export function passagesOf(reader: Reader, readingId: number, page: number): number {
  return reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM passages WHERE reading_id = ? AND page = ?',
    readingId,
    page,
  )!.n
}

export function addPassages(
  tx: Transaction,
  search: Search,
  reading: Reading,
  page: number,
  drafts: readonly PassageDraft[],
  firstOrdinal: number,
): void {
  const documentId = reading.document.id
  const rows = drafts.map((draft, index) => ({
    documentId,
    readingId: reading.id,
    page,
    ordinal: firstOrdinal + index,
    title: reading.title,
    draft,
  }))
  search.add(tx, rows)
  tx.run('UPDATE readings SET passages = passages + ? WHERE id = ?', rows.length, reading.id)
  tx.run('UPDATE documents SET passages = passages + ? WHERE id = ? AND reading_id IS NULL', rows.length, documentId)
}

/** Whether this was the last of the page's passages. The page itself is not touched: its row may have megabytes. */
export function notePage(tx: Transaction, reading: Reading, page: number, isComplete: boolean): void {
  tx.run('UPDATE readings SET incomplete_page = ? WHERE id = ?', isComplete ? null : page, reading.id)
  if (!isComplete) return
  tx.run('UPDATE documents SET pages_done = pages_done + 1 WHERE id = ?', reading.document.id)
}

export type UnreadablePage = Extract<ExtractionEvent, { kind: 'unreadable' }>

export function addUnreadable(tx: Transaction, reading: Reading, pages: readonly UnreadablePage[]): void {
  for (const { number, code, message } of pages) {
    tx.run(
      `INSERT INTO pages (reading_id, number, text, source, error_code, error_message)
       VALUES (?, ?, '', 'none', ?, ?)`,
      reading.id,
      number,
      code,
      message,
    )
  }
  showPages(tx, reading.document.id, reading.id)
}

/** Makes what the document says about its pages agree with this reading. */
function showPages(tx: Transaction, documentId: number, readingId: number): void {
  tx.run(
    `UPDATE documents SET
       pages_total = (SELECT pages_total FROM readings WHERE id = ?2),
       pages_done = (SELECT count(*) FROM pages WHERE reading_id = ?2)
         - (SELECT incomplete_page IS NOT NULL FROM readings WHERE id = ?2),
       unreadable = (SELECT json_group_array(number) FROM
         (SELECT number FROM pages WHERE reading_id = ?2 AND error_code IS NOT NULL ORDER BY number)),
       passages = (SELECT passages FROM readings WHERE id = ?2)
     WHERE id = ?1`,
    documentId,
    readingId,
  )
}

/** Every page is there: people find this reading from now on. Answers the one they found before. Throws `no_readable_text`. */
export function closeReading(tx: Transaction, reading: Reading, now: number): number | null {
  const hasPassages = tx.get('SELECT 1 FROM passages WHERE reading_id = ? LIMIT 1', reading.id) !== undefined
  if (!hasPassages) throw noReadableText(tx, reading)
  const before = rowById(tx, reading.document.id)!.readingId
  tx.run(`UPDATE readings SET state = 'superseded' WHERE id = ?`, before)
  tx.run(`UPDATE readings SET state = 'ready', ended_at = ? WHERE id = ?`, now, reading.id)
  tx.run(
    `UPDATE documents SET status = 'ready', reading_id = ?, ready_at = ?, error_code = NULL, error_message = NULL
     WHERE id = ?`,
    reading.id,
    now,
    reading.document.id,
  )
  showPages(tx, reading.document.id, reading.id)
  return before
}

/** The reasons of up to three pages, so that the message stays one that is read. */
function noReadableText(reader: Reader, { id, document }: Reading): KnowBotError {
  const { total } = reader.get<{ total: number }>('SELECT count(*) AS total FROM pages WHERE reading_id = ?', id)!
  const reasons = reader
    .all<{ message: string; first: number; count: number }>(
      `SELECT error_message AS message, min(number) AS first, count(*) AS count FROM pages
       WHERE reading_id = ? AND error_code IS NOT NULL GROUP BY error_message ORDER BY count DESC, first LIMIT 3`,
      id,
    )
    .map(
      ({ message, first, count }) => `${count === 1 ? `page ${first}` : `${count} pages from ${first} on`}: ${message}`,
    )
  const what = total === 1 ? 'the page holds none' : `none of the ${total} pages holds any`
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : ' (blank).'
  return new KnowBotError('no_readable_text', `Expected text that can be read in ${document.name}, but ${what}${why}`)
}

/** What is open is not gone on with: the document is read from its first page. */
export function abandonReadings(tx: Transaction, documentId: number, now: number): void {
  tx.run(`UPDATE readings SET state = 'failed', ended_at = ? WHERE document_id = ? AND state = 'open'`, now, documentId)
}

/** Ends what is open without a result. A document that could be found stays so, and tells the error. */
export function failReading(tx: Transaction, documentId: number, error: KnowBotError, now: number): void {
  abandonReadings(tx, documentId, now)
  const document = rowById(tx, documentId)
  if (!document) return
  markError(tx, documentId, document.readingId === null ? 'failed' : 'ready', error)
  if (document.readingId !== null) showPages(tx, documentId, document.readingId)
}

/** Readings of which nobody finds anything any more, and how much of them may go. */
export function leftReadings(reader: Reader, documentId: number): { id: number; state: 'superseded' | 'failed' }[] {
  return reader.all(
    `SELECT id, state FROM readings WHERE document_id = ? AND state IN ('superseded', 'failed') ORDER BY id`,
    documentId,
  )
}

export function removePages(tx: Transaction, readingId: number, limit: number): number {
  return tx.run(
    `DELETE FROM pages WHERE reading_id = ?1 AND number IN (SELECT number FROM pages WHERE reading_id = ?1 LIMIT ?2)`,
    readingId,
    limit,
  ).changes
}
