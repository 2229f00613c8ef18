/**
 * Pictures of pages, drawn when somebody looks at them. Foreign bytes are opened in a child alone, one at a time, in memory asked of
 * the ledger; what was drawn is kept (`picture-cache.ts`) and streamed from there. Who leaves before their turn costs nothing.
 */
import { type ErrorCode, KnowBotError } from '../errors.ts'
import { type DocumentType, renderPage } from '../extraction.ts'
import { MIB, MINUTE_MS, printBytes, SECOND_MS } from '../lib/units.ts'
import type { Storage } from '../storage.ts'
import type { GrantMemory, MemoryGrant } from './memory.ts'
import type { Picture, PictureCache } from './picture-cache.ts'
import type { DocumentRow } from './store.ts'

/** Pixels. Few steps, so that a window that is drawn wider does not draw a page again and again. */
const PICTURE_WIDTHS = [400, 800, 1200, 1600, 2400] as const

export interface PageOfDocument {
  document: Pick<DocumentRow, 'publicId' | 'type' | 'sha256' | 'name'>
  page: number
  /** Pixels; the next step from this is drawn. */
  width: number
}

const IS_PAPER: Readonly<Record<DocumentType, boolean>> = {
  text: false,
  markdown: false,
  html: false,
  pdf: true,
  png: true,
  jpeg: true,
  tiff: true,
}

/**
 * Of the child: the least draws a page of text at 2400 pixels (measured: 44 to 54 MB with Node itself), the most a scan at 600 dpi in
 * colour, which PDFium decodes as a whole.
 */
const LEAST_BYTES = 48 * MIB
const WANTED_BYTES = 224 * MIB
const DRAWING_MS_MAX = 20 * SECOND_MS
/** Longer than a page takes, shorter than anybody waits. */
const MEMORY_WAIT_MS = 5 * SECOND_MS
const WAITING_MAX = 32
const RETRY_AFTER_S = 5
const FAILURES_KEPT_MAX = 256
const FAILURE_KEPT_MS = 10 * MINUTE_MS
const FAILS_AGAIN: ReadonlySet<ErrorCode> = new Set([
  'document_damaged',
  'image_too_large',
  'password_needed',
  'page_unreadable',
  'read_timeout',
  'reader_crashed',
  'not_found',
])

export interface PicturesDeps {
  storage: Pick<Storage, 'blobs'>
  cache: PictureCache
  /** Without it a picture may take as much as is of any use. */
  grantMemory: GrantMemory | undefined
}

export interface Pictures extends AsyncDisposable {
  draw(wanted: PageOfDocument, signal: AbortSignal): Promise<Picture>
}

/** Closing ends what is being drawn, and resolves when nothing is left of it. */
export function openPictures(deps: PicturesDeps): Pictures {
  const { cache } = deps
  const turns = new Turns()
  const failures = new Failures()
  const closing = new AbortController()
  const open = new Set<Promise<Picture>>()

  const find = async ({ document, page, width }: PageOfDocument, signal: AbortSignal): Promise<Picture> => {
    if (!IS_PAPER[document.type]) {
      throw new KnowBotError('no_picture', `${document.name} is a text without paper: it has no picture.`)
    }
    const step = pictureWidth(width)
    const before = await cache.find(document.publicId, page, step)
    if (before) return before

    using _turn = await turns.take(signal)
    const meanwhile = await cache.find(document.publicId, page, step)
    if (meanwhile) return meanwhile
    const key = `${document.publicId} ${page}`
    failures.rethrow(key)
    try {
      const path = await draw(deps, { document, page, width: step }, signal)
      return await cache.keep(document.publicId, page, step, path)
    } catch (error) {
      failures.note(key, error)
      throw error
    }
  }

  return {
    async draw(wanted, signal) {
      const picture = find(wanted, AbortSignal.any([signal, closing.signal]))
      open.add(picture)
      try {
        return await picture
      } catch (error) {
        if (!closing.signal.aborted) throw error
        throw new KnowBotError('shutting_down', 'The server is stopping. Try again in a moment.', { cause: error })
      } finally {
        open.delete(picture)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.allSettled(open)
    },
  }
}

/** The step that a picture of this width is drawn at. */
export function pictureWidth(width: number): number {
  return PICTURE_WIDTHS.find((step) => step >= width) ?? PICTURE_WIDTHS.at(-1)!
}

async function draw(
  { storage: { blobs }, grantMemory }: PicturesDeps,
  { document, page, width }: PageOfDocument,
  signal: AbortSignal,
): Promise<string> {
  using grant = await askMemory(grantMemory, document.publicId, signal)
  const request = {
    path: blobs.path(document.sha256),
    type: document.type,
    name: document.name,
    signal,
    temporaryFolder: await blobs.makeTemporaryFolder(),
    limits: { memoryBytesMax: grant.bytes, pageWallMsMax: DRAWING_MS_MAX },
  }
  return renderPage(request, page, width)
}

async function askMemory(
  grantMemory: GrantMemory | undefined,
  documentId: string,
  signal: AbortSignal,
): Promise<MemoryGrant> {
  if (!grantMemory) return { bytes: WANTED_BYTES, [Symbol.dispose]: () => undefined }
  const wish = { what: `draw a page of ${documentId}`, leastBytes: LEAST_BYTES, wantedBytes: WANTED_BYTES }
  const patience = AbortSignal.timeout(MEMORY_WAIT_MS)
  try {
    return await grantMemory({ ...wish, isAwaited: true }, AbortSignal.any([signal, patience]))
  } catch (cause) {
    signal.throwIfAborted()
    if (!patience.aborted) {
      const message = `Expected ${printBytes(LEAST_BYTES)} of memory for drawing a page, got less. Give the server more.`
      throw new KnowBotError('out_of_memory', message, { cause })
    }
    const message = 'Memory is taken by documents that are being read. Try again in a moment.'
    throw new KnowBotError('overloaded', message, { cause, retryAfterS: RETRY_AFTER_S })
  }
}

/** One after the other, in the order in which they came. */
class Turns {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  async take(signal: AbortSignal): Promise<Disposable> {
    if (this.#waiting >= WAITING_MAX) {
      const message = 'Many pages are being drawn. Try again in a moment.'
      throw new KnowBotError('overloaded', message, { retryAfterS: RETRY_AFTER_S })
    }
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = before.then(() => end)
    this.#waiting++
    await before
    this.#waiting--
    if (signal.aborted) {
      resolve()
      signal.throwIfAborted()
    }
    return { [Symbol.dispose]: resolve }
  }
}

/** What cannot be drawn is not tried again for a while: each try may cost the time limit. */
class Failures {
  readonly #kept = new Map<string, { error: KnowBotError; until: number }>()

  rethrow(key: string): void {
    const failure = this.#kept.get(key)
    if (failure && failure.until > performance.now()) throw failure.error
  }

  note(key: string, error: unknown): void {
    if (!(error instanceof KnowBotError && FAILS_AGAIN.has(error.code))) return
    this.#kept.delete(key)
    this.#kept.set(key, { error, until: performance.now() + FAILURE_KEPT_MS })
    if (this.#kept.size > FAILURES_KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!)
  }
}
