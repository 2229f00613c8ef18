/**
 * Memory for reading a document, asked of whoever keeps the ledger. Reading adapts to what it gets: pages too large for it are read
 * smaller or in bands. What even that was too little for gets one more try with more, as soon as there is more.
 */
import { KnowBotError } from '../errors.ts'
import type { DocumentType } from '../extraction.ts'
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

/**
 * Reader and text recognition together, measured (bench/ocr.ts). Recognised pages: the least is a band of 640 rows of a wide scan,
 * the most a page of 50 megapixels as a whole. Text is read as a stream, and its cost is what the package brings along.
 */
const NEEDS: Readonly<Record<DocumentType, { leastBytes: number; wantedBytes: number }>> = {
  text: { leastBytes: 40 * MIB, wantedBytes: 192 * MIB },
  markdown: { leastBytes: 40 * MIB, wantedBytes: 192 * MIB },
  html: { leastBytes: 40 * MIB, wantedBytes: 192 * MIB },
  pdf: { leastBytes: 78 * MIB, wantedBytes: 400 * MIB },
  png: { leastBytes: 78 * MIB, wantedBytes: 400 * MIB },
  jpeg: { leastBytes: 78 * MIB, wantedBytes: 400 * MIB },
  tiff: { leastBytes: 78 * MIB, wantedBytes: 400 * MIB },
}
/** Less than this more is not worth another try. */
const MORE = 1.15

/**
 * Runs `read` with what is granted (null: without a limit, where nobody keeps a ledger), and once more with more when it was too
 * little for the document as a whole.
 */
export async function readWithin(
  grantMemory: GrantMemory | undefined,
  document: Pick<DocumentRow, 'publicId' | 'type'>,
  read: (memoryBytesMax: number | null) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (!grantMemory) return read(null)
  const wish = { what: `read document ${document.publicId}`, ...NEEDS[document.type] }
  const first = await readOnce(grantMemory, wish, read, signal)
  if (!first.error) return
  const leastBytes = Math.ceil(first.bytes * MORE)
  if (leastBytes > wish.wantedBytes) throw first.error
  const second = await readOnce(grantMemory, { ...wish, leastBytes }, read, signal).catch((refusal) => {
    throw isOutOfMemory(refusal) ? first.error : refusal // The first knows the number for this very page.
  })
  if (second.error) throw second.error
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
