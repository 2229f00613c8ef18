/** Pictures for tests of extraction: pages of text as a scanner would deliver them, and headers that lie. */
import { crc32, deflateSync } from 'node:zlib'
import type { GrayPicture } from './pdf.ts'

/** An uncompressed gray TIFF with one frame for each picture. */
export function makeTiff(frames: readonly GrayPicture[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')]
  let length = 8
  let pointer: { part: Buffer; at: number } = { part: parts[0]!, at: 4 }
  const add = (part: Buffer) => {
    parts.push(part)
    length += part.length
  }
  for (const { width, height, pixels } of frames) {
    const strip = length
    add(Buffer.from(pixels))
    if (length % 2 === 1) add(Buffer.alloc(1))
    const directory = tiffDirectory([
      [256, width],
      [257, height],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, strip],
      [277, 1],
      [278, height],
      [279, pixels.length],
    ])
    pointer.part.writeUInt32LE(length, pointer.at)
    pointer = { part: directory, at: directory.length - 4 }
    add(directory)
  }
  return Buffer.concat(parts)
}

function tiffDirectory(entries: readonly [tag: number, value: number][]): Buffer {
  const LONG = 4
  const directory = Buffer.alloc(2 + entries.length * 12 + 4)
  directory.writeUInt16LE(entries.length, 0)
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 2 + index * 12
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(LONG, at + 2)
    directory.writeUInt32LE(1, at + 4)
    directory.writeUInt32LE(value, at + 8)
  }
  return directory
}

/** A PNG whose header claims this size, and which holds one row at most. */
export function makePngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const row = deflateSync(Buffer.alloc(Math.min(width, 65_536) + 1))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', row),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}
