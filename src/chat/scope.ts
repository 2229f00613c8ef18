/** Where a question may look: what the asker may read, or the part of it that is named. Every named id is checked. */
import { KnowBotError } from '../errors.ts'
import type { Reader } from '../storage.ts'

/** Whoever asks. A principal of accounts fits. */
export interface Asker {
  userId: number
  /** Row ids. */
  readableCollections: readonly number[]
}

export interface NamedScope {
  /** Public ids. */
  collectionIds?: readonly string[] | undefined
  documentIds?: readonly string[] | undefined
  /** All but these. What is not there (any more) is left out too. */
  exceptDocumentIds?: readonly string[] | undefined
}

export interface Scope {
  collectionIds: readonly number[]
  /** Public ids; every document of the collections where absent. */
  documentIds?: readonly string[]
}

/** Throws `not_found` for what is not there and for what is not the asker's, in the same words. */
export function readScope(reader: Reader, { readableCollections }: Asker, named: NamedScope): Scope {
  const collectionIds = named.collectionIds
    ? collectionsNamed(reader, named.collectionIds, readableCollections)
    : readableCollections
  if (named.exceptDocumentIds && !named.documentIds) {
    return { collectionIds, documentIds: documentsBut(reader, named.exceptDocumentIds, collectionIds) }
  }
  if (!named.documentIds) return { collectionIds }
  assertReadable(reader, named.documentIds, readableCollections)
  return { collectionIds, documentIds: named.documentIds }
}

function collectionsNamed(reader: Reader, publicIds: readonly string[], readable: readonly number[]): number[] {
  const rows = reader.all<{ id: number; publicId: string }>(
    `SELECT id, public_id AS publicId FROM collections
     WHERE public_id IN (SELECT value FROM json_each(?)) AND id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(publicIds),
    JSON.stringify(readable),
  )
  const ids = new Map(rows.map(({ publicId, id }) => [publicId, id]))
  return publicIds.map((publicId) => ids.get(publicId) ?? notThere('collection', publicId))
}

function documentsBut(reader: Reader, left: readonly string[], collections: readonly number[]): string[] {
  return reader
    .all<{ id: string }>(
      `SELECT public_id AS id FROM documents WHERE deleted_at IS NULL
         AND collection_id IN (SELECT value FROM json_each(?)) AND public_id NOT IN (SELECT value FROM json_each(?))`,
      JSON.stringify(collections),
      JSON.stringify(left),
    )
    .map(({ id }) => id)
}

function assertReadable(reader: Reader, documentIds: readonly string[], readable: readonly number[]): void {
  const rows = reader.all<{ publicId: string }>(
    `SELECT public_id AS publicId FROM documents
     WHERE public_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL
       AND collection_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(documentIds),
    JSON.stringify(readable),
  )
  const there = new Set(rows.map(({ publicId }) => publicId))
  for (const id of documentIds) if (!there.has(id)) notThere('document', id)
}

function notThere(what: string, id: string): never {
  throw new KnowBotError('not_found', `There is no ${what} ${id}, or it is not yours.`)
}
