/**
 * Vectors in few bytes. Two forms of each: its *signs*, some bits, by which a scan finds what may be near; and its numbers
 * in eight bits with one scale, by which those few are put in order.
 *
 *     vector   scale (float32, little endian), then one int8 per number
 *     block    up to 256 entries of uint32: passage, reading, then the signs, 32 in each
 *
 * Signs are taken of the difference to a centre, turned: models put all texts into one corner of the space, where all signs are
 * alike.
 */

export const BLOCK_ENTRIES_MAX = 256
const SCALE_BYTES = 4
/** Passage and reading. */
export const ENTRY_HEAD = 2

export function quantise(vector: Float32Array): Uint8Array {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  const scale = largest / 127
  const bytes = new Uint8Array(SCALE_BYTES + vector.length)
  new DataView(bytes.buffer).setFloat32(0, scale, true)
  const numbers = new Int8Array(bytes.buffer, SCALE_BYTES)
  for (let d = 0; d < vector.length; d++) numbers[d] = scale === 0 ? 0 : Math.round(vector[d]! / scale)
  return bytes
}

/** The product of a vector and a quantised one: of unit length, their cosine. */
export function similarity(vector: Float32Array, bytes: Uint8Array): number {
  const scale = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true)
  const numbers = new Int8Array(bytes.buffer, bytes.byteOffset + SCALE_BYTES, bytes.length - SCALE_BYTES)
  let sum = 0
  for (let d = 0; d < numbers.length; d++) sum += vector[d]! * numbers[d]!
  return sum * scale
}

/** Fewer say too little of which of two is nearer. */
const SIGNS_MIN = 512

/** 32-bit words that hold the signs of one vector. */
export function signWords(dimension: number): number {
  return signCount(dimension) / 32
}

/** A power of two, so that the turn below is quick. */
function signCount(dimension: number): number {
  return Math.max(SIGNS_MIN, 2 ** Math.ceil(Math.log2(dimension)))
}

export function signsOf(vector: Float32Array, centre: Float32Array): Uint32Array {
  const turned = new Float32Array(signCount(vector.length))
  for (let d = 0; d < vector.length; d++) turned[d] = vector[d]! - centre[d]!
  turn(turned, 1)
  turn(turned, 2)
  const words = new Uint32Array(turned.length / 32)
  for (let d = 0; d < turned.length; d++) {
    if (turned[d]! > 0) words[d >> 5]! |= 1 << (d & 31)
  }
  return words
}

/**
 * A turn of the space that is always the same and looks random: signs by chance, then Walsh and Hadamard's transform. Every
 * number of the result then says something of every number of the vector, and as many signs differ as the angle is wide
 * (Charikar, STOC 2002), also for vectors of which most numbers are zero.
 */
function turn(numbers: Float32Array, round: number): void {
  for (let d = 0; d < numbers.length; d++) {
    if (Math.imul(d + 1, 0x9e3779b1 * round) & 0x8000) numbers[d] = -numbers[d]!
  }
  for (let half = 1; half < numbers.length; half *= 2) {
    for (let from = 0; from < numbers.length; from += 2 * half) {
      for (let d = from; d < from + half; d++) {
        const [a, b] = [numbers[d]!, numbers[d + half]!]
        numbers[d] = a + b
        numbers[d + half] = a - b
      }
    }
  }
}

/** How many of 32 bits are set. */
export function countBits(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

export interface BlockEntry {
  passageId: number
  readingId: number
  signs: Uint32Array
}

/** Entries behind those that are there. */
export function appendEntries(block: Uint32Array, entries: readonly BlockEntry[]): Uint32Array {
  const size = ENTRY_HEAD + (entries[0]?.signs.length ?? 0)
  const longer = new Uint32Array(block.length + entries.length * size)
  longer.set(block)
  for (const [index, { passageId, readingId, signs }] of entries.entries()) {
    const at = block.length + index * size
    longer[at] = passageId
    longer[at + 1] = readingId
    longer.set(signs, at + ENTRY_HEAD)
  }
  return longer
}

/** The block without the entries of these passages. */
export function withoutPassages(block: Uint32Array, dimension: number, passageIds: ReadonlySet<number>): Uint32Array {
  const size = ENTRY_HEAD + signWords(dimension)
  const kept = new Uint32Array(block.length)
  let length = 0
  for (let at = 0; at < block.length; at += size) {
    if (passageIds.has(block[at]!)) continue
    kept.set(block.subarray(at, at + size), length)
    length += size
  }
  return kept.slice(0, length)
}

export function* passagesIn(block: Uint32Array, dimension: number): Generator<number> {
  const size = ENTRY_HEAD + signWords(dimension)
  for (let at = 0; at < block.length; at += size) yield block[at]!
}

export function toBytes(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

/** A copy only where the bytes do not lie on a border of four. */
export function toWords(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4)
}

export function toNumbers(bytes: Uint8Array): Float32Array {
  const words = toWords(bytes)
  return new Float32Array(words.buffer, words.byteOffset, words.length)
}
