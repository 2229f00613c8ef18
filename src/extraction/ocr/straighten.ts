/**
 * Lines of text made level. Each slice of the page is asked for the shear under which its rows are most jagged (full of
 * print, then empty); a robust line through the answers also straightens a photo whose lines fan out.
 */
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'

const SLICES_MAX = 8
const SLICE_ROWS_MIN = 200
const COLUMN_STEP = 4
/** About 4 degrees. */
const SHEAR_MAX = 0.07
const COARSE_STEP = 0.005
const FINE_STEP = 0.001
/** Below, the engine does not mind. */
const SHEAR_MIN = 0.003
const POINTS_MIN = 200
/** How much more jagged than unsheared: less is chance. */
const GAIN_MIN = 1.15
/** An edge of print: this much darker than the pixel below. */
const EDGE_MIN = 64

/** Rows that a line falls for each column to the right: at the top of the page, and more for each row below. */
export interface Shear {
  atTop: number
  perRow: number
}

export async function findShear(page: GrayFile): Promise<Shear | undefined> {
  await using reader = await GrayReader.open(page)
  const slices = Math.max(1, Math.min(SLICES_MAX, Math.floor(page.height / SLICE_ROWS_MIN)))
  const rows = Math.floor(page.height / slices)
  const found: { y: number; shear: number }[] = []
  for (let slice = 0; slice < slices; slice++) {
    const shear = jaggedest(await edgePoints(reader, slice * rows, rows), page.width, rows)
    if (shear !== undefined) found.push({ y: (slice + 0.5) * rows, shear })
  }
  const line = robustLine(found)
  const largest = line && Math.max(Math.abs(line.atTop), Math.abs(line.atTop + line.perRow * page.height))
  return largest !== undefined && largest >= SHEAR_MIN && largest <= 2 * SHEAR_MAX ? line : undefined
}

export function shearAt({ atTop, perRow }: Shear, y: number): number {
  return atTop + perRow * y
}

/** Each pixel comes from the row where its line runs, between two rows when need be. */
export async function straighten(page: GrayFile, shear: Shear, path: string): Promise<GrayFile> {
  const { width, height } = page
  const middle = width / 2
  const reach = Math.ceil(Math.max(Math.abs(shearAt(shear, 0)), Math.abs(shearAt(shear, height))) * middle) + 1
  const band = 64
  await using reader = await GrayReader.open(page)
  await using writer = await GrayWriter.create(path, width, height)
  const window = new Uint8Array((band + 2 * reach + 1) * width)
  const out = new Uint8Array(band * width)
  for (let top = 0; top < height; top += band) {
    const count = Math.min(band, height - top)
    const first = Math.max(0, top - reach)
    const last = Math.min(height, top + count + reach + 1)
    await reader.read(first, window.subarray(0, (last - first) * width))
    for (let y = top; y < top + count; y++) {
      const slope = shearAt(shear, y)
      const start = (y - top) * width
      for (let x = 0; x < width; x++) {
        const from = y + slope * (x - middle)
        const upper = Math.floor(from)
        out[start + x] =
          upper < 0 || upper + 1 >= height ? 255 : between(window, (upper - first) * width + x, width, from - upper)
      }
    }
    await writer.write(top, out.subarray(0, count * width))
  }
  return writer.image
}

function between(window: Uint8Array, upper: number, width: number, share: number): number {
  return window[upper]! * (1 - share) + window[upper + width]! * share
}

/** Lower edges of print: baselines are what lines are straight by. As pairs of x and y. */
async function edgePoints(reader: GrayReader, top: number, count: number): Promise<Int32Array> {
  const { width } = reader.image
  const rows = new Uint8Array(count * width)
  await reader.read(top, rows)
  const points: number[] = []
  for (let y = 0; y + 1 < count; y++) {
    for (let index = y * width, end = index + width; index < end; index += COLUMN_STEP) {
      if (rows[index + width]! - rows[index]! > EDGE_MIN) points.push(index - y * width, y)
    }
  }
  return Int32Array.from(points)
}

function jaggedest(points: Int32Array, width: number, rows: number): number | undefined {
  if (points.length / 2 < POINTS_MIN) return undefined
  const margin = Math.ceil((SHEAR_MAX * width) / 2) + 1
  const profile = new Float64Array(rows + 2 * margin)
  const at = (shear: number) => jaggedness(points, shear, width / 2, margin, profile)
  const level = at(0)
  const coarse = best(at, 0, SHEAR_MAX, COARSE_STEP)
  const fine = best(at, coarse.shear, COARSE_STEP, FINE_STEP)
  return fine.value < level * GAIN_MIN ? 0 : fine.shear
}

function best(
  at: (shear: number) => number,
  around: number,
  reach: number,
  step: number,
): { shear: number; value: number } {
  let found = { shear: around, value: at(around) }
  for (let shear = around - reach; shear <= around + reach + step / 2; shear += step) {
    const limited = Math.max(-SHEAR_MAX, Math.min(SHEAR_MAX, shear))
    const value = at(limited)
    if (value > found.value) found = { shear: limited, value }
  }
  return found
}

function jaggedness(points: Int32Array, shear: number, middle: number, margin: number, profile: Float64Array): number {
  profile.fill(0)
  for (let index = 0; index < points.length; index += 2) {
    profile[Math.round(points[index + 1]! - shear * (points[index]! - middle)) + margin]!++
  }
  let sum = 0
  for (let row = 1; row < profile.length; row++) sum += (profile[row]! - profile[row - 1]!) ** 2
  return sum
}

/** Theil and Sen: the median of all slopes, then the median of what is left, so that one wrong slice does not matter. */
function robustLine(points: readonly { y: number; shear: number }[]): Shear | undefined {
  if (points.length === 0) return undefined
  const slopes = points.flatMap((a, index) => points.slice(index + 1).map((b) => (b.shear - a.shear) / (b.y - a.y)))
  const perRow = points.length < 3 ? 0 : medianOf(slopes)
  return { atTop: medianOf(points.map(({ y, shear }) => shear - perRow * y)), perRow }
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
