/** Documents as a whole: which there are to answer from, how they are called, and what can be told of them without reading. */
import { splitWords } from '../search.ts'
import type { Reader } from '../storage.ts'
import { printPages } from './coverage.ts'
import { unmarked } from './markers.ts'
import type { Scope } from './scope.ts'
import type { Wording } from './wording.ts'

export interface LibraryDocument {
  documentId: string
  name: string
  readingId: number
  pages: number
  unreadable: number[]
}

/** Newest first. Looked through for a name; a list of more is nothing to answer. */
const DOCUMENTS_MAX = 1000

/** Those that can be read from. */
export function readableDocuments(reader: Reader, scope: Scope): LibraryDocument[] {
  const rows = reader.all<Omit<LibraryDocument, 'unreadable'> & { unreadable: string }>(
    `SELECT public_id AS documentId, name, reading_id AS readingId, unreadable,
       coalesce(pages_total, (SELECT count(*) FROM pages WHERE pages.reading_id = documents.reading_id)) AS pages
     FROM documents WHERE deleted_at IS NULL AND reading_id IS NOT NULL ${IN_SCOPE} ORDER BY id DESC LIMIT ?`,
    ...scopeValues(scope),
    DOCUMENTS_MAX,
  )
  return rows.map(({ unreadable, ...row }) => ({ ...row, unreadable: JSON.parse(unreadable) as number[] }))
}

const IN_SCOPE = `AND collection_id IN (SELECT value FROM json_each(?))
  AND (? IS NULL OR public_id IN (SELECT value FROM json_each(?)))`

function scopeValues({ collectionIds, documentIds }: Scope): [string, number | null, string] {
  return [JSON.stringify(collectionIds), documentIds ? 1 : null, JSON.stringify(documentIds ?? [])]
}

/** Those whose names have all of these words: "the lease" is `lease-2024.pdf`. */
export function documentsNamed(documents: readonly LibraryDocument[], about: string): LibraryDocument[] {
  const wanted = splitWords(about.replace(/["“”„'’`]/g, ' '))
    .map(({ text }) => text)
    .filter((word) => !AROUND_NAMES.has(word))
  if (wanted.length === 0) return []
  return documents.filter(({ name }) => {
    const words = new Set(splitWords(name.replaceAll('_', ' ')).map(({ text }) => text))
    return wanted.every((word) => words.has(word))
  })
}

/** Folded. */
const AROUND_NAMES = new Set(
  'the my this our document file report paper called named der die das den dem des dokument datei el la los las del documento archivo le les du de document fichier'.split(
    ' ',
  ),
)

const NAMES_MAX = 20

/** What there is: how many, of which kinds, and the newest by name. */
export function describeLibrary(reader: Reader, scope: Scope, wording: Wording): string {
  const kinds = reader.all<{ type: string; count: number; pages: number | null }>(
    `SELECT type, count(*) AS count, sum(pages_total) AS pages FROM documents
     WHERE deleted_at IS NULL ${IN_SCOPE} GROUP BY type ORDER BY count(*) DESC`,
    ...scopeValues(scope),
  )
  const total = kinds.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return wording.libraryEmpty
  const pages = kinds.reduce((sum, kind) => sum + (kind.pages ?? 0), 0)
  const rows = reader.all<{
    name: string
    status: string
    pages: number | null
    createdAt: number
    unreadable: string
  }>(
    `SELECT name, status, pages_total AS pages, created_at AS createdAt, unreadable FROM documents
     WHERE deleted_at IS NULL ${IN_SCOPE} ORDER BY id DESC LIMIT ?`,
    ...scopeValues(scope),
    NAMES_MAX,
  )
  const ofKinds = kinds.map(({ type, count }) => `${count} ${kindName(type, wording)}`).join(', ')
  const lead = wording.library(total, pages, ofKinds)
  const list = rows.map((row) => `- ${describeDocument(row, wording)}`).join('\n')
  const rest = total > rows.length ? `\n\n${wording.newestOnly(rows.length)}` : ''
  return `${lead}\n\n${list}${rest}`
}

interface ListedDocument {
  name: string
  status: string
  pages: number | null
  createdAt: number
  unreadable: string
}

function describeDocument({ name, status, pages, createdAt, unreadable }: ListedDocument, wording: Wording): string {
  const gaps = JSON.parse(unreadable) as number[]
  const about = [
    ...(pages === null ? [] : [wording.pages(pages)]),
    ...(status === 'failed' ? [wording.isUnread] : status === 'ready' ? [] : [wording.isBeingRead]),
    ...(gaps.length === 0 ? [] : [wording.notReadable(printPages(gaps, wording), gaps.length)]),
    wording.addedOn(new Date(createdAt).toISOString().slice(0, 10)),
  ]
  return `${unmarked(name)} (${about.join(', ')})`
}

const KINDS: Readonly<Record<string, string>> = {
  'application/pdf': 'PDF',
  'text/markdown': 'Markdown',
  'text/html': 'HTML',
}

function kindName(type: string, wording: Wording): string {
  if (type.startsWith('image/')) return wording.image(type.slice('image/'.length).toUpperCase())
  if (type === 'text/plain') return wording.plainText
  return KINDS[type] ?? type
}
