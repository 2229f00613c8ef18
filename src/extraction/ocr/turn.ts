/** A page turned clockwise, without holding it: from the end, or in strips of columns. */
import type { Turn } from './engine.ts'
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'

const STRIP_COLUMNS = 256

export async function turnPage(page: GrayFile, turn: Turn, path: string): Promise<GrayFile> {
  await using reader = await GrayReader.open(page)
  const { width, height } = page
  const isUpright = turn === 0 || turn === 180
  await using writer = await GrayWriter.create(path, isUpright ? width : height, isUpright ? height : width)
  if (isUpright) {
    for await (const { y, rows, count } of reader.pieces()) {
      await writer.write(turn === 0 ? y : height - y - count, turn === 0 ? rows : rows.reverse())
    }
    return writer.image
  }
  for (let left = 0; left < width; left += STRIP_COLUMNS) {
    const columns = Math.min(STRIP_COLUMNS, width - left)
    const strip = await columnsAsRows(reader, left, columns, turn)
    await writer.write(turn === 90 ? left : width - left - columns, strip)
  }
  return writer.image
}

/** The columns as rows of the turned page, in the order in which they stand there. */
async function columnsAsRows(reader: GrayReader, left: number, columns: number, turn: Turn): Promise<Uint8Array> {
  const { width, height } = reader.image
  const strip = new Uint8Array(columns * height)
  for await (const { y, rows, count } of reader.pieces()) {
    for (let row = 0; row < count; row++) {
      const x = turn === 90 ? height - 1 - (y + row) : y + row
      for (let column = 0; column < columns; column++) {
        const target = turn === 90 ? column : columns - 1 - column
        strip[target * height + x] = rows[row * width + left + column]!
      }
    }
  }
  return strip
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Where a box of the turned page lies on the page as it was. */
export function turnBack({ x, y, width, height }: Box, turn: Turn, page: { width: number; height: number }): Box {
  switch (turn) {
    case 0:
      return { x, y, width, height }
    case 180:
      return { x: page.width - x - width, y: page.height - y - height, width, height }
    case 90:
      return { x: y, y: page.height - x - width, width: height, height: width }
    case 270:
      return { x: page.width - y - height, y: x, width: height, height: width }
  }
}

/** The middle of a page: orientation fails on whole pages in uneven light, and is found in here. */
export async function cropMiddle(page: GrayFile, side: number, path: string): Promise<GrayFile> {
  const width = Math.min(side, page.width)
  const height = Math.min(side, page.height)
  const [left, top] = [(page.width - width) >> 1, (page.height - height) >> 1]
  await using reader = await GrayReader.open(page)
  await using writer = await GrayWriter.create(path, width, height)
  const row = new Uint8Array(width)
  for (let y = 0; y < height; y++) {
    await reader.readPart(left, top + y, row)
    await writer.write(y, row)
  }
  return writer.image
}
