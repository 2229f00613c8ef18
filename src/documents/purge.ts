/** Taking away what nobody finds any more, in steps that hold the lock for a moment each. */
import type { Job, Task } from '../jobs.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import type { Search } from '../search.ts'
import type { Storage, Transaction } from '../storage.ts'
import type { PictureCache } from './picture-cache.ts'
import { PURGE, TIDY } from './queueing.ts'
import { leftReadings, removePages } from './readings.ts'
import { rowById } from './store.ts'

export type DocumentPayload = { documentId: number }

export interface PurgeDeps {
  storage: Storage
  search: Search
  pictures: Pick<PictureCache, 'remove'>
}

/** Removing is quicker than adding: so many hold the lock for less than 50 ms. */
const PASSAGES_PER_COMMIT = 200
/** With the words and boxes of a dense page, about 100 KB each. */
const PAGES_PER_COMMIT = 50
const FOREVER = {
  maxFailures: 1000,
  maxCrashes: 1000,
  retryDelayMs: (n: number) => Math.min(n * SECOND_MS, 10 * MINUTE_MS),
}

/** A deleted document, ten minutes later or at once: passages, index entries, pages, the row, and the original if it was the last to name it. */
export function purgeTask(deps: PurgeDeps): Task<DocumentPayload> {
  return { name: PURGE, run: (job, signal) => purge(deps, job, signal), ...FOREVER }
}

/** What earlier readings of a living document left. The text of their pages stays where it was searchable once: citations point to it. */
export function tidyTask(deps: Omit<PurgeDeps, 'pictures'>): Task<DocumentPayload> {
  return { name: TIDY, run: (job, signal) => tidy(deps, job, signal), ...FOREVER }
}

async function purge(deps: PurgeDeps, job: Job<DocumentPayload>, signal: AbortSignal): Promise<void> {
  const { storage, search, pictures } = deps
  const { documentId } = job.payload
  const document = await job.commit((tx) => {
    const row = rowById(tx, documentId)
    if (row?.deletedAt == null || row.purgeAt === null || row.purgeAt > Date.now()) return undefined
    tx.run('UPDATE documents SET purge_at = 0 WHERE id = ?', documentId) // From here on there is no way back.
    return row
  })
  if (!document) return

  const readings = storage.database.all<{ id: number }>('SELECT id FROM readings WHERE document_id = ?', documentId)
  for (const { id } of readings) {
    await inSteps(job, signal, (tx) => search.remove(tx, id, PASSAGES_PER_COMMIT))
    await inSteps(job, signal, (tx) => removePages(tx, id, PAGES_PER_COMMIT))
  }
  // The original goes while the row still names it: a kill in between leaves a row that the next attempt finds.
  await job.commit((tx) => {
    const isNamedElsewhere = tx.get('SELECT 1 FROM documents WHERE sha256 = ? AND id <> ?', document.sha256, documentId)
    if (!isNamedElsewhere) storage.blobs.remove(document.sha256)
    pictures.remove(document.publicId)
    tx.run('DELETE FROM documents WHERE id = ?', documentId)
  })
  await storage.space.restoreReserve()
}

async function tidy(
  { storage, search }: Omit<PurgeDeps, 'pictures'>,
  job: Job<DocumentPayload>,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, state } of leftReadings(storage.database, job.payload.documentId)) {
    await inSteps(job, signal, (tx) => search.remove(tx, id, PASSAGES_PER_COMMIT))
    if (state === 'superseded') continue
    await inSteps(job, signal, (tx) => removePages(tx, id, PAGES_PER_COMMIT))
    await job.commit((tx) => void tx.run('DELETE FROM readings WHERE id = ?', id))
  }
}

/** Repeats a step, each in its own transaction, until it finds nothing to remove. */
async function inSteps(job: Job, signal: AbortSignal, step: (tx: Transaction) => number): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if ((await job.progress(step)) === 0) return
  }
}
