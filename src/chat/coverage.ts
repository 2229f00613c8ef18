/** What the documents could not contribute: pages that nobody could read, documents that are not ready, nothing at all. */
import type { Reader } from '../storage.ts'
import { unmarked } from './markers.ts'
import type { Scope } from './scope.ts'
import type { Wording } from './wording.ts'

const NAMES_MAX = 3

/** A sentence that says so, and why where that is known. */
export function notFoundText(reader: Reader, scope: Scope, wording: Wording): string {
  const { ready, waiting, failed } = countDocuments(reader, scope)
  if (ready > 0 && waiting > 0) return wording.notFoundSomeWaiting(waiting)
  if (ready > 0) return wording.sentence(wording.notFound)
  if (waiting > 0) return wording.notFoundAllWaiting(waiting)
  return failed > 0 ? wording.notFoundNoneRead : wording.notFoundNoDocuments
}

/** Names the documents among the sources that have pages nobody could read; undefined when all were read. */
export function unreadableNote(reader: Reader, documentIds: readonly string[], wording: Wording): string | undefined {
  const gaps = reader
    .all<{ name: string; unreadable: string }>(
      `SELECT name, unreadable FROM documents
       WHERE public_id IN (SELECT value FROM json_each(?)) AND unreadable <> '[]' ORDER BY id`,
      JSON.stringify(documentIds),
    )
    .map(({ name, unreadable }) => describeGap(name, JSON.parse(unreadable) as number[], wording))
  if (gaps.length === 0) return undefined
  return wording.unreadable(gaps.slice(0, NAMES_MAX), Math.max(0, gaps.length - NAMES_MAX))
}

function describeGap(name: string, pages: readonly number[], wording: Wording): string {
  return wording.pagesOf(printPages(pages, wording), pages.length, unmarked(name))
}

const RANGES_MAX = 10

/** `1–3, 7`. */
export function printPages(pages: readonly number[], { furtherPages }: Pick<Wording, 'furtherPages'>): string {
  const ranges: { first: number; last: number }[] = []
  for (const page of [...pages].sort((a, b) => a - b)) {
    const open = ranges.at(-1)
    if (open && page <= open.last + 1) open.last = page
    else ranges.push({ first: page, last: page })
  }
  const printed = ranges
    .slice(0, RANGES_MAX)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`))
  return ranges.length > RANGES_MAX ? `${printed.join(', ')}${furtherPages}` : printed.join(', ')
}

function countDocuments(reader: Reader, scope: Scope): { ready: number; waiting: number; failed: number } {
  const rows = reader.all<{ state: 'ready' | 'waiting' | 'failed'; count: number }>(
    // A document that is read again stays searchable as it was.
    `SELECT CASE WHEN reading_id IS NOT NULL THEN 'ready' WHEN status = 'failed' THEN 'failed' ELSE 'waiting' END AS state,
            count(*) AS count
     FROM documents
     WHERE deleted_at IS NULL AND collection_id IN (SELECT value FROM json_each(?))
       AND (? IS NULL OR public_id IN (SELECT value FROM json_each(?)))
     GROUP BY state`,
    JSON.stringify(scope.collectionIds),
    scope.documentIds ? 1 : null,
    JSON.stringify(scope.documentIds ?? []),
  )
  const counts = { ready: 0, waiting: 0, failed: 0 }
  for (const { state, count } of rows) counts[state] = count
  return counts
}
