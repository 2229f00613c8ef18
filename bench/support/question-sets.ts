/** Question sets of the development data, and an index that holds one of them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
// The extractor itself would start a process per document: the headings are found as it finds them.
import { findHeadings, findTitle } from '../../src/extraction/markdown.ts'
import type { Embedders } from '../../src/inference.ts'
import { uuidv7 } from '../../src/lib/uuid.ts'
import type { Answering, EvaluationDocument, EvaluationQuestion } from '../../src/search.ts'
import { openSearch, type PassageRow, type Search } from '../../src/search.ts'
import { migrate, openStorage, type Storage, type Transaction } from '../../src/storage.ts'

export const SETS_FOLDER = new URL('../../../shared/data/qa/', import.meta.url).pathname

export interface QuestionSet {
  name: string
  /** Of documents and questions. */
  language: string
  documents: EvaluationDocument[]
  questions: EvaluationQuestion[]
}

export function setNames(): string[] {
  if (!existsSync(SETS_FOLDER)) return []
  return readdirSync(SETS_FOLDER).flatMap((file) => /^(.+)\.docs\.jsonl\.gz$/.exec(file)?.[1] ?? [])
}

export function readSet(name: string): QuestionSet {
  const rows = (part: string) =>
    gunzipSync(readFileSync(join(SETS_FOLDER, `${name}.${part}.jsonl.gz`)))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  const documents = rows('docs')
  return { name, language: documents[0]!.lang, documents, questions: rows('questions') }
}

export interface Corpus extends AsyncDisposable {
  storage: Storage
  search: Search
  collectionId: number
  passages: number
  indexMs: number
  answering: Answering
}

const PASSAGES_PER_COMMIT = 200

/** A fresh folder that holds the documents, again and again until there are so many passages. */
export async function indexDocuments(
  documents: readonly EvaluationDocument[],
  passagesMin = 0,
  embedders?: Embedders,
): Promise<Corpus> {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-bench-'))
  migrate(folder)
  const storage = openStorage(folder, { role: 'web' })
  const search = openSearch(storage, embedders)
  const setIds = new Map<string, string>()
  const { collectionId, addDocument } = await storage.database.write(openCollection)
  const startedAt = performance.now()
  let passages = 0
  const isEnough = (round: number) => round > 0 && (passages >= passagesMin || documents.length === 0)
  for (const document of repeated(documents, isEnough)) {
    const { publicId, rows } = await storage.database.write((tx) => addDocument(tx, document, search))
    setIds.set(publicId, document.id)
    for (let i = 0; i < rows.length; i += PASSAGES_PER_COMMIT) {
      await storage.database.write((tx) => search.add(tx, rows.slice(i, i + PASSAGES_PER_COMMIT)))
    }
    passages += rows.length
  }
  const indexMs = performance.now() - startedAt
  storage.database.checkpoint()
  const find = (text: string) => search.find({ text, collectionIds: [collectionId], limit: 10 })
  return {
    storage,
    search,
    collectionId,
    passages,
    indexMs,
    answering: {
      search: async (question) =>
        (await find(question)).hits.map((hit) => ({ docId: setIds.get(hit.documentId)!, text: hit.text })),
      ask: async (question) => {
        const { quotes, confidence, notFound } = search.quote(question, await find(question))
        const judged = quotes.map(({ hit, quote }) => ({ docId: setIds.get(hit.documentId)!, text: quote }))
        return { quotes: judged, confidence, notFound }
      },
    },
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function* repeated<T>(list: readonly T[], isEnough: (round: number) => boolean): Generator<T> {
  for (let round = 0; !isEnough(round); round++) {
    for (const one of list) {
      if (round > 0 && isEnough(round)) return
      yield one
    }
  }
}

/** A fresh collection, and how documents come into it as reading would leave them. */
export function openCollection(tx: Transaction) {
  const ownerId = tx.run(
    `INSERT INTO users (public_id, kind, name, role, created_at) VALUES (?, 'person', 'bench', 'member', 0)`,
    uuidv7(),
  ).lastId
  const collectionId = tx.run(
    `INSERT INTO collections (public_id, owner_id, name, created_at) VALUES (?, ?, 'Documents', 0)`,
    uuidv7(),
    ownerId,
  ).lastId
  let number = 0
  const addDocument = (inner: Transaction, document: EvaluationDocument, search: Search) => {
    const publicId = uuidv7()
    const isMarkdown = document.file.endsWith('.md')
    const headings = isMarkdown ? findHeadings(document.text) : []
    const title = (isMarkdown && findTitle(document.text, headings)) || document.file
    const documentId = inner.run(
      `INSERT INTO documents (public_id, owner_id, collection_id, name, type, bytes, sha256, status, created_at)
       VALUES (?, ?, ?, ?, 'text/plain', 0, ?, 'ready', 0)`,
      publicId,
      ownerId,
      collectionId,
      document.file,
      String(number++),
    ).lastId
    const readingId = inner.run(
      `INSERT INTO readings (document_id, number, state, title, started_at) VALUES (?, 1, 'ready', ?, 0)`,
      documentId,
      title,
    ).lastId
    inner.run('UPDATE documents SET reading_id = ? WHERE id = ?', readingId, documentId)
    const rows: PassageRow[] = search
      .cutPassages({ text: document.text, headings })
      .map((draft, ordinal) => ({ documentId, readingId, page: 1, ordinal, title, draft }))
    return { publicId, rows }
  }
  return { collectionId, addDocument }
}
