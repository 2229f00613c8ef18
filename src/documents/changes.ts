/** What people do to documents, each as part of one transaction: the row, its jobs, and the message afterwards. */
import { KnowBotError } from '../errors.ts'
import type { Jobs } from '../jobs.ts'
import { MINUTE_MS } from '../lib/units.ts'
import type { Blobs, Reader, Transaction } from '../storage.ts'
import { jobKey, queuePurge, queueReading, queueTidying } from './queueing.ts'
import { abandonReadings } from './readings.ts'
import * as store from './store.ts'
import type { Received } from './upload.ts'

/** How long a deleted document can be restored. */
const UNDO_MS = 10 * MINUTE_MS

interface Deps {
  jobs: Jobs
  blobs: Blobs
  changed(tx: Transaction, documentId: number): void
  /** A document is found that was not. */
  becameFindable(tx: Transaction): void
}

interface Wishes {
  collectionId?: string
  language?: string
}

export function changeDocuments({ jobs, blobs, becameFindable, changed }: Deps) {
  return { collectionFor, accept, remove, restore, canRestore, readAgain }

  function accept(
    tx: Transaction,
    principal: store.Principal,
    wishes: Wishes,
    { name, type, bytes, sha256 }: Received,
  ) {
    const collectionId = collectionFor(tx, principal, wishes.collectionId)
    if (!blobs.has(sha256)) {
      // The same bytes were purged between keeping them and this moment.
      throw new KnowBotError('conflict', `${name} was being deleted in the same moment. Upload it again.`)
    }
    const same = store.findSameBytes(tx, principal.userId, sha256)
    if (same) return acceptAgain(tx, same, wishes)
    const language = wishes.language ?? null
    const fresh = { ownerId: principal.userId, collectionId, name, type, bytes, sha256, language }
    const document = store.insertDocument(tx, fresh, Date.now())
    queueReading(jobs, tx, document, false)
    changed(tx, document.id)
    return { id: document.publicId, outcome: 'created' as const }
  }

  function acceptAgain(tx: Transaction, document: store.DocumentRow, wishes: Wishes) {
    const differs = difference(tx, document, wishes)
    const hadFailed = document.status === 'failed'
    if (hadFailed) readAgain(tx, document, wishes.language ?? document.language, false)
    else if (document.errorCode === 'storage_damaged') store.clearError(tx, document.id) // The original is back.
    const outcome = hadFailed ? ('retried' as const) : ('existing' as const)
    return { id: document.publicId, outcome, ...(differs && { differs }) }
  }

  function remove(tx: Transaction, document: store.DocumentRow, now: boolean, at = Date.now()): void {
    if (document.deletedAt !== null && !now) throw notThere()
    const purgeAt = now ? at : at + UNDO_MS
    jobs.cancel(tx, jobKey(document.id))
    store.markDeleted(tx, document.id, at, purgeAt)
    queuePurge(jobs, tx, document.id, purgeAt)
    changed(tx, document.id)
  }

  function restore(tx: Transaction, document: store.DocumentRow): void {
    if (document.deletedAt === null) return
    if (document.purgeAt === null || document.purgeAt <= Date.now()) throw notThere()
    if (store.findSameBytes(tx, document.ownerId, document.sha256)) {
      throw new KnowBotError('conflict', `${document.name} was uploaded again meanwhile; that one is kept.`)
    }
    jobs.cancel(tx, jobKey(document.id))
    store.markRestored(tx, document.id)
    if (document.status === 'queued' || document.status === 'reading') queueReading(jobs, tx, document, false)
    queueTidying(jobs, tx, document.id)
    becameFindable(tx)
    changed(tx, document.id)
  }

  /** Whether nothing stands in the way: too late, or brought again meanwhile. */
  function canRestore(tx: Transaction, { purgeAt, ownerId, sha256 }: store.DocumentRow): boolean {
    return purgeAt !== null && purgeAt > Date.now() && !store.findSameBytes(tx, ownerId, sha256)
  }

  function readAgain(
    tx: Transaction,
    document: store.DocumentRow,
    language: string | null,
    hasPassword: boolean,
  ): void {
    const isUnderWay = document.status === 'queued' || document.status === 'reading'
    if (isUnderWay && language === document.language && !hasPassword) return
    jobs.cancel(tx, jobKey(document.id))
    abandonReadings(tx, document.id, Date.now())
    store.markQueued(tx, document.id, language)
    queueReading(jobs, tx, { ...document, language }, hasPassword)
    queueTidying(jobs, tx, document.id)
    changed(tx, document.id)
  }
}

export function collectionFor(reader: Reader, principal: store.Principal, publicId: string | undefined): number {
  if (publicId === undefined) return principal.homeCollection
  const id = store.findCollection(reader, principal, publicId)
  if (id === undefined) throw new KnowBotError('not_found', 'There is no such collection, or it is not yours.')
  return id
}

function difference(tx: Transaction, document: store.DocumentRow, wishes: Wishes) {
  const { language, collectionId } = wishes
  const before = store.collectionPublicId(tx, document.collectionId)
  const differs = {
    ...(language !== undefined && language !== document.language
      ? { language: { before: document.language, asked: language } }
      : {}),
    ...(collectionId !== undefined && collectionId !== before ? { collectionId: { before, asked: collectionId } } : {}),
  }
  return Object.keys(differs).length > 0 ? differs : undefined
}

function notThere(): KnowBotError {
  return new KnowBotError('not_found', 'There is no such document, or it is not yours.')
}
