/** Two people with a collection each (1 and 2), and documents as reading leaves them, for tests of the search. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Embedders } from '../../src/inference.ts'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { openSearch, type Search } from '../../src/search.ts'
import type { Storage } from '../../src/storage.ts'
import { addPerson, freshStorage } from './folder.ts'

export interface SearchLibrary {
  storage: Storage
  search: Search
  add(
    name: string,
    text: string,
    headings?: { start: number; end: number; level: number }[],
    collectionId?: number,
    document?: { type?: string; createdAt?: number },
  ): Promise<{ documentId: number; readingId: number; publicId: string }>
  /** Names of the documents of the hits, best first, as the first person finds them. */
  names(text: string): Promise<string[]>
}

export async function freshLibrary(t: TestContext, embedders?: Embedders): Promise<SearchLibrary> {
  const storage = freshStorage(t)
  const people = [await addPerson(storage, 'Ada'), await addPerson(storage, 'Ben')]
  assert.deepEqual(
    people.map((person) => person.homeCollection),
    [1, 2],
  )
  const search = openSearch(storage, embedders)
  const add: SearchLibrary['add'] = (name, text, headings = [], collectionId = 1, document = {}) =>
    storage.database.write((tx) => {
      const { ownerId } = tx.get<{ ownerId: number }>(
        'SELECT owner_id AS ownerId FROM collections WHERE id = ?',
        collectionId,
      )!
      const publicId = uuidv7()
      const documentId = tx.run(
        `INSERT INTO documents (public_id, owner_id, collection_id, name, type, bytes, sha256, status, created_at)
         VALUES (?, ?, ?, ?, ?, 0, ?, 'ready', ?)`,
        ...[publicId, ownerId, collectionId, name, document.type ?? 'text/plain', publicId, document.createdAt ?? 0],
      ).lastId
      const readingId = tx.run(
        `INSERT INTO readings (document_id, number, state, title, started_at) VALUES (?, 1, 'ready', ?, 0)`,
        documentId,
        name,
      ).lastId
      tx.run('UPDATE documents SET reading_id = ? WHERE id = ?', readingId, documentId)
      const drafts = search.cutPassages({ text, headings })
      search.add(
        tx,
        drafts.map((draft, ordinal) => ({ documentId, readingId, page: 1, ordinal, title: name, draft })),
      )
      return { documentId, readingId, publicId }
    })
  const names = async (text: string) =>
    (await search.find({ text, collectionIds: [1], limit: 20 })).hits.map((hit) => hit.name)
  return { storage, search, add, names }
}
