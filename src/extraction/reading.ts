/**
 * Conducts extractors over one document. A death costs the page in hand, and the next extractor goes on after it: at once where
 * the page is to blame for certain, after some tries where it may be. Of who is ended from outside the page is read again.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ErrorCode, KnowBotError } from '../errors.ts'
import type { ExtractionEvent, ExtractionRequest } from '../extraction.ts'
import { type Blame, Extractor } from './extractor.ts'
import type { DocumentType } from './file-type.ts'
import { watchHighWater } from './high-water.ts'
import { knownWords } from './hyphens.ts'
import { LIMITS } from './limits.ts'
import type { Headers } from './need.ts'
import type { ReaderRequest, RenderTask } from './protocol.ts'

/** Of one page, where it is only probable that the page is to blame. */
const DEATHS_OF_PAGE_MAX = 3
/** A document of which so many pages are lost in a row is given up. */
const PAGES_LOST_IN_A_ROW_MAX = 8
const DEATHS_BEFORE_OPENED_MAX = 2
/** Whoever ends readers from outside this often without one page in between means it. */
const ENDED_FROM_OUTSIDE_MAX = 50

/** Of paper the lines end where it ends; elsewhere they are as the author wanted them. */
const HAS_LINES: Readonly<Record<DocumentType, boolean>> = {
  text: false,
  markdown: false,
  html: false,
  pdf: true,
  png: true,
  jpeg: true,
  tiff: true,
}

interface Progress {
  nextPage: number
  /** Undefined until the document was opened. */
  pagesTotal: number | undefined
  pagesLostInARow: number
  /** Since the last page. */
  deaths: Record<Blame, number>
}

interface Death {
  code: ErrorCode
  message: string
  blame: Blame
}

export async function* readDocument(request: ExtractionRequest): AsyncIterable<ExtractionEvent> {
  if ((await stat(request.path)).size === 0) {
    throw new KnowBotError('document_empty', `Expected a document, got a file of 0 bytes: ${request.name}.`)
  }
  await using folder = await makeFolder(request.temporaryFolder)
  const progress = progressFrom(request.firstPage ?? 1)
  for (;;) {
    const death = yield* readUntilDeath(request, readerRequest(request, folder.path, progress.nextPage), progress)
    if (!death) return
    if (death.code === 'cancelled') throw new KnowBotError('cancelled', death.message)
    progress.deaths[death.blame]++
    if (isWorthAnotherTry(progress, death)) continue
    if (progress.pagesTotal === undefined) throw new KnowBotError(death.code, death.message)
    yield* giveUpPages(progress, death)
    if (progress.nextPage > progress.pagesTotal) return
  }
}

function progressFrom(nextPage: number): Progress {
  return { nextPage, pagesTotal: undefined, pagesLostInARow: 0, deaths: noDeaths() }
}

function noDeaths(): Progress['deaths'] {
  return { certain: 0, probable: 0, none: 0 }
}

function isWorthAnotherTry({ deaths, pagesTotal, pagesLostInARow }: Progress, { blame }: Death): boolean {
  if (blame === 'none') return deaths.none < ENDED_FROM_OUTSIDE_MAX
  if (pagesTotal === undefined) return deaths.certain + deaths.probable < DEATHS_BEFORE_OPENED_MAX
  // Where one page was lost, the next ones are probably no better.
  return blame === 'probable' && pagesLostInARow === 0 && deaths.probable < DEATHS_OF_PAGE_MAX
}

/** What the headers say of the largest page; undefined where they cannot be read, which reading itself will tell. */
export async function examineDocument(request: ExtractionRequest): Promise<Headers | undefined> {
  await using folder = await makeFolder(request.temporaryFolder)
  const probe = { ...readerRequest(request, folder.path, request.firstPage ?? 1), isProbe: true }
  await using extractor = new Extractor(probe, request.signal)
  for (;;) {
    const message = await extractor.next()
    switch (message.kind) {
      case 'examined':
        return message.headers
      case 'died':
        request.signal.throwIfAborted()
        throwIfNotStarted(message)
        return undefined
      case 'failed':
      case 'worn':
      case 'done':
        request.signal.throwIfAborted()
        return undefined
    }
  }
}

/** Draws one page; what the extractor dies of is the error. */
export async function drawPage(request: ExtractionRequest, page: number, widthMax: number): Promise<string> {
  const target = join(resolve(request.temporaryFolder), `page-${randomUUID()}.jpg`)
  await using folder = await makeFolder(request.temporaryFolder)
  const task = { page, widthMax, target }
  await using extractor = new Extractor(readerRequest(request, folder.path, page, task), request.signal)
  for (;;) {
    const message = await extractor.next()
    switch (message.kind) {
      case 'failed':
      case 'worn':
      case 'died':
        await rm(target, { force: true })
        throw new KnowBotError(message.code, message.message)
      case 'done':
        return target
    }
  }
}

/** Passes on what one extractor reads; returns how it died, or undefined when the document is read. */
async function* readUntilDeath(
  { signal, onHighWater }: ExtractionRequest,
  request: ReaderRequest,
  progress: Progress,
): AsyncGenerator<ExtractionEvent, Death | undefined> {
  await using extractor = new Extractor(request, signal)
  using highWater = watchHighWater(extractor.pid)
  for (;;) {
    const message = await extractor.next()
    switch (message.kind) {
      case 'ready':
      case 'working':
        break
      case 'event':
        if (message.event.kind !== 'opened') {
          yield message.event
          progress.nextPage = numberOf(message.event) + 1
          progress.pagesLostInARow = 0
          progress.deaths = noDeaths()
          extractor.allowMore()
        } else if (progress.pagesTotal === undefined) {
          progress.pagesTotal = message.event.pagesTotal
          yield message.event
        }
        break
      case 'failed':
        throw new KnowBotError(message.code, message.message)
      case 'examined':
        break
      case 'worn':
        return { ...message, blame: message.code === 'out_of_memory' ? 'certain' : 'probable' }
      case 'died':
        throwIfNotStarted(message)
        return message
      case 'done':
        onHighWater?.(highWater.bytes())
        return undefined
    }
  }
}

/** What the machine lacks at the moment is nobody's fault: the caller comes back later. */
function throwIfNotStarted({ code, message }: Death): void {
  if (code === 'overloaded') throw new KnowBotError(code, message)
}

/** The page in hand; all that are left when it goes on like this. */
function* giveUpPages(progress: Progress, death: Death): Iterable<ExtractionEvent> {
  progress.deaths = noDeaths()
  progress.pagesLostInARow++
  const last = progress.pagesLostInARow >= PAGES_LOST_IN_A_ROW_MAX ? progress.pagesTotal! : progress.nextPage
  while (progress.nextPage <= last) {
    yield { kind: 'unreadable', number: progress.nextPage++, code: death.code, message: death.message }
  }
}

function numberOf(event: Exclude<ExtractionEvent, { kind: 'opened' }>): number {
  return event.kind === 'page' ? event.page.number : event.number
}

function readerRequest(
  request: ExtractionRequest,
  folder: string,
  firstPage: number,
  render: RenderTask | null = null,
): ReaderRequest {
  return {
    path: resolve(request.path),
    type: request.type,
    name: request.name,
    firstPage,
    knownWords: firstPage > 1 && HAS_LINES[request.type] ? knownWords(request.textsBefore?.(firstPage) ?? []) : [],
    language: request.language ?? null,
    textRecognition: request.textRecognition ?? 'best',
    password: request.password ?? null,
    folder,
    limits: { ...LIMITS, ...request.limits },
    render,
    isProbe: false,
  }
}

async function makeFolder(within: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(resolve(within), 'extraction-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
