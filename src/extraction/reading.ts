/** Conducts extractors over one document: a death costs the page in hand, and the next extractor goes on after it. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ErrorCode, KnowBotError } from '../errors.ts'
import type { ExtractionEvent, ExtractionRequest } from '../extraction.ts'
import { Extractor } from './extractor.ts'
import { LIMITS } from './limits.ts'
import type { ReaderRequest, RenderTask } from './protocol.ts'

/** A document on which extractors die this often without one page in between is given up. */
const DEATHS_IN_A_ROW_MAX = 8
const DEATHS_BEFORE_OPENED_MAX = 2

interface Progress {
  nextPage: number
  /** Undefined until the document was opened. */
  pagesTotal: number | undefined
  deathsInARow: number
}

interface Death {
  code: ErrorCode
  message: string
}

export async function* readDocument(request: ExtractionRequest): AsyncIterable<ExtractionEvent> {
  if ((await stat(request.path)).size === 0) {
    throw new KnowBotError('document_empty', `Expected a document, got a file of 0 bytes: ${request.name}.`)
  }
  await using folder = await makeFolder(request.temporaryFolder)
  const progress: Progress = { nextPage: request.firstPage ?? 1, pagesTotal: undefined, deathsInARow: 0 }
  for (;;) {
    const death = yield* readUntilDeath(readerRequest(request, folder.path, progress), request.signal, progress)
    if (!death) return
    if (death.code === 'cancelled') throw new KnowBotError('cancelled', death.message)
    progress.deathsInARow++
    if (progress.pagesTotal === undefined) {
      if (progress.deathsInARow >= DEATHS_BEFORE_OPENED_MAX) throw new KnowBotError(death.code, death.message)
    } else {
      yield* giveUpPages(progress, death)
      if (progress.nextPage > progress.pagesTotal) return
    }
  }
}

/** Draws one page; what the extractor dies of is the error. */
export async function drawPage(request: ExtractionRequest, page: number, widthMax: number): Promise<string> {
  const target = join(resolve(request.temporaryFolder), `page-${randomUUID()}.jpg`)
  const progress: Progress = { nextPage: page, pagesTotal: undefined, deathsInARow: 0 }
  await using folder = await makeFolder(request.temporaryFolder)
  const task = { page, widthMax, target }
  await using extractor = new Extractor(readerRequest(request, folder.path, progress, task), request.signal)
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
  request: ReaderRequest,
  signal: AbortSignal,
  progress: Progress,
): AsyncGenerator<ExtractionEvent, Death | undefined> {
  await using extractor = new Extractor(request, signal)
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
          progress.deathsInARow = 0
          extractor.allowMore()
        } else if (progress.pagesTotal === undefined) {
          progress.pagesTotal = message.event.pagesTotal
          yield message.event
        }
        break
      case 'failed':
        throw new KnowBotError(message.code, message.message)
      case 'worn':
      case 'died':
        return message
      case 'done':
        return undefined
    }
  }
}

/** The page in hand; all that are left when it goes on like this. */
function* giveUpPages(progress: Progress, death: Death): Iterable<ExtractionEvent> {
  const last = progress.deathsInARow >= DEATHS_IN_A_ROW_MAX ? progress.pagesTotal! : progress.nextPage
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
  progress: Progress,
  render: RenderTask | null = null,
): ReaderRequest {
  return {
    path: resolve(request.path),
    type: request.type,
    name: request.name,
    firstPage: progress.nextPage,
    language: request.language ?? null,
    textRecognition: request.textRecognition ?? 'best',
    password: request.password ?? null,
    folder,
    limits: { ...LIMITS, ...request.limits },
    render,
  }
}

async function makeFolder(within: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(resolve(within), 'extraction-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
