/** Which documents a query may look into: what the caller may read, and of that what the filters of the query leave. */
import type { Reader, SqlValue } from '../storage.ts'
import { type Filters, hasFilters, spellings } from './filters.ts'
import { type Ids, NO_IDS, parseIds } from './postings.ts'

export interface Scope {
  /** Row ids. */
  collectionIds: readonly number[]
  /** Public ids. All documents where absent. */
  documentIds?: readonly string[] | undefined
  filters: Filters
}

/** A scope as a condition over `documents`, with the values of `?1` to `?6`; what a statement adds begins with `?7`. */
export interface ScopeCondition {
  sql: string
  values: SqlValue[]
}

const CONDITION = `documents.deleted_at IS NULL
  AND documents.collection_id IN (SELECT value FROM json_each(?1))
  AND (?2 IS NULL OR documents.public_id IN (SELECT value FROM json_each(?2)))`
/** A name is a list of spellings, of which one must be there. */
const FILTERS = `
  AND NOT EXISTS (SELECT 1 FROM json_each(?3) AS name WHERE NOT EXISTS (
    SELECT 1 FROM json_each(name.value) AS part
    WHERE instr(lower(documents.name), part.value) > 0 OR instr(documents.name, part.value) > 0))
  AND (?4 IS NULL OR EXISTS (SELECT 1 FROM json_each(?4) AS part
    WHERE instr(lower(documents.type), part.value) > 0
      OR substr(lower(documents.name), -length(part.value) - 1) = '.' || part.value))
  AND (?5 IS NULL OR documents.created_at >= ?5)
  AND (?6 IS NULL OR documents.created_at < ?6)`

export function conditionOf({ collectionIds, documentIds, filters }: Scope): ScopeCondition {
  return {
    sql: hasFilters(filters) ? CONDITION + FILTERS : CONDITION,
    values: [
      JSON.stringify(collectionIds),
      documentIds ? JSON.stringify(documentIds) : null,
      ...(hasFilters(filters) ? filterValues(filters) : [null, null, null, null]),
    ],
  }
}

function filterValues({ names, types, after, before }: Filters): SqlValue[] {
  return [
    JSON.stringify(names.map(spellings)),
    types.length > 0 ? JSON.stringify(types) : null,
    after ?? null,
    before ?? null,
  ]
}

/** The collections among these that the filters name; all of them where none is named. */
export function namedCollections(
  reader: Reader,
  collectionIds: readonly number[],
  { collections }: Filters,
): readonly number[] {
  if (collections.length === 0) return collectionIds
  const rows = reader.all<{ id: number; name: string }>(
    'SELECT id, name FROM collections WHERE id IN (SELECT value FROM json_each(?))',
    JSON.stringify(collectionIds),
  )
  const plain = (text: string) => text.normalize('NFC').toLowerCase()
  const isNamed = (name: string) => collections.some((part) => plain(name).includes(plain(part)))
  return rows.filter(({ name }) => isNamed(name)).map(({ id }) => id)
}

/** Up to so many documents what is outside is left out beforehand; beyond, each passage is looked up, best first. */
const NARROW_MAX = 300

export interface NarrowScope {
  readingIds: number[]
  passages: number
}

/** The readings that may be found, if they are few. */
export function readingsInNarrowScope(reader: Reader, scope: Scope): NarrowScope | undefined {
  if (!scope.documentIds && !hasFilters(scope.filters) && !hasFewDocuments(reader, scope)) return undefined
  const { sql, values } = conditionOf(scope)
  const index = scope.documentIds ? '' : 'INDEXED BY documents_by_collection'
  const rows = reader.all<{ id: number; passages: number }>(
    `SELECT reading_id AS id, passages FROM documents ${index} WHERE ${sql} AND reading_id IS NOT NULL LIMIT ?7`,
    ...values,
    NARROW_MAX + 1,
  )
  if (rows.length > NARROW_MAX) return undefined
  return { readingIds: rows.map(({ id }) => id), passages: rows.reduce((sum, row) => sum + row.passages, 0) }
}

/** Without a look at the documents themselves. */
function hasFewDocuments(reader: Reader, { collectionIds }: Scope): boolean {
  const beyond = reader.get(
    `SELECT 1 FROM documents INDEXED BY documents_by_collection
     WHERE collection_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL LIMIT 1 OFFSET ?`,
    JSON.stringify(collectionIds),
    NARROW_MAX,
  )
  return beyond === undefined
}

/** Ascending. */
export function passagesOf(reader: Reader, readingIds: readonly number[]): Ids {
  const row = reader.get<{ ids: Uint8Array | null }>(
    'SELECT CAST(group_concat(id) AS BLOB) AS ids FROM passages WHERE reading_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(readingIds),
  )
  return row?.ids ? parseIds(row.ids).sort() : NO_IDS
}
