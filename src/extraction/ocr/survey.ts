/** What a page looks like before anything is done to it: light, noise, size of letters. One pass over the rows. */

import { type GrayFile, GrayReader } from './gray-file.ts'
import { letterHeight } from './letter-height.ts'

/** Pixels a side. */
export const BLOCK = 32
const NOISE_BLOCK = 16
/** Noise is measured in every so many rows of blocks. */
const NOISE_STEP = 2
/** Gray values by which a blank page may differ from itself. */
export const BLANK_RANGE_MAX = 8
const SLICES_MAX = 6
const SLICE_ROWS = 256

export interface Survey {
  /** 80th percentile of each block: the paper, where there is some. Row-major. */
  levels: Uint8Array
  blocksX: number
  blocksY: number
  /** Of all pixels. */
  median: number
  /** Value that 0.8 % of all pixels are darker than: the ink. */
  ink: number
  /** All pixels are nearly the same. */
  isBlank: boolean
  /** Standard deviation of the grain, in gray values. */
  noise: number
  /** Height of most letters in pixels, undefined when there are too few. */
  xHeight: number | undefined
}

export async function survey(page: GrayFile): Promise<Survey> {
  const blocksX = Math.ceil(page.width / BLOCK)
  const blocksY = Math.ceil(page.height / BLOCK)
  const levels = new Uint8Array(blocksX * blocksY)
  const total = new Float64Array(256)
  const deviations: number[] = []
  const letters = new Float64Array(256)
  const slices = chooseSlices(page.height)
  await using reader = await GrayReader.open(page)
  for await (const { y, rows, count } of reader.pieces(BLOCK)) {
    measureBlocks(rows, page.width, levels.subarray((y / BLOCK) * blocksX), blocksX, total)
    if ((y / BLOCK) % NOISE_STEP === 0 && count >= NOISE_BLOCK) measureNoise(rows, page.width, deviations)
  }
  for (const { y, count } of slices) {
    const rows = new Uint8Array(count * page.width)
    await reader.read(y, rows)
    letterHeight.collect(rows, page.width, count, letters)
  }
  return {
    levels,
    blocksX,
    blocksY,
    median: percentileOf(total, 0.5),
    ink: percentileOf(total, 0.008),
    isBlank: rangeOf(total) <= BLANK_RANGE_MAX,
    noise: percentile(deviations, 0.25) / Math.sqrt(6),
    xHeight: letterHeight.mode(letters),
  }
}

export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The value of a histogram below which this share lies. */
export function percentileOf(histogram: ArrayLike<number>, share: number): number {
  let all = 0
  for (let value = 0; value < histogram.length; value++) all += histogram[value]!
  let below = 0
  for (let value = 0; value < histogram.length; value++) {
    below += histogram[value]!
    if (below > share * all) return value
  }
  return 0
}

function rangeOf(histogram: Float64Array): number {
  const darkest = histogram.findIndex((count) => count > 0)
  return histogram.findLastIndex((count) => count > 0) - darkest
}

function measureBlocks(
  rows: Uint8Array,
  width: number,
  levels: Uint8Array,
  blocksX: number,
  total: Float64Array,
): void {
  const histograms = new Uint32Array(blocksX * 256)
  for (let start = 0; start < rows.length; start += width) {
    for (let x = 0; x < width; x++) histograms[((x >> 5) << 8) | rows[start + x]!]!++
  }
  for (let block = 0; block < blocksX; block++) {
    const histogram = histograms.subarray(block * 256, block * 256 + 256)
    levels[block] = percentileOf(histogram, 0.8)
    for (let value = 0; value < 256; value++) total[value]! += histogram[value]!
  }
}

/** Deviation of the second horizontal difference, block by block: print is an exception in most blocks, grain is everywhere. */
function measureNoise(rows: Uint8Array, width: number, deviations: number[]): void {
  for (let left = 1; left + NOISE_BLOCK < width; left += NOISE_BLOCK) {
    let sum = 0
    let squares = 0
    for (let y = 0; y < NOISE_BLOCK; y++) {
      const start = y * width
      for (let x = left; x < left + NOISE_BLOCK; x++) {
        const difference = rows[start + x - 1]! - 2 * rows[start + x]! + rows[start + x + 1]!
        sum += difference
        squares += difference * difference
      }
    }
    const count = NOISE_BLOCK * NOISE_BLOCK
    deviations.push(Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)))
  }
}

function chooseSlices(height: number): { y: number; count: number }[] {
  const slices = Math.min(SLICES_MAX, Math.max(1, Math.floor(height / SLICE_ROWS)))
  const count = Math.min(SLICE_ROWS, height)
  return Array.from({ length: slices }, (_, index) => ({
    y: Math.round(((height - count) * (slices === 1 ? 0.5 : index)) / Math.max(1, slices - 1)),
    count,
  }))
}
