/**
 * Documents, from the bytes that somebody brings to pages that can be found, and away again.
 *
 *   queued ── a job begins ──> reading ── every page is there ──────> ready
 *     ^                           └────── no text, or no way in ────> failed
 *     └──────────────────── read again (retry) ──────────── ready, failed
 *
 * Reading again makes another reading; the last that was ready is found until the next one is. Deleted is a mark that wins
 * over everything: nothing finds the document from that moment, no job changes it, and ten minutes later nothing is left.
 */
import { changeDocuments } from './documents/changes.ts'
import { openVectors, type Vectors } from './documents/embed.ts'
import { DOCUMENTS_CHANGED, followAll, followOne } from './documents/follow.ts'
import { type IngestDeps, ingestTasks, plainIngestTask } from './documents/ingest.ts'
import type { GrantMemory } from './documents/memory.ts'
import { openPasswords } from './documents/passwords.ts'
import { openPictureCache, type Picture } from './documents/picture-cache.ts'
import { openPictures } from './documents/pictures.ts'
import { purgeTask, tidyTask } from './documents/purge.ts'
import { queueTidying } from './documents/queueing.ts'
import * as store from './documents/store.ts'
import { receive, type Upload } from './documents/upload.ts'
import { type DocumentView, openViews } from './documents/views.ts'
import type { Idleness } from './documents/waiting.ts'
import { unpackWords } from './documents/words.ts'
import { type ErrorCode, KnowBotError } from './errors.ts'
import type { ExtractionLimits, Word } from './extraction.ts'
import type { Jobs, Task } from './jobs.ts'
import type { Log } from './lib/log.ts'
import type { Messages } from './lib/messages.ts'
import type { Search } from './search.ts'
import type { Storage, Transaction } from './storage.ts'

export type { VectorChange, Vectors } from './documents/embed.ts'
export { DOCUMENTS_CHANGED } from './documents/follow.ts'
export type { GrantMemory } from './documents/memory.ts'
export type { Picture } from './documents/picture-cache.ts'
export { pictureWidth } from './documents/pictures.ts'
export { type Prepared, prepareDocuments } from './documents/prepare.ts'
export { mediaType, type Principal, type Status } from './documents/store.ts'
export type { Upload } from './documents/upload.ts'
export type { DocumentView } from './documents/views.ts'
export type { Idleness, Waiting } from './documents/waiting.ts'

/** Wishes are read again when the stream has ended: a form may name them behind the file. */
export interface NewUpload extends Upload {
  collectionId?: string
  /** BCP 47, for text recognition. */
  language?: string
}

/** What was asked for the same bytes now, and is otherwise with the document that is there. */
export interface Differs {
  language?: { before: string | null; asked: string }
  collectionId?: { before: string; asked: string }
}

export interface Accepted {
  document: DocumentView
  /** `existing`: the same bytes of the same owner are there. `retried`: they were, and had failed. */
  outcome: 'created' | 'existing' | 'retried'
  differs?: Differs
}

export interface PageView {
  documentId: string
  page: number
  text: string
  source: 'text' | 'ocr' | 'both' | 'none'
  confidence: number | null
  language: string | null
  width: number | null
  height: number | null
  words: Word[] | null
  /** Why the page could not be read. */
  error: { code: ErrorCode; message: string } | null
}

export interface Original {
  path: string
  name: string
  /** Media type. */
  type: string
  bytes: number
}

export interface Documents extends AsyncDisposable {
  /** Keeps the bytes, the row and its job; what it resolves with is on disk. */
  accept(principal: store.Principal, upload: NewUpload): Promise<Accepted>
  list(
    principal: store.Principal,
    options?: { limit?: number; cursor?: string | null },
  ): Promise<{ items: DocumentView[]; nextCursor: string | null }>
  get(principal: store.Principal, id: string): Promise<DocumentView>
  page(principal: store.Principal, id: string, number: number): Promise<PageView>
  /** The page as it looks, as a JPEG at least so many pixels wide. Throws `no_picture` for what was never on paper. */
  picture(principal: store.Principal, id: string, number: number, width: number, signal: AbortSignal): Promise<Picture>
  original(principal: store.Principal, id: string): Promise<Original>
  /** Ten minutes to restore it, or none with `now`. */
  remove(principal: store.Principal, id: string, options?: { now?: boolean }): Promise<void>
  restore(principal: store.Principal, id: string): Promise<DocumentView>
  /** Everything that the principal owns. `removedAt` is what `restoreAll` asks for, within ten minutes. */
  removeAll(principal: store.Principal): Promise<{ removed: number; removedAt: number }>
  /** Brings back what was removed together, save what was brought again meanwhile. */
  restoreAll(principal: store.Principal, removedAt: number): Promise<{ restored: number }>
  /** Reads it again, as something else if so told. The password is never stored. */
  retry(
    principal: store.Principal,
    id: string,
    options?: { language?: string; password?: string },
  ): Promise<DocumentView>
  /** One document until it is ready or failed, or (`null`) every change from now on. Throws `not_found` at once. */
  follow(principal: store.Principal, id: string | null, signal: AbortSignal): AsyncIterable<DocumentView>
  readonly vectors: Vectors
  /** What a job worker must be able to do. */
  readonly tasks: readonly Task[]
  /** What a web worker does where no job worker can be started: little of it, and without other processes. */
  readonly inlineTasks: readonly Task[]
}

export interface DocumentsDeps {
  storage: Storage
  search: Search
  jobs: Jobs
  messages: Messages
  limits: { uploadBytesMax: number; extraction?: Partial<ExtractionLimits> }
  log: Log
  /** Without it reading takes the memory that it wants. */
  grantMemory?: GrantMemory
  /** Why nobody reads for now, as far as the server knows; null while somebody does, or will. */
  whyIdle?(): Idleness
}

const LIMIT = 50
const LIMIT_MAX = 200
const DOCUMENTS_PER_COMMIT = 100

export function openDocuments(deps: DocumentsDeps): Documents {
  const { storage, search, jobs, messages, limits, log, grantMemory, whyIdle = () => null } = deps
  const { database, blobs } = storage
  const views = openViews(database, jobs, whyIdle)
  const passwords = openPasswords(messages)
  const embedding = openVectors({ storage, search, jobs, log })
  const pictures = openPictureCache(storage)
  const drawing = openPictures({ storage, cache: pictures, grantMemory })
  const changed = (tx: Transaction, documentId: number) => {
    const document = store.rowById(tx, documentId)
    if (!document) return
    const { publicId: id, collectionId } = document
    tx.afterCommit(() => messages.publish(DOCUMENTS_CHANGED, { id, collectionId }))
  }
  const changes = changeDocuments({ jobs, blobs, becameFindable: embedding.queue, changed })

  const found = <T>(value: T | undefined): T => {
    if (value === undefined) throw new KnowBotError('not_found', 'There is no such document, or it is not yours.')
    return value
  }
  const view = (principal: store.Principal, id: string) => found(views.find(principal, id))

  /** In steps that hold the lock for a moment each. Answers for how many the change was made. */
  const eachOwn = async (
    { userId }: store.Principal,
    deletedAt: number | null,
    change: (tx: Transaction, document: store.DocumentRow) => boolean,
  ): Promise<number> => {
    const lastId = store.lastRowId(database) // What is brought from now on is not meant.
    let [changedCount, afterId] = [0, 0]
    for (;;) {
      const step = await database.write((tx) => {
        const documents = store.ownRows(tx, userId, { afterId, lastId, deletedAt, limit: DOCUMENTS_PER_COMMIT })
        return { nextId: documents.at(-1)?.id, count: documents.filter((document) => change(tx, document)).length }
      })
      if (step.nextId === undefined) return changedCount
      changedCount += step.count
      afterId = step.nextId
    }
  }

  const reading: IngestDeps = {
    storage,
    search,
    passwords,
    log,
    changed,
    extractionLimits: limits.extraction ?? {},
    grantMemory,
    becameFindable: embedding.queue,
    leftReading: (tx, documentId) => queueTidying(jobs, tx, documentId),
  }
  const cleaning = [purgeTask({ storage, search, pictures }) as Task, tidyTask({ storage, search }) as Task]

  return {
    async accept(principal, upload) {
      // Asked before the bytes come, because whoever names a foreign collection need not send them; and again before they are kept,
      // because it may be named behind them.
      const assertCollection = () => changes.collectionFor(database, principal, upload.collectionId)
      assertCollection()
      const received = await receive(storage, upload, limits.uploadBytesMax, assertCollection)
      const { id, ...accepted } = await database.write((tx) => changes.accept(tx, principal, upload, received))
      return { document: found(await views.findTogether(principal, id)), ...accepted }
    },

    async list(principal, { limit = LIMIT, cursor = null } = {}) {
      const atMost = Math.min(Math.max(1, limit), LIMIT_MAX)
      const items = views.list(principal, { limit: atMost + 1, cursor })
      const hasMore = items.length > atMost
      if (hasMore) items.pop()
      return { items, nextCursor: hasMore ? items.at(-1)!.id : null }
    },

    async get(principal, id) {
      return view(principal, id)
    },

    async page(principal, id, number) {
      const document = found(store.findRow(database, principal, id))
      // Read for the first time, it can be looked into as far as that has come.
      const readingId = found(document.readingId ?? store.openReadingId(database, document.id))
      const page = found(store.findPage(database, readingId, number))
      const { words, errorCode, errorMessage, ...rest } = page
      return {
        documentId: id,
        page: number,
        ...rest,
        words: words && unpackWords(words),
        error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
      }
    },

    async picture(principal, id, number, width, signal) {
      const document = found(store.findRow(database, principal, id))
      const { pages } = view(principal, id)
      if (pages.total !== null && number > pages.total) found<Picture>(undefined)
      if (!blobs.has(document.sha256)) throw originalMissing(document.name)
      const picture = await drawing.draw({ document, page: number, width }, signal)
      if (store.findRow(database, principal, id)) return picture
      // Deleted meanwhile, and perhaps purged before the picture was kept.
      pictures.remove(id)
      await picture.file.close()
      return found<Picture>(undefined)
    },

    async original(principal, id) {
      const { sha256, name, type, bytes } = found(store.findRow(database, principal, id))
      if (blobs.has(sha256)) return { path: blobs.path(sha256), name, type: store.mediaType(type), bytes }
      throw originalMissing(name)
    },

    async remove(principal, id, { now = false } = {}) {
      await database.write((tx) => changes.remove(tx, found(store.findRowOrDeleted(tx, principal, id)), now))
      passwords.settle(id)
    },

    async restore(principal, id) {
      await database.write((tx) => changes.restore(tx, found(store.findRowOrDeleted(tx, principal, id))))
      return view(principal, id)
    },

    async removeAll(principal) {
      const removedAt = Date.now()
      const removed = await eachOwn(principal, null, (tx, document) => {
        changes.remove(tx, document, false, removedAt)
        passwords.settle(document.publicId)
        return true
      })
      return { removed, removedAt }
    },

    async restoreAll(principal, removedAt) {
      const restored = await eachOwn(principal, removedAt, (tx, document) => {
        if (!changes.canRestore(tx, document)) return false
        changes.restore(tx, document)
        return true
      })
      return { restored }
    },

    async retry(principal, id, { language, password } = {}) {
      found(store.findRow(database, principal, id))
      // Offered first: the job may begin in the moment in which its row is there.
      if (password !== undefined) passwords.offer(id, password)
      await database.write((tx) => {
        const document = found(store.findRow(tx, principal, id))
        changes.readAgain(tx, document, language ?? document.language, password !== undefined)
      })
      return view(principal, id)
    },

    follow(principal, id, signal) {
      const source = { views, messages, principal, signal }
      if (id === null) return followAll(source)
      view(principal, id)
      return followOne(source, id)
    },

    vectors: embedding.vectors,

    tasks: [...(ingestTasks(reading) as Task[]), ...cleaning, embedding.task as Task],
    inlineTasks: [plainIngestTask(reading) as Task, ...cleaning, embedding.task as Task],

    [Symbol.asyncDispose]: () => drawing[Symbol.asyncDispose](),
  }
}

function originalMissing(name: string): KnowBotError {
  return new KnowBotError(
    'storage_damaged',
    `The original of ${name} is missing from the data folder. Upload it again.`,
  )
}
