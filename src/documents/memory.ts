/**
 * Memory for reading a document, asked of whoever keeps the ledger. Reading adapts to what it gets: pages too large for it are read
 * smaller or in bands. What even that was too little for gets one more try with more, as soon as there is more.
 */
import { KnowBotError } from '../errors.ts'
import { type DocumentType, type Need, PROBE_BYTES } from '../extraction.ts'
import { MIB } from '../lib/units.ts'
import type { DocumentRow } from './store.ts'

export interface MemoryWish {
  /** For people. */
  what: string
  /** With less the work is of no use. */
  leastBytes: number
  /** More is of no use. */
  wantedBytes: number
  /** Somebody waits for it, and it is soon over. */
  isAwaited?: boolean
}

export interface MemoryGrant extends Disposable {
  readonly bytes: number
}

/** Waits until there is some. Throws `out_of_memory`, with the number needed, where there will never be enough. */
export type GrantMemory = (wish: MemoryWish, signal: AbortSignal) => Promise<MemoryGrant>

/** Where headers tell nothing. Text is read as a stream, and its cost is what the package brings along; pages are as in bench/ocr.ts. */
const STREAM: Need = { leastBytes: 40 * MIB, wantedBytes: 192 * MIB }
const PAGES: Need = { leastBytes: 78 * MIB, wantedBytes: 400 * MIB }
const NEEDS: Readonly<Record<DocumentType, Need>> = {
  text: STREAM,
  markdown: STREAM,
  html: STREAM,
  pdf: PAGES,
  png: PAGES,
  jpeg: PAGES,
  tiff: PAGES,
}
/** Less than this more is not worth another try. */
const MORE = 1.15

export interface Readable {
  /** What the headers say; undefined where they say nothing. */
  examine(): Promise<Need | undefined>
  /** Reads within so many bytes; null without a limit. */
  read(memoryBytesMax: number | null): Promise<void>
  /** What such readings took, as a multiple of what they were reckoned at. */
  factor: number
}

/**
 * Asks for a small grant to look into the headers, then for what they say, corrected by what such readings took before. Where nobody
 * keeps a ledger, reading has no limit. What was too little for the document as a whole is tried once more, with more.
 */
export async function readWithin(
  grantMemory: GrantMemory | undefined,
  document: Pick<DocumentRow, 'publicId' | 'type'>,
  readable: Readable,
  signal: AbortSignal,
): Promise<void> {
  if (!grantMemory) return readable.read(null)
  const { leastBytes, wantedBytes } = (await lookAhead(grantMemory, document, readable, signal)) ?? NEEDS[document.type]
  const { factor } = readable
  const wish = {
    what: `read document ${document.publicId}`,
    leastBytes: Math.ceil(leastBytes * factor),
    wantedBytes: Math.ceil(wantedBytes * factor),
  }
  const read = (bytes: number) => readable.read(Math.floor(bytes / factor))
  const first = await readOnce(grantMemory, wish, read, signal)
  if (!first.error) return
  // The headers told what the largest page takes, not what hides behind them.
  const second = { ...wish, leastBytes: Math.ceil(first.bytes * MORE) }
  second.wantedBytes = Math.max(PAGES.wantedBytes, second.leastBytes)
  if (second.leastBytes > PAGES.wantedBytes) throw first.error
  const again = await readOnce(grantMemory, second, read, signal).catch((refusal) => {
    throw isOutOfMemory(refusal) ? first.error : refusal // The first knows the number for this very page.
  })
  if (again.error) throw again.error
}

async function lookAhead(
  grantMemory: GrantMemory,
  { publicId, type }: Pick<DocumentRow, 'publicId' | 'type'>,
  { examine }: Readable,
  signal: AbortSignal,
): Promise<Need | undefined> {
  if (NEEDS[type] === STREAM) return undefined
  const wish = { what: `look into document ${publicId}`, leastBytes: PROBE_BYTES, wantedBytes: PROBE_BYTES }
  using _probe = await grantMemory(wish, signal)
  return await examine()
}

/** What was too little is answered, everything else thrown. */
async function readOnce(
  grantMemory: GrantMemory,
  wish: MemoryWish,
  read: (memoryBytesMax: number) => Promise<void>,
  signal: AbortSignal,
): Promise<{ bytes: number; error?: KnowBotError }> {
  using grant = await grantMemory(wish, signal)
  try {
    await read(grant.bytes)
    return { bytes: grant.bytes }
  } catch (error) {
    if (!isOutOfMemory(error)) throw error
    return { bytes: grant.bytes, error }
  }
}

function isOutOfMemory(error: unknown): error is KnowBotError {
  return error instanceof KnowBotError && error.code === 'out_of_memory'
}
