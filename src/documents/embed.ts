/**
 * Vectors of what people find, as background work. There is one job for all of it, so that batches are full and the model has one
 * caller; it lets others go first, and waits where the model does not answer. Until it is done, words find everything.
 */
import { type Job, type Jobs, RetryLater, type Task } from '../jobs.ts'
import type { Log } from '../lib/log.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import type { Search, VectorStatus } from '../search.ts'
import type { Storage, Transaction } from '../storage.ts'

export const EMBED = 'documents/embed'

export type VectorChange = 'build' | 'rebuild' | 'rollback' | 'discard'

export interface Vectors {
  /** Agrees with the setting of the model, and goes on with what is left. When a process begins to serve. */
  prepare(): Promise<void>
  status(): VectorStatus
  /** See `VectorIndex`. Throws `conflict` where it cannot be done. */
  change(change: VectorChange): Promise<VectorStatus>
}

interface Deps {
  storage: Storage
  search: Search
  jobs: Jobs
  log: Log
}

/** Reading a document comes first, up to this cost: it cannot be found at all yet. */
const COST_MS = 64 * SECOND_MS
/** Starting to work has its price: so long it goes on while others wait. */
const RUN_MS_MIN = 2 * SECOND_MS

export function openVectors({ storage, search, jobs, log }: Deps) {
  const { database } = storage

  /** In the transaction that left something to do. */
  const queue = (tx: Transaction): void => {
    if (jobs.isOpen(tx, EMBED) || !search.vectors.isInUse(tx)) return
    jobs.enqueue(tx, { task: EMBED, payload: null, key: EMBED, costMs: COST_MS })
  }

  const vectors: Vectors = {
    async prepare() {
      const { model, generations } = search.vectors.status()
      if (model === null && generations.length === 0) return
      await database.write((tx) => {
        search.vectors.plan(tx)
        if (search.vectors.isWorkLeft(tx)) queue(tx)
      })
    },
    status: () => search.vectors.status(),
    async change(change) {
      await database.write((tx) => {
        apply[change](tx)
        // What waits for the model is asked again now.
        jobs.cancel(tx, EMBED)
        queue(tx)
      })
      log.info('vectors-changed', { change })
      return search.vectors.status()
    },
  }

  const apply: Record<VectorChange, (tx: Transaction) => void> = {
    build: (tx) => search.vectors.build(tx),
    rebuild: (tx) => search.vectors.rebuild(tx),
    rollback: (tx) => search.vectors.rollBack(tx),
    discard: (tx) => search.vectors.discard(tx),
  }

  const run = async (job: Job, signal: AbortSignal): Promise<void> => {
    const startedAt = performance.now()
    const outcome = await search.vectors.embed({
      commit: (change) => job.progress(change),
      shouldStop: () => performance.now() - startedAt > RUN_MS_MIN && jobs.workWaiting().waiting,
      signal,
    })
    if (outcome.state === 'paused') {
      if (outcome.delayMs > 0) log.warn('vectors-paused', { delayMs: outcome.delayMs, reason: outcome.reason })
      throw new RetryLater(outcome.delayMs, outcome.reason)
    }
    // What became ready after the last look found this job still open.
    await job.finish((tx) => {
      if (!search.vectors.isWorkLeft(tx)) return
      jobs.enqueue(tx, { task: EMBED, payload: null, key: EMBED, costMs: COST_MS })
    })
  }

  const task: Task<null> = {
    name: EMBED,
    run,
    // What the model does is no failure: these are our own, and a full disk's.
    maxFailures: 5,
    retryDelayMs: (failures) => Math.min(10 * MINUTE_MS, 10 * SECOND_MS * 2 ** failures),
  }
  return { vectors, queue, task }
}
