/** Shapes that many answers share: times, documents, and lists that are told page by page. */
import { type DocumentAnswer, LIST_LIMIT, LIST_LIMIT_MAX, type PageAnswer } from '../api.ts'
import type { DocumentView, PageView } from '../documents.ts'

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms)
}

export function sliceOf({ limit, cursor }: { limit?: number | undefined; cursor?: string | undefined }): {
  limit: number
  cursor: string | null
} {
  return { limit: Math.min(limit ?? LIST_LIMIT, LIST_LIMIT_MAX), cursor: cursor ?? null }
}

/** Of items of which one more than `limit` was asked for: whether there is more, and where to go on. */
export function sliced<T extends { id: string }>(items: T[], limit: number): { items: T[]; nextCursor: string | null } {
  const shown = items.slice(0, limit)
  return { items: shown, nextCursor: items.length > limit ? shown.at(-1)!.id : null }
}

export function documentAnswer({ createdAt, readyAt, waiting, ...rest }: DocumentView): DocumentAnswer {
  return {
    ...rest,
    waiting: waiting && { ...waiting, since: timeOf(waiting.since) },
    createdAt: timeOf(createdAt),
    readyAt: timeOrNull(readyAt),
  }
}

/** They agree; should one of the two change, this does not compile. */
export function pageAnswer(page: PageView): PageAnswer {
  return page
}
