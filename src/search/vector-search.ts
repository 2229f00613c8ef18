/**
 * The passages that lie nearest to a vector, among those that the caller may see: what is outside the scope is left out before
 * anything is ranked. A small scope is compared one by one; in a larger one the signs say which few hundred are worth that.
 *
 * Everything is read in pieces of some hundred kilobytes, and between them others may go first.
 */
import type { Reader } from '../storage.ts'
import type { Generation } from './generations.ts'
import { conditionOf, type Scope } from './scope.ts'
import { openTurn, type Turn } from './turn.ts'
import { countBits, ENTRY_HEAD, signsOf, similarity, toNumbers, toWords } from './vector-codes.ts'
import { readVectors } from './vector-store.ts'

export interface Near {
  passageId: number
  /** Cosine. */
  similarity: number
}

export interface Nearest {
  /** Best first. */
  near: Near[]
  /** Of the passages of the scope beside the nearest: what says nothing. */
  average: number
}

export interface VectorQuestion {
  generation: Generation
  vector: Float32Array
  scope: Scope
  limit: number
}

/** Up to so many vectors are compared one by one: 5 to 10 ms. */
const EXACT_MAX = 2000
/** Of the signs' choice, so many for each that is wanted: signs err by some ranks. */
const OVERSAMPLE = 8
/** Vectors that stand for all, for their average. */
const SAMPLE = 64
const BLOCKS_AT_ONCE = 8
const DOCUMENTS_AT_ONCE = 2000
const READINGS_AT_ONCE = 20

export async function findNearest(reader: Reader, question: VectorQuestion): Promise<Nearest> {
  const turn = openTurn()
  const { readings, passages } = await readingsIn(reader, question.scope, turn)
  if (readings.size === 0) return { near: [], average: 0 }
  await turn.pause()
  return passages <= EXACT_MAX
    ? compareAll(reader, question, [...readings], turn)
    : compareLikely(reader, question, { readings, passages }, turn)
}

/** Of these passages, where they have a vector. */
export function similaritiesOf(
  reader: Reader,
  generation: Generation,
  vector: Float32Array,
  passageIds: readonly number[],
): Near[] {
  return readVectors(reader, generation.id, passageIds).map(({ passageId, vector: bytes }) => ({
    passageId,
    similarity: similarity(vector, bytes),
  }))
}

/** The readings that may be found, and how many passages they have. */
async function readingsIn(
  reader: Reader,
  scope: Scope,
  turn: Turn,
): Promise<{ readings: Set<number>; passages: number }> {
  const { sql, values } = conditionOf(scope)
  const readings = new Set<number>()
  let passages = 0
  for (let after = ''; ; ) {
    const rows = reader.all<{ publicId: string; readingId: number; passages: number }>(
      `SELECT public_id AS publicId, reading_id AS readingId, passages FROM documents
       WHERE ${sql} AND reading_id IS NOT NULL AND public_id > ?7 ORDER BY public_id LIMIT ?8`,
      ...values,
      after,
      DOCUMENTS_AT_ONCE,
    )
    for (const row of rows) {
      readings.add(row.readingId)
      passages += row.passages
    }
    if (rows.length < DOCUMENTS_AT_ONCE) return { readings, passages }
    after = rows.at(-1)!.publicId
    await turn.pause()
  }
}

async function compareAll(
  reader: Reader,
  { generation, vector, limit }: VectorQuestion,
  readings: readonly number[],
  turn: Turn,
): Promise<Nearest> {
  const found: Near[] = []
  for (let at = 0; at < readings.length; at += READINGS_AT_ONCE) {
    const rows = reader.iterate<{ passageId: number; bytes: Uint8Array }>(
      `SELECT passage_id AS passageId, vector AS bytes FROM json_each(?1) AS reading
       CROSS JOIN passages ON reading_id = reading.value
       CROSS JOIN vectors ON passage_id = passages.id AND generation_id = ?2`,
      JSON.stringify(readings.slice(at, at + READINGS_AT_ONCE)),
      generation.id,
    )
    for (const { passageId, bytes } of rows) {
      found.push({ passageId, similarity: similarity(vector, bytes) })
    }
    await turn.pause()
  }
  // Before it is cut to the nearest.
  const average = averageWithoutNearest(found)
  return { near: best(found, limit), average }
}

async function compareLikely(
  reader: Reader,
  { generation, vector, limit }: VectorQuestion,
  { readings, passages }: { readings: ReadonlySet<number>; passages: number },
  turn: Turn,
): Promise<Nearest> {
  const signs = signsOf(vector, toNumbers(generation.centre!))
  const likely = new Closest(limit * OVERSAMPLE, 32 * signs.length)
  const sample = new Sample(Math.max(1, Math.floor(passages / SAMPLE)))
  for (let after = 0; ; ) {
    const blocks = reader.all<{ id: number; codes: Uint8Array }>(
      'SELECT id, codes FROM vector_blocks WHERE generation_id = ? AND id > ? ORDER BY id LIMIT ?',
      generation.id,
      after,
      BLOCKS_AT_ONCE,
    )
    for (const { codes } of blocks) {
      scanBlock(toWords(codes), signs, readings, { likely, sample })
      await turn.pause()
    }
    if (blocks.length < BLOCKS_AT_ONCE) break
    after = blocks.at(-1)!.id
    await turn.pause()
  }
  await turn.pause()
  const compare = (ids: readonly number[]) => similaritiesOf(reader, generation, vector, ids)
  return { near: best(compare(likely.passages()), limit), average: averageWithoutNearest(compare(sample.passages)) }
}

/**
 * How many signs differ, for every entry of the scope that may be among the closest: what differs too often in the first half of
 * its signs is not looked at further. A half is off by its share by more than three standard deviations in one of a thousand.
 */
function scanBlock(
  block: Uint32Array,
  signs: Uint32Array,
  readings: ReadonlySet<number>,
  { likely, sample }: { likely: Closest; sample: Sample },
): void {
  const size = ENTRY_HEAD + signs.length
  const half = signs.length >> 1
  const margin = 0.75 * Math.sqrt(32 * signs.length)
  let last = -1
  let isInside = false
  for (let at = 0; at < block.length; at += size) {
    const reading = block[at + 1]!
    // Passages of one reading stand together.
    if (reading !== last) {
      last = reading
      isInside = readings.has(reading)
    }
    if (!isInside) continue
    sample.offer(block[at]!)
    const from = at + ENTRY_HEAD
    let distance = 0
    for (let word = 0; word < half; word++) distance += countBits(block[from + word]! ^ signs[word]!)
    if (distance > likely.farthest / 2 + margin) continue
    for (let word = half; word < signs.length; word++) distance += countBits(block[from + word]! ^ signs[word]!)
    likely.add(block[at]!, distance)
  }
}

/** Every so many of what is offered. */
class Sample {
  readonly passages: number[] = []
  readonly #step: number
  #offered = 0

  constructor(step: number) {
    this.#step = step
  }

  offer(passageId: number): void {
    if (this.#offered++ % this.#step === 0) this.passages.push(passageId)
  }
}

/** The entries with the smallest distances, in bounded room: distances are small whole numbers, so that counting them sorts. */
class Closest {
  readonly #limit: number
  readonly #counts: Uint32Array
  /** Beyond it nothing is kept. */
  farthest: number
  #passages: number[] = []
  #distances: number[] = []

  constructor(limit: number, signs: number) {
    this.#limit = limit
    this.farthest = signs
    this.#counts = new Uint32Array(this.farthest + 1)
  }

  add(passageId: number, distance: number): void {
    if (distance > this.farthest) return
    this.#passages.push(passageId)
    this.#distances.push(distance)
    this.#counts[distance]!++
    if (this.#passages.length >= 2 * this.#limit) this.#prune()
  }

  passages(): number[] {
    this.#prune()
    return this.#passages
  }

  /** Keeps the closest; of those that are equally far, the first that came. */
  #prune(): void {
    let kept = 0
    let farthest = 0
    while (farthest < this.#counts.length - 1 && kept + this.#counts[farthest]! < this.#limit) {
      kept += this.#counts[farthest++]!
    }
    let room = this.#limit - kept
    const isKept = (distance: number) => distance < farthest || (distance === farthest && room-- > 0)
    const [passages, distances] = [this.#passages, this.#distances]
    this.#passages = []
    this.#distances = []
    this.#counts.fill(0)
    for (let i = 0; i < passages.length; i++) {
      if (!isKept(distances[i]!)) continue
      this.#passages.push(passages[i]!)
      this.#distances.push(distances[i]!)
      this.#counts[distances[i]!]!++
    }
    this.farthest = farthest
  }
}

function best(found: Near[], limit: number): Near[] {
  return found.sort((a, b) => b.similarity - a.similarity || a.passageId - b.passageId).slice(0, limit)
}

/** Of a single passage, 0. */
function averageWithoutNearest(found: readonly Near[]): number {
  const nearest = Math.max(...found.map((one) => one.similarity))
  const others = found.length - 1
  return others < 1 ? 0 : (found.reduce((sum, one) => sum + one.similarity, 0) - nearest) / others
}
