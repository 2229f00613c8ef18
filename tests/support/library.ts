/** Documents as reading leaves them, for tests of what comes after: rows, pages and passages by the real cutting and indexing. */
import { uuidv7 } from '../../src/lib/uuid.ts'
import type { Search } from '../../src/search.ts'
import type { Storage } from '../../src/storage.ts'
import type { Person } from './folder.ts'

export interface LibraryDocument {
  name: string
  /** Texts from page 1 on. */
  pages: readonly string[]
  unreadable?: readonly number[]
  /** `ready` unless said otherwise; only then there is something to find. */
  status?: 'queued' | 'failed'
}

/** Answers the document's public id. */
export async function addDocument(
  storage: Storage,
  search: Search,
  owner: Person,
  { name, pages, unreadable = [], status }: LibraryDocument,
): Promise<string> {
  const publicId = uuidv7()
  await storage.database.write((tx) => {
    const documentId = tx.run(
      `INSERT INTO documents (public_id, owner_id, collection_id, name, type, bytes, sha256, status, unreadable, created_at)
       VALUES (?, ?, ?, ?, 'text/plain', 1, ?, ?, ?, 0)`,
      ...[publicId, owner.userId, owner.homeCollection, name, publicId, status ?? 'ready', JSON.stringify(unreadable)],
    ).lastId
    if (status !== undefined) return
    const readingId = tx.run(
      `INSERT INTO readings (document_id, number, state, started_at) VALUES (?, 1, 'ready', 0)`,
      documentId,
    ).lastId
    for (const [index, text] of pages.entries()) {
      const page = index + 1
      tx.run(
        `INSERT INTO pages (reading_id, number, text, source) VALUES (?, ?, ?, 'text')`,
        ...[readingId, page, text],
      )
      const drafts = search.cutPassages({ text, headings: [] })
      const rows = drafts.map((draft, ordinal) => ({ documentId, readingId, page, ordinal, title: name, draft }))
      search.add(tx, rows)
    }
    tx.run('UPDATE documents SET reading_id = ? WHERE id = ?', readingId, documentId)
  })
  return publicId
}
