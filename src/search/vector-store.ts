/**
 * Vectors as rows, and their signs in blocks that a scan reads one after the other. Both change in one transaction, and both go
 * with their passages: nothing of what was removed is left in either.
 */
import type { Reader, Transaction } from '../storage.ts'
import type { Generation } from './generations.ts'
import {
  appendEntries,
  BLOCK_ENTRIES_MAX,
  passagesIn,
  quantise,
  signsOf,
  toBytes,
  toNumbers,
  toWords,
  withoutPassages,
} from './vector-codes.ts'

export interface NewVector {
  passageId: number
  readingId: number
  /** Unit length. */
  vector: Float32Array
}

/** The first vectors of a generation give it its dimension and its centre. */
export function addVectors(tx: Transaction, generation: Generation, vectors: readonly NewVector[]): void {
  if (vectors.length === 0) return
  const centre = generation.centre ? toNumbers(generation.centre) : setCentre(tx, generation.id, vectors)
  for (let at = 0; at < vectors.length; ) {
    const open = openBlock(tx, generation.id)
    const next = vectors.slice(at, at + BLOCK_ENTRIES_MAX - open.entries)
    const entries = next.map(({ passageId, readingId, vector }) => ({
      passageId,
      readingId,
      signs: signsOf(vector, centre),
    }))
    tx.run(
      'UPDATE vector_blocks SET entries = ?, codes = ? WHERE id = ?',
      open.entries + next.length,
      toBytes(appendEntries(open.codes, entries)),
      open.id,
    )
    for (const { passageId, vector } of next) {
      tx.run(
        'INSERT INTO vectors (passage_id, generation_id, block_id, vector) VALUES (?, ?, ?, ?)',
        passageId,
        generation.id,
        open.id,
        quantise(vector),
      )
    }
    at += next.length
  }
  tx.run('UPDATE index_generations SET passages = passages + ? WHERE id = ?', vectors.length, generation.id)
}

function setCentre(tx: Transaction, generationId: number, vectors: readonly NewVector[]): Float32Array {
  const dimension = vectors[0]!.vector.length
  const centre = new Float32Array(dimension)
  for (const { vector } of vectors) {
    for (let d = 0; d < dimension; d++) centre[d]! += vector[d]! / vectors.length
  }
  const bytes = new Uint8Array(centre.buffer)
  tx.run('UPDATE index_generations SET dimension = ?, centre = ? WHERE id = ?', dimension, bytes, generationId)
  return centre
}

/** A block with room: removing makes holes, and they are filled first. */
function openBlock(tx: Transaction, generationId: number): { id: number; entries: number; codes: Uint32Array } {
  const open = tx.get<{ id: number; entries: number; codes: Uint8Array }>(
    `SELECT id, entries, codes FROM vector_blocks WHERE generation_id = ? AND entries < ${BLOCK_ENTRIES_MAX} LIMIT 1`,
    generationId,
  )
  if (open) return { ...open, codes: toWords(open.codes) }
  const { lastId: id } = tx.run(
    `INSERT INTO vector_blocks (generation_id, entries, codes) VALUES (?, 0, x'')`,
    generationId,
  )
  return { id, entries: 0, codes: new Uint32Array(0) }
}

/** Removes up to `limit` vectors of a reading, of every generation; answers how many. */
export function removeVectors(tx: Transaction, readingId: number, limit: number): number {
  const rows = tx.all<StoredAt>(
    `SELECT passage_id AS passageId, generation_id AS generationId, block_id AS blockId
     FROM passages CROSS JOIN vectors ON passage_id = passages.id WHERE reading_id = ? LIMIT ?`,
    readingId,
    limit,
  )
  removeStored(tx, rows)
  if (rows.length === 0) tx.run('DELETE FROM embedded_readings WHERE reading_id = ?', readingId)
  return rows.length
}

interface StoredAt {
  passageId: number
  generationId: number
  blockId: number
}

function removeStored(tx: Transaction, rows: readonly StoredAt[]): void {
  for (const [blockId, ofBlock] of Map.groupBy(rows, (row) => row.blockId)) {
    const generationId = ofBlock[0]!.generationId
    const block = tx.get<{ codes: Uint8Array; dimension: number }>(
      `SELECT codes, dimension FROM vector_blocks JOIN index_generations ON index_generations.id = generation_id
       WHERE vector_blocks.id = ?`,
      blockId,
    )
    const passageIds = new Set(ofBlock.map((row) => row.passageId))
    if (block)
      shrinkBlock(tx, blockId, withoutPassages(toWords(block.codes), block.dimension, passageIds), ofBlock.length)
    for (const { passageId } of ofBlock) {
      tx.run('DELETE FROM vectors WHERE passage_id = ? AND generation_id = ?', passageId, generationId)
    }
    tx.run('UPDATE index_generations SET passages = passages - ? WHERE id = ?', ofBlock.length, generationId)
  }
}

function shrinkBlock(tx: Transaction, id: number, codes: Uint32Array, removed: number): void {
  if (codes.length === 0) tx.run('DELETE FROM vector_blocks WHERE id = ?', id)
  else tx.run('UPDATE vector_blocks SET entries = entries - ?, codes = ? WHERE id = ?', removed, toBytes(codes), id)
}

/** One step of taking a discarded generation away; false once nothing of it is left. */
export function removeGenerationStep(tx: Transaction, generation: Generation): boolean {
  const block = tx.get<{ id: number; codes: Uint8Array }>(
    'SELECT id, codes FROM vector_blocks WHERE generation_id = ? LIMIT 1',
    generation.id,
  )
  if (!block) {
    tx.run('DELETE FROM embedded_readings WHERE generation_id = ?', generation.id)
    tx.run('DELETE FROM refused_passages WHERE generation_id = ?', generation.id)
    tx.run('DELETE FROM index_generations WHERE id = ?', generation.id)
    return false
  }
  for (const passageId of passagesIn(toWords(block.codes), generation.dimension ?? 0)) {
    tx.run('DELETE FROM vectors WHERE passage_id = ? AND generation_id = ?', passageId, generation.id)
  }
  tx.run('DELETE FROM vector_blocks WHERE id = ?', block.id)
  return true
}

/** The quantised vectors of these passages, where they are there. */
export function readVectors(
  reader: Reader,
  generationId: number,
  passageIds: readonly number[],
): { passageId: number; vector: Uint8Array }[] {
  return reader.all(
    `SELECT passage_id AS passageId, vector FROM json_each(?1) AS wanted
     CROSS JOIN vectors ON passage_id = wanted.value AND generation_id = ?2`,
    JSON.stringify(passageIds),
    generationId,
  )
}
