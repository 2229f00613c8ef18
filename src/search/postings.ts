/**
 * In which passages a token stands, from the full-text index: row ids and nothing else. FTS5 hands a list over in one value, at a
 * twentieth of a microsecond per passage; its own ranking takes ten times as long, and a row per passage sixty times.
 */
import type { Reader } from '../storage.ts'

/** Ids of passages, ascending. */
export type Ids = Uint32Array

/** A list of passages with what it says for each of them. */
export interface WeighedIds {
  ids: Ids
  weight: number
}

/** Passages with what speaks for each so far; ids ascend. */
export interface Postings {
  ids: Ids
  scores: Float32Array
}

export const NO_IDS: Ids = new Uint32Array(0)

/** Row ids, both included. */
export interface IdRange {
  from: number
  to: number
}

/**
 * The passages of a range that match an expression of FTS5. The bounds are cast because every number comes to SQLite as a float, and
 * FTS5 goes straight to the beginning of a range of integers alone: 15 microseconds, instead of a walk through all that lies before.
 */
export function readIds(reader: Reader, match: string, { from, to }: IdRange): Ids {
  const row = reader.get<{ ids: Uint8Array | null }>(
    `SELECT CAST(group_concat(rowid) AS BLOB) AS ids FROM lexical_1
     WHERE lexical_1 MATCH ? AND rowid BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)`,
    match,
    from,
    to,
  )
  return row?.ids ? parseIds(row.ids) : NO_IDS
}

const COMMA = 44
const ZERO = 48

/** Numbers with commas between them, in ASCII. Faster than to split and convert: nothing is made but the numbers. */
export function parseIds(text: Uint8Array): Ids {
  const ids = new Uint32Array((text.length + 1) >> 1)
  let at = 0
  let id = 0
  for (let i = 0; i < text.length; i++) {
    const code = text[i]!
    if (code === COMMA) {
      ids[at++] = id
      id = 0
    } else id = id * 10 + code - ZERO
  }
  if (text.length > 0) ids[at++] = id
  return ids.slice(0, at)
}

/** Ids that are added up at once: what this takes stays near the processor. */
const BLOCK = 1 << 16

/** What stands in any of the lists, weights added up in their order. Block by block of ids, each list read on where it was left. */
export function addUp(lists: readonly WeighedIds[]): Postings {
  const most = lists.reduce((sum, { ids }) => sum + ids.length, 0)
  const ids = new Uint32Array(most)
  const scores = new Float32Array(most)
  const sums = new Float32Array(BLOCK)
  const marks = new Uint32Array(BLOCK / 32)
  const places = lists.map(() => 0)
  let n = 0
  for (;;) {
    const block = nextBlock(lists, places)
    if (block === undefined) return { ids: ids.subarray(0, n), scores: scores.subarray(0, n) }
    for (const [index, { ids: list, weight }] of lists.entries()) {
      places[index] = addBlock(list, places[index]!, block, weight, sums, marks)
    }
    for (let word = 0; word < marks.length; word++) {
      for (let bits = marks[word]!; bits !== 0; bits &= bits - 1) {
        const offset = word * 32 + 31 - Math.clz32(bits & -bits)
        ids[n] = block + offset
        scores[n++] = sums[offset]!
        sums[offset] = 0
      }
      marks[word] = 0
    }
  }
}

/** Where the block begins that holds the lowest id which is not added yet. */
function nextBlock(lists: readonly WeighedIds[], places: readonly number[]): number | undefined {
  let lowest = Infinity
  for (const [index, { ids }] of lists.entries()) lowest = Math.min(lowest, ids[places[index]!] ?? Infinity)
  return lowest === Infinity ? undefined : lowest - (lowest % BLOCK)
}

/** Adds what a list holds of a block; answers where to read on. */
function addBlock(
  list: Ids,
  from: number,
  block: number,
  weight: number,
  sums: Float32Array,
  marks: Uint32Array,
): number {
  let at = from
  for (; at < list.length; at++) {
    const offset = list[at]! - block
    if (offset >= BLOCK) break
    sums[offset]! += weight
    marks[offset >>> 5]! |= 1 << offset
  }
  return at
}

/** What of `a` stands in a list of ascending ids, if there is one. */
export function within(a: Postings, allowed: Ids | undefined): Postings {
  if (!allowed) return a
  const ids = new Uint32Array(Math.min(a.ids.length, allowed.length))
  const scores = new Float32Array(ids.length)
  let n = 0
  for (let i = 0, j = 0; i < a.ids.length && j < allowed.length; ) {
    const difference = a.ids[i]! - allowed[j]!
    if (difference === 0) {
      ids[n] = a.ids[i]!
      scores[n++] = a.scores[i]!
    }
    if (difference <= 0) i++
    if (difference >= 0) j++
  }
  return { ids: ids.subarray(0, n), scores: scores.subarray(0, n) }
}

/** How many reach this share of the highest score. */
export function countAbove({ scores }: Postings, share: number): number {
  const least = share * highestOf(scores)
  let count = 0
  for (let i = 0; i < scores.length; i++) if (scores[i]! >= least) count++
  return count
}

/** Scores are told apart down to this share of the highest. */
const STEPS = 2048

/** The ids, highest score first; of equals the lowest id, or the highest. Counts instead of comparing: there may be tens of thousands. */
export function bestFirst({ ids, scores }: Postings, isNewestFirst = false): Ids {
  const highest = highestOf(scores)
  const steps = new Uint16Array(ids.length)
  const starts = new Uint32Array(STEPS + 2)
  for (let i = 0; i < ids.length; i++) {
    const step = STEPS - Math.round((scores[i]! / highest) * STEPS)
    steps[i] = step
    starts[step + 1]! += 1
  }
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!
  const sorted = new Uint32Array(ids.length)
  for (let n = 0; n < ids.length; n++) {
    const i = isNewestFirst ? ids.length - 1 - n : n
    sorted[starts[steps[i]!]!++] = ids[i]!
  }
  return sorted
}

function highestOf(scores: Float32Array): number {
  let highest = 0
  for (let i = 0; i < scores.length; i++) if (scores[i]! > highest) highest = scores[i]!
  return highest
}
