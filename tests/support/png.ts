/** Copies of one picture that look the same and are different files. */
import { crc32 } from 'node:zlib'

/** The same picture with a comment (PNG specification, tEXt) before its end. */
export function withTextChunk(png: Buffer, comment: string): Buffer<ArrayBuffer> {
  const end = png.lastIndexOf('IEND') - 4
  const body = Buffer.from(`tEXtComment\0${comment}`, 'latin1')
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), 4 + body.length)
  return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)])
}
