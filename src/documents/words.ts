/**
 * The boxes of a page's words as one compact value: 28 bytes a word, little-endian.
 *
 *   u32 start · u32 end · f32 x · f32 y · f32 width · f32 height · f32 confidence (NaN: none)
 *
 * JSON would take about 90 bytes a word and an object for each when a page is listed. 24 bits of a float place a word on a
 * page of 16,000 units to a thousandth of one.
 */
import type { Word } from '../extraction.ts'

const WORD_BYTES = 28

export function packWords(words: readonly Word[]): Uint8Array {
  const bytes = new Uint8Array(words.length * WORD_BYTES)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { start, end, x, y, width, height, confidence } of words) {
    view.setUint32(at, start, true)
    view.setUint32(at + 4, end, true)
    view.setFloat32(at + 8, x, true)
    view.setFloat32(at + 12, y, true)
    view.setFloat32(at + 16, width, true)
    view.setFloat32(at + 20, height, true)
    view.setFloat32(at + 24, confidence ?? Number.NaN, true)
    at += WORD_BYTES
  }
  return bytes
}

export function unpackWords(bytes: Uint8Array): Word[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.byteLength / WORD_BYTES) }, (_, index) => {
    const at = index * WORD_BYTES
    const float = (offset: number) => rounded(view.getFloat32(at + offset, true))
    const confidence = float(24)
    return {
      start: view.getUint32(at, true),
      end: view.getUint32(at + 4, true),
      x: float(8),
      y: float(12),
      width: float(16),
      height: float(20),
      confidence: Number.isNaN(confidence) ? null : confidence,
    }
  })
}

/** As many digits as a 32-bit float holds: 12.3, not 12.300000190734863. */
function rounded(value: number): number {
  return Number(value.toPrecision(7))
}
