/** SQL of documents as people see them. Whoever asks is always part of the question: the collections they may read. */
import type { ErrorCode, KnowBotError } from '../errors.ts'
import { DOCUMENT_TYPES, type DocumentType } from '../extraction.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Reader, Transaction } from '../storage.ts'

/** Whoever asks, as far as documents need to know. */
export interface Principal {
  /** Owner of what is uploaded: an id of `users`. */
  userId: number
  /** Ids of `collections`. */
  readableCollections: readonly number[]
  homeCollection: number
}

export type Status = 'queued' | 'reading' | 'ready' | 'failed'

export interface StoredView {
  rowId: number
  id: string
  name: string
  /** Media type. */
  type: string
  bytes: number
  status: Status
  pages: { total: number | null; done: number; unreadable: number[] }
  passages: number
  /** Why it failed. Of a document that is ready: why the last attempt to read it again failed. */
  error: { code: ErrorCode; message: string } | null
  language: string | null
  collectionId: string
  createdAt: number
  readyAt: number | null
}

/** What a document is inside: integer ids and all. */
export interface DocumentRow {
  id: number
  publicId: string
  ownerId: number
  collectionId: number
  name: string
  type: DocumentType
  bytes: number
  sha256: string
  language: string | null
  status: Status
  readingId: number | null
  errorCode: ErrorCode | null
  deletedAt: number | null
  purgeAt: number | null
}

const ROW = `id, public_id AS publicId, owner_id AS ownerId, collection_id AS collectionId, name, type, bytes, sha256, language,
  status, reading_id AS readingId, error_code AS errorCode, deleted_at AS deletedAt, purge_at AS purgeAt`

const VIEW = `SELECT document.id AS rowId, document.public_id AS id, document.name, type, bytes, status, pages_total AS pagesTotal,
    pages_done AS pagesDone, unreadable, passages, error_code AS errorCode, error_message AS errorMessage, language,
    collection.public_id AS collectionId, document.created_at AS createdAt, ready_at AS readyAt
  FROM documents AS document JOIN collections AS collection ON collection.id = document.collection_id
  WHERE deleted_at IS NULL AND collection_id IN (SELECT value FROM json_each(?))`

interface ViewRow extends Omit<StoredView, 'pages' | 'error'> {
  pagesTotal: number | null
  pagesDone: number
  unreadable: string
  errorCode: ErrorCode | null
  errorMessage: string | null
}

export function findView(reader: Reader, principal: Principal, publicId: string): StoredView | undefined {
  const row = reader.get<ViewRow>(`${VIEW} AND document.public_id = ?`, readable(principal), publicId)
  return row && viewOf(row)
}

/** Newest first, those before the cursor (a public id). */
export function listViews(
  reader: Reader,
  principal: Principal,
  { limit, cursor }: { limit: number; cursor: string | null },
): StoredView[] {
  const rows = reader.all<ViewRow>(
    `${VIEW} AND document.public_id < ? ORDER BY document.public_id DESC LIMIT ?`,
    readable(principal),
    cursor ?? '~', // Behind every UUID.
    limit,
  )
  return rows.map(viewOf)
}

function viewOf(row: ViewRow): StoredView {
  const { pagesTotal, pagesDone, unreadable, errorCode, errorMessage, type, ...rest } = row
  return {
    ...rest,
    type: mediaType(type),
    pages: { total: pagesTotal, done: pagesDone, unreadable: JSON.parse(unreadable) },
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
  }
}

/** Of the short name by which rows and the index know a type. */
export function mediaType(type: string): string {
  return DOCUMENT_TYPES[type as DocumentType].mimeTypes[0]
}

export function findRow(reader: Reader, principal: Principal, publicId: string): DocumentRow | undefined {
  const row = findRowOrDeleted(reader, principal, publicId)
  return row?.deletedAt === null ? row : undefined
}

export function findRowOrDeleted(reader: Reader, principal: Principal, publicId: string): DocumentRow | undefined {
  return reader.get<DocumentRow>(
    `SELECT ${ROW} FROM documents WHERE public_id = ? AND collection_id IN (SELECT value FROM json_each(?))`,
    publicId,
    readable(principal),
  )
}

export function rowById(reader: Reader, id: number): DocumentRow | undefined {
  return reader.get<DocumentRow>(`SELECT ${ROW} FROM documents WHERE id = ?`, id)
}

export function findSameBytes(reader: Reader, ownerId: number, sha256: string): DocumentRow | undefined {
  return reader.get<DocumentRow>(
    `SELECT ${ROW} FROM documents WHERE owner_id = ? AND sha256 = ? AND deleted_at IS NULL`,
    ownerId,
    sha256,
  )
}

/** What somebody owns, the next after `afterId`, none after `lastId`: what is there, or what was deleted in the moment `deletedAt`. */
export function ownRows(
  reader: Reader,
  ownerId: number,
  { afterId, lastId, deletedAt, limit }: { afterId: number; lastId: number; deletedAt: number | null; limit: number },
): DocumentRow[] {
  return reader.all<DocumentRow>(
    `SELECT ${ROW} FROM documents WHERE owner_id = ? AND id > ? AND id <= ? AND deleted_at IS ? ORDER BY id LIMIT ?`,
    ownerId,
    afterId,
    lastId,
    deletedAt,
    limit,
  )
}

export function lastRowId(reader: Reader): number {
  return reader.get<{ id: number | null }>('SELECT max(id) AS id FROM documents')?.id ?? 0
}

export function findCollection(reader: Reader, principal: Principal, publicId: string): number | undefined {
  return reader.get<{ id: number }>(
    'SELECT id FROM collections WHERE public_id = ? AND id IN (SELECT value FROM json_each(?))',
    publicId,
    readable(principal),
  )?.id
}

export function collectionPublicId(reader: Reader, id: number): string {
  return reader.get<{ id: string }>('SELECT public_id AS id FROM collections WHERE id = ?', id)!.id
}

function readable(principal: Principal): string {
  return JSON.stringify(principal.readableCollections)
}

export interface NewDocument {
  ownerId: number
  collectionId: number
  name: string
  type: DocumentType
  bytes: number
  sha256: string
  language: string | null
}

export function insertDocument(tx: Transaction, document: NewDocument, now: number): DocumentRow {
  const { lastId } = tx.run(
    `INSERT INTO documents (public_id, owner_id, collection_id, name, type, bytes, sha256, language, status, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)`,
    uuidv7(now),
    document.ownerId,
    document.collectionId,
    document.name,
    document.type,
    document.bytes,
    document.sha256,
    document.language,
    now,
  )
  return rowById(tx, lastId)!
}

/** Waits for a job again. What it could be found by so far stays. */
export function markQueued(tx: Transaction, id: number, language: string | null): void {
  tx.run(
    `UPDATE documents SET status = 'queued', language = ?, error_code = NULL, error_message = NULL, pages_total = NULL,
       pages_done = 0, unreadable = '[]' WHERE id = ?`,
    language,
    id,
  )
}

export function markError(tx: Transaction, id: number, status: 'ready' | 'failed', error: KnowBotError): void {
  tx.run(
    'UPDATE documents SET status = ?, error_code = ?, error_message = ? WHERE id = ?',
    status,
    error.code,
    error.message,
    id,
  )
}

export function clearError(tx: Transaction, id: number): void {
  tx.run('UPDATE documents SET error_code = NULL, error_message = NULL WHERE id = ?', id)
}

export function markDeleted(tx: Transaction, id: number, now: number, purgeAt: number): void {
  tx.run('UPDATE documents SET deleted_at = coalesce(deleted_at, ?), purge_at = ? WHERE id = ?', now, purgeAt, id)
}

export function markRestored(tx: Transaction, id: number): void {
  tx.run('UPDATE documents SET deleted_at = NULL, purge_at = NULL WHERE id = ?', id)
}

export interface PageRow {
  text: string
  source: 'text' | 'ocr' | 'both' | 'none'
  confidence: number | null
  language: string | null
  width: number | null
  height: number | null
  words: Uint8Array | null
  errorCode: ErrorCode | null
  errorMessage: string | null
}

/** The reading that is being worked on. */
export function openReadingId(reader: Reader, documentId: number): number | undefined {
  return reader.get<{ id: number }>(
    `SELECT id FROM readings WHERE document_id = ? AND state = 'open' ORDER BY number DESC LIMIT 1`,
    documentId,
  )?.id
}

export function findPage(reader: Reader, readingId: number, number: number): PageRow | undefined {
  return reader.get<PageRow>(
    `SELECT text, source, confidence, language, width, height, words, error_code AS errorCode,
       error_message AS errorMessage
     FROM pages WHERE reading_id = ? AND number = ?`,
    readingId,
    number,
  )
}
