/** Another size, row by row: Lanczos with three lobes, widened when the page gets smaller. */
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'

const LOBES = 3

export async function resize(page: GrayFile, factor: number, path: string): Promise<GrayFile> {
  const width = Math.max(1, Math.round(page.width * factor))
  const height = Math.max(1, Math.round(page.height * factor))
  const across = weightsFor(page.width, width)
  const down = weightsFor(page.height, height)
  await using reader = await GrayReader.open(page)
  await using writer = await GrayWriter.create(path, width, height)
  // Rows that are narrow already, kept as long as a row of the result needs them.
  const kept = new Map<number, Float32Array>()
  const source = new Uint8Array(page.width)
  const out = new Uint8Array(width)
  let next = 0
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y]!
    for (; next < first + weights.length; next++) {
      await reader.read(next, source)
      kept.set(next, resizeRow(source, across))
    }
    for (const row of kept.keys()) if (row < first) kept.delete(row)
    const rows = weights.map((_, index) => kept.get(first + index)!)
    for (let x = 0; x < width; x++) {
      let value = 0
      for (let index = 0; index < weights.length; index++) value += weights[index]! * rows[index]![x]!
      out[x] = Math.max(0, Math.min(255, Math.round(value)))
    }
    await writer.write(y, out)
  }
  return writer.image
}

interface Weights {
  first: number
  weights: number[]
}

function resizeRow(source: Uint8Array, across: readonly Weights[]): Float32Array {
  const row = new Float32Array(across.length)
  for (let x = 0; x < row.length; x++) {
    const { first, weights } = across[x]!
    let value = 0
    for (let index = 0; index < weights.length; index++) value += weights[index]! * source[first + index]!
    row[x] = value
  }
  return row
}

/** For each pixel of the result, which of the source make it up. */
function weightsFor(from: number, to: number): Weights[] {
  const scale = from / to
  const stretch = Math.max(1, scale)
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale - 0.5
    const first = Math.max(0, Math.ceil(centre - LOBES * stretch))
    const last = Math.min(from - 1, Math.floor(centre + LOBES * stretch))
    const weights = Array.from({ length: last - first + 1 }, (_, offset) =>
      lanczos((first + offset - centre) / stretch),
    )
    const sum = weights.reduce((all, weight) => all + weight, 0)
    return { first, weights: weights.map((weight) => weight / sum) }
  })
}

function lanczos(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const angle = Math.PI * x
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle)
}
