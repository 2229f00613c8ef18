/** The open page in the address, so that it can be kept and sent: `#document=ID&page=3&start=120&end=164`. */
import type { Place } from '../state/reader.ts'

export type PlaceInAddress = Omit<Place, 'name'>

export function hashOf({ documentId, page, mark }: PlaceInAddress): string {
  const parts = new URLSearchParams({ document: documentId, page: String(page) })
  if (mark !== null) {
    parts.set('start', String(mark.start))
    parts.set('end', String(mark.end))
  }
  return `#${parts}`
}

/** Null where the address names no page. */
export function placeOfHash(hash: string): PlaceInAddress | null {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const documentId = parts.get('document')
  if (documentId === null || documentId === '') return null
  const [start, end] = [countOf(parts.get('start')), countOf(parts.get('end'))]
  const mark = start !== undefined && end !== undefined && end > start ? { start, end } : null
  return { documentId, page: countOf(parts.get('page')) || 1, mark }
}

function countOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
