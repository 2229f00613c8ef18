/**
 * In which passages a token stands, from the full-text index: row ids and nothing else. FTS5 hands a list over in one value, at a
 * tenth of a microsecond per passage; its own ranking takes ten times as long, and a row per passage sixty times.
 */
import type { Reader } from '../storage.ts'

/** Passages with what speaks for each so far; ids ascend. */
export interface Postings {
  ids: Float64Array
  scores: Float32Array
}

export const NO_POSTINGS: Postings = { ids: new Float64Array(0), scores: new Float32Array(0) }

/** Row ids, both included. */
export interface IdRange {
  from: number
  to: number
}

/** The passages of a range that match an expression of FTS5, with one score for all. */
export function readPostings(reader: Reader, match: string, score: number, { from, to }: IdRange): Postings {
  const row = reader.get<{ ids: string | null }>(
    'SELECT group_concat(rowid) AS ids FROM lexical_1 WHERE lexical_1 MATCH ? AND rowid BETWEEN ? AND ?',
    match,
    from,
    to,
  )
  const ids = parseIds(row?.ids ?? '')
  return { ids, scores: new Float32Array(ids.length).fill(score) }
}

const COMMA = 44
const ZERO = 48

/** Numbers with commas between them. Faster than to split and convert: nothing is made but the numbers. */
export function parseIds(text: string): Float64Array {
  if (text === '') return NO_POSTINGS.ids
  let count = 1
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === COMMA) count++
  const ids = new Float64Array(count)
  let at = 0
  let id = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === COMMA) {
      ids[at++] = id
      id = 0
    } else id = id * 10 + code - ZERO
  }
  ids[at] = id
  return ids
}

/** What stands in either, scores added up. */
export function union(a: Postings, b: Postings): Postings {
  if (a.ids.length === 0) return b
  if (b.ids.length === 0) return a
  const ids = new Float64Array(a.ids.length + b.ids.length)
  const scores = new Float32Array(ids.length)
  let i = 0
  let j = 0
  let n = 0
  while (i < a.ids.length || j < b.ids.length) {
    const first = i < a.ids.length ? a.ids[i]! : Infinity
    const second = j < b.ids.length ? b.ids[j]! : Infinity
    ids[n] = Math.min(first, second)
    scores[n] = (first <= second ? a.scores[i++]! : 0) + (second <= first ? b.scores[j++]! : 0)
    n++
  }
  return { ids: ids.subarray(0, n), scores: scores.subarray(0, n) }
}

/** What of `a` stands in a list of ascending ids, if there is one. */
export function within(a: Postings, allowed: Float64Array | undefined): Postings {
  if (!allowed) return a
  const ids = new Float64Array(Math.min(a.ids.length, allowed.length))
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
  const least = share * scores.reduce((most, score) => Math.max(most, score), 0)
  return scores.reduce((count, score) => (score >= least ? count + 1 : count), 0)
}

/** Scores are told apart down to this share of the highest. */
const STEPS = 2048

/** The ids, highest score first; of equals the lowest id, or the highest. Counts instead of comparing: there may be tens of thousands. */
export function bestFirst({ ids, scores }: Postings, isNewestFirst = false): Float64Array {
  let highest = 0
  for (const score of scores) highest = Math.max(highest, score)
  const stepOf = (index: number) => STEPS - Math.round((scores[index]! / highest) * STEPS)
  const starts = new Uint32Array(STEPS + 2)
  for (let i = 0; i < ids.length; i++) starts[stepOf(i) + 1]! += 1
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!
  const sorted = new Float64Array(ids.length)
  for (let n = 0; n < ids.length; n++) {
    const i = isNewestFirst ? ids.length - 1 - n : n
    sorted[starts[stepOf(i)]!++] = ids[i]!
  }
  return sorted
}
