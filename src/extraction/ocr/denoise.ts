/** Median of 3 × 3 pixels: grain goes, strokes of three pixels and more stay. For noisy pages only; it costs others a little. */
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'

export async function denoise(page: GrayFile, path: string): Promise<GrayFile> {
  const { width, height } = page
  await using reader = await GrayReader.open(page)
  await using writer = await GrayWriter.create(path, width, height)
  let above = new Uint8Array(width)
  let row = new Uint8Array(width)
  let below = new Uint8Array(width)
  const out = new Uint8Array(width)
  await reader.read(0, row)
  above.set(row)
  for (let y = 0; y < height; y++) {
    await reader.read(Math.min(height - 1, y + 1), below)
    medianRow(above, row, below, out)
    await writer.write(y, out)
    ;[above, row, below] = [row, below, above]
  }
  return writer.image
}

/** Median of nine as the median of: largest of the column minima, median of the medians, smallest of the maxima. */
function medianRow(above: Uint8Array, row: Uint8Array, below: Uint8Array, out: Uint8Array): void {
  const last = row.length - 1
  const [low, middle, high] = [new Uint8Array(row.length), new Uint8Array(row.length), new Uint8Array(row.length)]
  for (let x = 0; x <= last; x++) {
    const [a, b, c] = [above[x]!, row[x]!, below[x]!]
    low[x] = Math.min(a, b, c)
    high[x] = Math.max(a, b, c)
    middle[x] = a + b + c - low[x]! - high[x]!
  }
  for (let x = 0; x <= last; x++) {
    const [left, right] = [Math.max(0, x - 1), Math.min(last, x + 1)]
    out[x] = median(
      Math.max(low[left]!, low[x]!, low[right]!),
      median(middle[left]!, middle[x]!, middle[right]!),
      Math.min(high[left]!, high[x]!, high[right]!),
    )
  }
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
