/**
 * Reading one document, as its job does it: extraction → passages → index → state. A page is the unit of progress: its text,
 * passages, index entries and state commit together, so that a kill at any moment loses the page in hand and repeats none.
 *
 * Every commit holds only while this attempt owns the job: a document that was deleted meanwhile, or that another attempt
 * reads by now, is not touched any more.
 */
import { type ErrorCode, KnowBotError, toKnowBotError } from '../errors.ts'
import {
  type ExtractedPage,
  type ExtractionEvent,
  type ExtractionLimits,
  type ExtractionRequest,
  examine,
  extract,
  extractPlain,
  type Need,
} from '../extraction.ts'
import { type Job, RetryLater, type Task } from '../jobs.ts'
import type { Log } from '../lib/log.ts'
import { MIB, MINUTE_MS, printBytes, SECOND_MS } from '../lib/units.ts'
import type { PassageDraft, Search } from '../search.ts'
import type { Storage, Transaction } from '../storage.ts'
import * as estimates from './estimates.ts'
import { type GrantMemory, readWithin } from './memory.ts'
import { Pace } from './pace.ts'
import type { Passwords } from './passwords.ts'
import { PLAIN_BYTES_MAX, READ, READ_PLAIN } from './queueing.ts'
import * as readings from './readings.ts'
import * as store from './store.ts'

export type IngestPayload = { documentId: number; hasPassword: boolean }

export interface IngestDeps {
  storage: Storage
  search: Search
  passwords: Passwords
  log: Log
  extractionLimits: Partial<ExtractionLimits>
  /** Undefined where nobody keeps a ledger of memory. */
  grantMemory: GrantMemory | undefined
  /** What to do in the transaction that changed something people see. */
  changed(tx: Transaction, documentId: number): void
  /** What to do in the transaction from which on the document is found. */
  becameFindable(tx: Transaction): void
  /** What to do in the transaction that left a reading behind. */
  leftReading(tx: Transaction, documentId: number): void
}

/** What is wrong with the document itself: trying again would find the same. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'document_empty',
  'document_damaged',
  'unsupported_file_type',
  'password_needed',
  'wrong_password',
  'no_readable_text',
  'image_too_large',
  'page_limit',
  'text_limit',
  'page_unreadable',
  'out_of_memory',
  'read_timeout',
  'reader_crashed',
  'language_unavailable',
  'storage_damaged',
  'unavailable',
])

/** The worker died so often on the page in hand: it is left out, and the document goes on. */
const CRASHES_PER_PAGE_MAX = 3
/** Reading stops before the disk is so full that nobody can delete or chat any more. */
const FREE_BYTES_MIN = 32 * MIB
const FULL_DISK_DELAY_MS = 30 * SECOND_MS
/** Pages that cannot be read often come fast and in rows: a claim of 100,000 pages must not be 100,000 transactions. */
const UNREADABLE_PER_COMMIT = 500
/** Where each takes its time to fail, each is progress. */
const UNREADABLE_KEPT_MS = SECOND_MS

const NOT_PLAIN_DELAY_MS = MINUTE_MS
const NOT_PLAIN =
  'Only UTF-8 is read while no process for reading documents can be started, and this is something else.'

/** What one worker knows and uses for all documents it reads. */
interface Tools extends IngestDeps {
  pace: Pace
  /** Pages in the index since its parts were merged. Undefined in a worker that serves people. */
  unmerged: { pages: number } | undefined
  open(request: ExtractionRequest): AsyncIterable<ExtractionEvent>
}

/** For a job worker: everything, read by a process of its own. */
export function ingestTasks(deps: IngestDeps): Task<IngestPayload>[] {
  const tools = { ...deps, pace: new Pace(), unmerged: { pages: 0 }, open: extract }
  return [taskOf(READ, tools), taskOf(READ_PLAIN, tools)]
}

/** For a web worker, where no other process can be started: small plain text alone, within its own memory. */
export function plainIngestTask(deps: IngestDeps): Task<IngestPayload> {
  return taskOf(READ_PLAIN, {
    ...deps,
    grantMemory: undefined,
    pace: new Pace(),
    unmerged: undefined,
    open: openPlain,
  })
}

async function* openPlain(request: ExtractionRequest): AsyncGenerator<ExtractionEvent> {
  const events = await extractPlain(request, PLAIN_BYTES_MAX)
  if (events) yield* events
  else throw new RetryLater(NOT_PLAIN_DELAY_MS, NOT_PLAIN, { kind: 'no_worker', message: NOT_PLAIN })
}

function taskOf(name: string, tools: Tools): Task<IngestPayload> {
  return {
    name,
    run: (job, signal) => ingest(tools, job, signal),
    maxFailures: 3,
    // A crash before the document is open cannot be put on a page: after twice as many it is given up.
    maxCrashes: 2 * CRASHES_PER_PAGE_MAX,
    retryDelayMs: (failures) => Math.min(MINUTE_MS, SECOND_MS * 5 ** failures),
    onGivenUp: (job, error, tx) => fail(tools, tx, job.payload.documentId, error),
  }
}

async function ingest(tools: Tools, job: Job<IngestPayload>, signal: AbortSignal): Promise<void> {
  const { documentId } = job.payload
  const document = store.rowById(tools.storage.database, documentId)
  if (!document || document.deletedAt !== null) return
  const changed = (tx: Transaction) => tools.changed(tx, documentId)
  let reading: readings.Reading | undefined
  let need: Need | undefined
  let [reckonedBytes, tookBytes]: [number | null, number] = [null, 0]

  try {
    // Until there is memory the document waits: it is being read from then on.
    const read = async (memoryBytesMax: number | null) => {
      reading = await job.commit((tx) => {
        changed(tx)
        return readings.openReading(tx, documentId, Date.now())
      })
      if (!reading) return
      reckonedBytes = memoryBytesMax
      await readPages(tools, job, reading, memoryBytesMax, signal, (bytes) => {
        tookBytes = bytes
      })
    }
    const look = async () => {
      need = await examine(await requestFor(tools, job, document, 1, signal))
      return need
    }
    const factor = estimates.factorOf(tools.storage.database, document.type)
    await readWithin(tellingWhy(tools.grantMemory, job, changed), document, { examine: look, read, factor }, signal)
    await job.finish((tx) => {
      if (!reading) return
      if (need && reckonedBytes !== null) {
        estimates.learn(tx, document.type, Math.min(need.wantedBytes, reckonedBytes), tookBytes)
      }
      const before = readings.closeReading(tx, reading, Date.now())
      if (before !== null) tools.leftReading(tx, documentId)
      tools.becameFindable(tx)
      changed(tx)
    })
  } catch (thrown) {
    signal.throwIfAborted()
    const error = toKnowBotError(thrown)
    if (!FINAL.has(error.code)) throw thrown
    await job.finish((tx) => fail(tools, tx, documentId, error))
  }
  tools.passwords.settle(document.publicId)
  await mergeIndex(tools, signal)
}

/** Every page is a part of the index at first. */
const PAGES_UNMERGED_MAX = 8
/** What is left is merged after the next document. */
const MERGES_MAX = 20

/** After a document, so that people find it first. */
async function mergeIndex({ search, storage, unmerged }: Tools, signal: AbortSignal): Promise<void> {
  if (!unmerged || unmerged.pages < PAGES_UNMERGED_MAX) return
  unmerged.pages = 0
  try {
    for (let merges = 0; merges < MERGES_MAX && !signal.aborted; merges++) {
      if (!(await storage.database.write((tx) => search.mergeSome(tx)))) return
    }
  } catch {
    // The document is there, and the index is as good as before: a full disk or a lock is told by those who need to write.
  }
}

/** The same, and whoever looks is told while it waits. */
function tellingWhy(
  grantMemory: GrantMemory | undefined,
  job: Job<IngestPayload>,
  changed: (tx: Transaction) => void,
): GrantMemory | undefined {
  if (!grantMemory) return undefined
  return (wish, signal) => {
    const message = `Reading it takes ${printBytes(wish.leastBytes)} of memory at least, which others hold. It begins when they are done.`
    return job.waitFor({ kind: 'memory', message }, grantMemory(wish, signal), changed)
  }
}

/** Everything that is not there yet, page by page. */
async function readPages(
  tools: Tools,
  job: Job<IngestPayload>,
  reading: readings.Reading,
  memoryBytesMax: number | null,
  signal: AbortSignal,
  onHighWater: (bytes: number) => void,
): Promise<void> {
  const { incomplete } = reading
  if (incomplete) await completePage(tools, job, reading, incomplete.number, tools.search.cutPassages(incomplete))
  let nextPage = reading.nextPage
  let unreadable: readings.UnreadablePage[] = []
  let flushedAt = performance.now()
  const flush = async () => {
    flushedAt = performance.now()
    if (unreadable.length === 0) return
    const pages = unreadable
    unreadable = []
    await job.progress((tx) => {
      readings.addUnreadable(tx, reading, pages)
      tools.changed(tx, reading.document.id)
    })
  }

  if (reading.pagesTotal !== null && nextPage > reading.pagesTotal) return
  const limited = { ...tools, extractionLimits: { memoryBytesMax, ...tools.extractionLimits } }
  if (job.crashes >= CRASHES_PER_PAGE_MAX) unreadable.push(crashed(nextPage++, job.crashes))
  const request = await requestFor(limited, job, reading.document, nextPage, signal)
  const textsBefore = (page: number) => readings.textsBefore(tools.storage.database, reading.id, page)
  for await (const event of tools.open({ ...request, onHighWater, textsBefore })) {
    switch (event.kind) {
      case 'opened': {
        const title = event.title?.trim() || reading.document.name
        reading.title = title
        // Where there is no such page, the crash was not its fault.
        unreadable = unreadable.filter(({ number }) => number <= event.pagesTotal)
        await job.commit((tx) => {
          readings.noteOpened(tx, reading, event.pagesTotal, title)
          tools.changed(tx, reading.document.id)
        })
        await flush()
        break
      }
      case 'unreadable':
        unreadable.push(event)
        if (unreadable.length < UNREADABLE_PER_COMMIT && performance.now() - flushedAt < UNREADABLE_KEPT_MS) break
        await flush()
        if (job.shouldYield()) throw othersWait()
        break
      case 'page':
        await flush()
        await assertRoom(tools)
        await addPage(tools, job, reading, event.page)
        if (tools.unmerged) tools.unmerged.pages += 1
        if (job.shouldYield()) throw othersWait()
        break
    }
  }
  await flush()
}

async function requestFor(
  { storage, passwords, extractionLimits }: Tools,
  job: Job<IngestPayload>,
  document: store.DocumentRow,
  firstPage: number,
  signal: AbortSignal,
): Promise<ExtractionRequest> {
  if (!storage.blobs.has(document.sha256)) {
    throw new KnowBotError('storage_damaged', `The original of ${document.name} is missing. Upload it again.`)
  }
  const password = job.payload.hasPassword ? await passwords.ask(document.publicId) : undefined
  return {
    path: storage.blobs.path(document.sha256),
    type: document.type,
    name: document.name,
    firstPage,
    signal,
    temporaryFolder: await storage.blobs.makeTemporaryFolder(),
    limits: extractionLimits,
    ...(document.language === null ? {} : { language: document.language }),
    ...(password === undefined ? {} : { password }),
  }
}

/** The page with its first passages in one transaction; more follow where there are more. */
async function addPage(
  tools: Tools,
  job: Job<IngestPayload>,
  reading: readings.Reading,
  page: ExtractedPage,
): Promise<void> {
  const drafts = tools.search.cutPassages(page)
  const isComplete = await job.progress((tx) => {
    readings.addPage(tx, reading, page)
    return addNextPassages(tools, tx, reading, page.number, drafts)
  })
  if (!isComplete) await completePage(tools, job, reading, page.number, drafts)
}

async function completePage(
  tools: Tools,
  job: Job<IngestPayload>,
  reading: readings.Reading,
  page: number,
  drafts: readonly PassageDraft[],
): Promise<void> {
  for (let isComplete = false; !isComplete; ) {
    isComplete = await job.progress((tx) => addNextPassages(tools, tx, reading, page, drafts))
  }
}

/** As many of the missing passages as fit one transaction. Cutting is pure, so that counting says which are missing. */
function addNextPassages(
  { search, pace, changed }: Tools,
  tx: Transaction,
  reading: readings.Reading,
  page: number,
  drafts: readonly PassageDraft[],
): boolean {
  const startedAt = performance.now()
  const done = readings.passagesOf(tx, reading.id, page)
  const next = drafts.slice(done, done + pace.count)
  readings.addPassages(tx, search, reading, page, next, done)
  pace.note(next.length, performance.now() - startedAt)
  const isComplete = done + next.length === drafts.length
  readings.notePage(tx, reading, page, isComplete)
  if (isComplete) changed(tx, reading.document.id)
  return isComplete
}

async function assertRoom({ storage }: IngestDeps): Promise<void> {
  if ((await storage.space.freeBytes()) >= FREE_BYTES_MIN) return
  const message = 'The disk of the data folder is nearly full. Reading goes on as soon as there is room.'
  throw new RetryLater(FULL_DISK_DELAY_MS, message, { kind: 'disk_full', message })
}

function othersWait(): RetryLater {
  return new RetryLater(0, 'The time slice is over, and others wait.')
}

function crashed(number: number, crashes: number): readings.UnreadablePage {
  const message = `The worker that read this page died ${crashes} times in a row, so the page was left out.`
  return { kind: 'unreadable', number, code: 'reader_crashed', message }
}

function fail(deps: IngestDeps, tx: Transaction, documentId: number, error: KnowBotError): void {
  readings.failReading(tx, documentId, error, Date.now())
  deps.leftReading(tx, documentId)
  deps.changed(tx, documentId)
  deps.log.info('document-failed', { document: documentId, code: error.code })
}
