/** One pass over the rows that makes a photo look like a scan: no desk, dark on light, even light, no frame. */
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'
import { BLOCK, percentile, percentileOf, type Survey } from './survey.ts'

const DARK_PAGE_MEDIAN = 100
/** A page whose paper varies by this share, or is darker, or stands out less from its ink, gets even light. */
const UNEVEN_SHARE = 0.12
const PAPER_MIN = 200
const CONTRAST_MIN = 140
/** A desk that would be more than this of the picture is none. */
const DESK_SHARE_MAX = 0.85
const INK_SHARE = 0.008
/** Frames lie within this share of an edge and are darker than this share of the paper. */
const FRAME_SHARE = 0.06
const FRAME_LEVEL = 0.62
/** Rows that are looked at to find ink and frame before the pass. */
const SAMPLE_STEP = 8

interface Light {
  isDarkPage: boolean
  /** Blocks that are not paper. */
  desk: Uint8Array | undefined
  /** Paper level of each block; undefined where the light is even. */
  paper: Float32Array | undefined
  blocksX: number
  blocksY: number
}

export async function cleanPage(page: GrayFile, seen: Survey, path: string): Promise<GrayFile> {
  const light = planLight(seen)
  await using reader = await GrayReader.open(page)
  const { ink, columns } = await samplePage(reader, light)
  const stretch = stretchFrom(light.paper ? ink : 0)
  await using writer = await GrayWriter.create(path, page.width, page.height)
  const edge = Math.floor(page.height * FRAME_SHARE)
  for await (const { y, rows, count } of reader.pieces()) {
    for (let index = 0; index < count; index++) {
      const row = rows.subarray(index * page.width, (index + 1) * page.width)
      lightRow(row, y + index, light)
      if (light.paper) for (let x = 0; x < row.length; x++) row[x] = stretch[row[x]!]!
      for (const x of columns) row[x] = 255
      const nearEdge = y + index < edge || y + index >= page.height - edge
      if (nearEdge && mean(row) < 255 * FRAME_LEVEL) row.fill(255)
    }
    await writer.write(y, rows)
  }
  return writer.image
}

function planLight({ levels: seen, blocksX, blocksY, median, ink }: Survey): Light {
  const isDarkPage = median < DARK_PAGE_MEDIAN
  const levels = isDarkPage ? seen.map((level) => 255 - level) : seen
  const bright = percentile(levels, 0.9)
  const desk = isDarkPage ? undefined : findDesk(levels, blocksX, blocksY, bright)
  const dim = percentile(levels, 0.15)
  const contrast = isDarkPage ? 255 : bright - ink
  const isUneven =
    !isDarkPage && ((bright - dim) / bright > UNEVEN_SHARE || bright < PAPER_MIN || contrast < CONTRAST_MIN)
  const paper = isUneven ? paperField(levels, desk, blocksX, blocksY, bright) : undefined
  return { isDarkPage, desk, paper, blocksX, blocksY }
}

/** Dark blocks that touch the border through each other. */
function findDesk(levels: Uint8Array, blocksX: number, blocksY: number, bright: number): Uint8Array | undefined {
  const desk = new Uint8Array(levels.length)
  const border = (index: number) => {
    const [x, y] = [index % blocksX, Math.floor(index / blocksX)]
    return x === 0 || y === 0 || x === blocksX - 1 || y === blocksY - 1
  }
  const isDark = (index: number) => levels[index]! < bright / 2
  const open = [...levels.keys()].filter((index) => border(index) && isDark(index))
  let found = 0
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (desk[index] === 1) continue
    desk[index] = 1
    found++
    const x = index % blocksX
    const neighbours = [x > 0 ? index - 1 : -1, x < blocksX - 1 ? index + 1 : -1, index - blocksX, index + blocksX]
    open.push(...neighbours.filter((next) => next >= 0 && next < levels.length && desk[next] === 0 && isDark(next)))
  }
  return found === 0 || found > levels.length * DESK_SHARE_MAX ? undefined : desk
}

/** Block levels, each the largest of its neighbours (print does not darken paper), then smoothed. */
function paperField(
  levels: Uint8Array,
  desk: Uint8Array | undefined,
  blocksX: number,
  blocksY: number,
  bright: number,
): Float32Array {
  const known = (index: number) => desk?.[index] !== 1
  const largest = around(blocksX, blocksY, 1, (indices) =>
    Math.max(...indices.filter(known).map((index) => levels[index]!)),
  )
  return around(blocksX, blocksY, 2, (indices) => {
    const values = indices.map((index) => largest[index]!).filter((value) => value > 0)
    return values.length === 0 ? bright : values.reduce((sum, value) => sum + value, 0) / values.length
  })
}

function around(blocksX: number, blocksY: number, reach: number, combine: (indices: number[]) => number): Float32Array {
  return Float32Array.from({ length: blocksX * blocksY }, (_, index) => {
    const [x, y] = [index % blocksX, Math.floor(index / blocksX)]
    const indices: number[] = []
    for (let v = Math.max(0, y - reach); v <= Math.min(blocksY - 1, y + reach); v++) {
      for (let u = Math.max(0, x - reach); u <= Math.min(blocksX - 1, x + reach); u++) indices.push(v * blocksX + u)
    }
    return combine(indices)
  })
}

function lightRow(row: Uint8Array, y: number, { isDarkPage, desk, paper, blocksX, blocksY }: Light): void {
  if (isDarkPage) for (let x = 0; x < row.length; x++) row[x] = 255 - row[x]!
  if (paper) divideByPaper(row, y, paper, blocksX, blocksY)
  if (!desk) return
  const start = Math.floor(y / BLOCK) * blocksX
  for (let block = 0; block < blocksX; block++) {
    if (desk[start + block] === 1) row.fill(255, block * BLOCK, (block + 1) * BLOCK)
  }
}

/** The field is known at the middles of blocks and interpolated between them. */
function divideByPaper(row: Uint8Array, y: number, paper: Float32Array, blocksX: number, blocksY: number): void {
  const v = Math.min(blocksY - 1, Math.max(0, y / BLOCK - 0.5))
  const upper = Math.floor(v) * blocksX
  const lower = Math.min(blocksY - 1, Math.floor(v) + 1) * blocksX
  const share = v - Math.floor(v)
  const level = (block: number) => paper[upper + block]! * (1 - share) + paper[lower + block]! * share
  for (let x = 0; x < row.length; ) {
    const u = Math.min(blocksX - 1, Math.max(0, x / BLOCK - 0.5))
    const block = Math.floor(u)
    const from = level(block)
    const step = (level(Math.min(blocksX - 1, block + 1)) - from) / BLOCK
    let value = from + (u - block) * BLOCK * step
    // Up to the middle of the next block the field is a line.
    const end = Math.min(row.length, x < BLOCK / 2 ? BLOCK / 2 : (block + 1) * BLOCK + BLOCK / 2)
    const slope = x < BLOCK / 2 || block === blocksX - 1 ? 0 : step
    for (; x < end; x++, value += slope) row[x] = Math.min(255, (row[x]! * 255) / value)
    if (block === blocksX - 1) for (; x < row.length; x++) row[x] = Math.min(255, (row[x]! * 255) / value)
  }
}

/** How dark the ink will be, and which columns near an edge are a frame. */
async function samplePage(reader: GrayReader, light: Light): Promise<{ ink: number; columns: number[] }> {
  const { width, height } = reader.image
  const histogram = new Uint32Array(256)
  const sums = new Float64Array(width)
  const row = new Uint8Array(width)
  let rows = 0
  for (let y = 0; y < height; y += SAMPLE_STEP, rows++) {
    await reader.read(y, row)
    lightRow(row, y, light)
    for (let x = 0; x < width; x++) {
      histogram[row[x]!]!++
      sums[x]! += row[x]!
    }
  }
  const edge = Math.floor(width * FRAME_SHARE)
  const columns = [...sums.keys()].filter((x) => (x < edge || x >= width - edge) && sums[x]! / rows < 255 * FRAME_LEVEL)
  return { ink: percentileOf(histogram, INK_SHARE), columns }
}

/** Everything from the ink down becomes black, paper stays white. */
function stretchFrom(ink: number): Uint8Array {
  const black = Math.min(ink, 254)
  return Uint8Array.from({ length: 256 }, (_, value) =>
    Math.max(0, Math.round(((value - black) * 255) / (255 - black))),
  )
}

function mean(row: Uint8Array): number {
  let sum = 0
  for (const value of row) sum += value
  return sum / row.length
}
