/** What a killed server may have left, put in order before anybody is served. */
import { KnowBotError } from '../errors.ts'
import type { Jobs } from '../jobs.ts'
import { diesTogether } from '../lib/cgroup.ts'
import type { Storage } from '../storage.ts'
import { openPictureCache } from './picture-cache.ts'
import { jobKey, queueReading } from './queueing.ts'
import { markError, rowById } from './store.ts'

export interface Prepared {
  /** Jobs that a dead process had in hand. */
  recoveredJobs: number
  sweptFiles: number
  /** Documents whose original is gone. */
  damagedDocuments: number
  /** Originals that no document names. */
  removedOriginals: number
}

/** So many rows are looked at in one transaction. */
const ROWS_PER_COMMIT = 1000

export async function prepareDocuments({ storage, jobs }: { storage: Storage; jobs: Jobs }): Promise<Prepared> {
  // Where the kernel ends one process when memory ends, the readers go first: a death of the whole server is not their fault.
  const recoveredJobs = await storage.database.write((tx) => jobs.recover(tx, { isCrash: diesTogether() }))
  await storage.blobs.makeFolders()
  const sweptFiles = await storage.blobs.sweep()
  const kept = new Set(await Array.fromAsync(storage.blobs.list()))
  const damagedDocuments = await markDamaged(storage, kept)
  const removedOriginals = await removeUnnamed(storage, kept)
  await queueForgotten(storage, jobs)
  await openPictureCache(storage).sweep(
    (id) => storage.database.get('SELECT 1 FROM documents WHERE public_id = ?', id) !== undefined,
  )
  await storage.space.restoreReserve()
  return { recoveredJobs, sweptFiles, damagedDocuments, removedOriginals }
}

async function markDamaged(storage: Storage, kept: ReadonlySet<string>): Promise<number> {
  const damaged: { id: number }[] = []
  const rows = storage.database.iterate<{ id: number; sha256: string }>('SELECT id, sha256 FROM documents')
  for (const { id, sha256 } of rows) if (!kept.has(sha256)) damaged.push({ id })
  for (let at = 0; at < damaged.length; at += ROWS_PER_COMMIT) {
    await storage.database.write((tx) => {
      for (const { id } of damaged.slice(at, at + ROWS_PER_COMMIT)) {
        const document = rowById(tx, id)!
        const message = `The original of ${document.name} is missing from the data folder. Upload it again.`
        const error = new KnowBotError('storage_damaged', message)
        // What was read of it can still be found; only what was not read yet is lost.
        markError(tx, id, document.readingId === null ? 'failed' : 'ready', error)
      }
    })
  }
  return damaged.length
}

/** An upload that was kept and never acknowledged, or a purge that was killed half-way. */
async function removeUnnamed(storage: Storage, kept: ReadonlySet<string>): Promise<number> {
  let removed = 0
  for (const sha256 of kept) {
    if (storage.database.get('SELECT 1 FROM documents WHERE sha256 = ?', sha256)) continue
    storage.blobs.remove(sha256)
    removed++
  }
  return removed
}

/** No document may wait for a job that does not exist. Row and job commit together, so that there should be none. */
async function queueForgotten(storage: Storage, jobs: Jobs): Promise<void> {
  await storage.database.write((tx) => {
    const waiting = tx.all<{ id: number }>(
      `SELECT id FROM documents WHERE status IN ('queued', 'reading') AND deleted_at IS NULL`,
    )
    for (const { id } of waiting) {
      if (jobs.isOpen(tx, jobKey(id))) continue
      queueReading(jobs, tx, rowById(tx, id)!, false)
    }
  })
}
