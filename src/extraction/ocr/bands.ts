/**
 * A page that is larger than the memory at hand, read in bands. They are cut where no print is; where there is no such row
 * they overlap, and of two words in one place the less certain one goes. Reading order is restored from the boxes.
 */
import { join } from 'node:path'
import type { Engine, RecognisedWord } from './engine.ts'
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'
import { orderWords } from './word-order.ts'

/** Higher than two lines of large print. */
const OVERLAP_ROWS = 120
/** Share of a row that may be dark when it is cut: dust. */
const QUIET_SHARE = 0.002
const DARK = 128
/** Share of the smaller box by which two words are the same. */
const SAME_SHARE = 0.4
/** Pixels: a word this near to a cut through print is cut itself. */
const CUT_MARGIN = 2

/** `slant`: columns that each row lies further left than the one above, on a page whose lines were made level. */
export async function readInBands(
  engine: Engine,
  page: GrayFile,
  rowsMax: number,
  slant: number,
  folder: string,
): Promise<RecognisedWord[]> {
  await using reader = await GrayReader.open(page)
  const words: RecognisedWord[] = []
  let top = 0
  let isTopQuiet = true
  while (top < page.height) {
    const end = Math.min(page.height, top + rowsMax)
    const quiet = end === page.height ? end : await findQuietRow(reader, top + (rowsMax >> 1), end)
    const bottom = quiet ?? end
    const band = await copyBand(reader, top, bottom, join(folder, 'band.pgm'))
    const found = await engine.read(band)
    const whole = found.filter(
      ({ y, height }) =>
        (isTopQuiet || y > CUT_MARGIN) && (quiet !== undefined || y + height < band.height - CUT_MARGIN),
    )
    merge(
      words,
      whole.map((word) => ({ ...word, y: word.y + top })),
      isTopQuiet ? 0 : top + OVERLAP_ROWS,
    )
    top = quiet ?? end - OVERLAP_ROWS
    isTopQuiet = quiet !== undefined
  }
  return orderWords(words, slant)
}

/** The lowest row without print. */
async function findQuietRow(reader: GrayReader, from: number, to: number): Promise<number | undefined> {
  const { width } = reader.image
  const row = new Uint8Array(width)
  for (let y = to - 1; y >= from; y--) {
    await reader.read(y, row)
    let dark = 0
    for (const value of row) if (value < DARK) dark++
    if (dark <= width * QUIET_SHARE) return y
  }
  return undefined
}

async function copyBand(reader: GrayReader, top: number, bottom: number, path: string): Promise<GrayFile> {
  const { width } = reader.image
  await using writer = await GrayWriter.create(path, width, bottom - top)
  const rows = new Uint8Array(64 * width)
  for (let y = top; y < bottom; y += 64) {
    const piece = rows.subarray(0, Math.min(64, bottom - y) * width)
    await reader.read(y, piece)
    await writer.write(y - top, piece)
  }
  return writer.image
}

/** Adds the words of a band; above `overlapEnd` the last band may have read the same. */
function merge(words: RecognisedWord[], more: readonly RecognisedWord[], overlapEnd: number): void {
  for (const word of more) {
    if (word.y >= overlapEnd) {
      words.push(word)
      continue
    }
    const same = words.findLastIndex((other) => overlap(word, other) > SAME_SHARE)
    if (same === -1) words.push(word)
    else if (word.confidence > words[same]!.confidence) words[same] = word
  }
}

function overlap(a: RecognisedWord, b: RecognisedWord): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  return (width * height) / Math.min(a.width * a.height, b.width * b.height)
}
