/**
 * What it costs to look through many vectors, and how much the signs miss.
 *
 *     node bench/vectors.ts [VECTORS] [DIMENSION]     100,000 of 768 numbers unless said otherwise
 *
 * The vectors are made by chance around 200 subjects, as passages are; a question lies near one of them. Milliseconds of
 * processor time of this thread for one question, its vector given: on a busy machine the wall says little. A turn is what of it
 * was spent between two rounds of the event loop. *Found* is the share of the ten
 * nearest, compared one by one, that is among the ten found. Memory is the anonymous part of the process beyond what it had before.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noFilters } from '../src/search/filters.ts'
import { activeGeneration, beginGeneration } from '../src/search/generations.ts'
import { quantise, similarity } from '../src/search/vector-codes.ts'
import { findNearest } from '../src/search/vector-search.ts'
import { addVectors } from '../src/search/vector-store.ts'
import { openSearch } from '../src/search.ts'
import { migrate, openStorage } from '../src/storage.ts'
import { openCollection } from './support/question-sets.ts'

const [vectors = 100_000, dimension = 768] = process.argv.slice(2).map(Number)
const SUBJECTS = 200
const PER_DOCUMENT = 50
const QUESTIONS = 50
const LIMIT = 50

const random = seededRandom(7)
const subjects = Array.from({ length: SUBJECTS }, () => direction())
const folder = mkdtempSync(join(tmpdir(), 'knowbot-bench-'))
migrate(folder)
{
  await using storage = openStorage(folder, { role: 'job' })
  const { database } = storage
  const { all, ms } = await fill()
  const generation = activeGeneration(database)!
  const scope = { collectionIds: [1], filters: noFilters() }
  const before = anonymousMb()
  const times: number[] = []
  const turns: number[] = []
  let found = 0
  for (let n = 0; n < QUESTIONS; n++) {
    const vector = near(subjects[n % SUBJECTS]!, 0.5)
    const watch = watchTurns()
    const startedAt = ownMs()
    const { near: hits } = await findNearest(database, { generation, vector, scope, limit: LIMIT })
    times.push(ownMs() - startedAt)
    turns.push(watch())
    const exact = all
      .map((bytes, index) => ({ passageId: index + 1, similarity: similarity(vector, bytes) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 10)
    const ids = new Set(hits.slice(0, 10).map((hit) => hit.passageId))
    found += exact.filter(({ passageId }) => ids.has(passageId)).length / 10 / QUESTIONS
  }
  const at = (list: number[], share: number) =>
    list.toSorted((a, b) => a - b)[Math.floor(share * list.length)]!.toFixed(1)
  const size = database.get<{ bytes: number }>(`SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE 'vector%'`)!
  print('| vectors | dimension | kB each | added /s | p50 ms | p95 ms | longest turn p50 | max | found | memory MB |')
  print('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  const cells = [vectors, dimension, (size.bytes / vectors / 1000).toFixed(2), Math.round((1000 * vectors) / ms)]
  const rest = [at(times, 0.5), at(times, 0.95), at(turns, 0.5), at(turns, 0.999), `${(100 * found).toFixed(1)} %`]
  print(`| ${[...cells, ...rest, anonymousMb() - before].join(' | ')} |`)

  async function fill(): Promise<{ all: Uint8Array[]; ms: number }> {
    const search = openSearch(storage)
    const { addDocument } = await database.write(openCollection)
    await database.write((tx) => {
      beginGeneration(tx, 'bench', 0)
      tx.run(`UPDATE index_generations SET state = 'active' WHERE kind = 'vector'`)
    })
    const all: Uint8Array[] = []
    let ms = 0
    for (let n = 0; n < vectors; n += PER_DOCUMENT) {
      const batch = Array.from({ length: PER_DOCUMENT }, () => near(subjects[Math.floor(random() * SUBJECTS)]!, 0.8))
      const startedAt = ownMs()
      await database.write((tx) => {
        const file = { id: String(n), title: '', file: `${n}.txt`, text: '' }
        addDocument(tx, file, search)
        const { id: readingId } = tx.get<{ id: number }>('SELECT max(id) AS id FROM readings')!
        tx.run('UPDATE documents SET passages = ? WHERE reading_id = ?', PER_DOCUMENT, readingId)
        const rows = batch.map((vector) => ({
          vector,
          readingId,
          passageId: tx.run(
            `INSERT INTO passages (document_id, reading_id, page, ordinal, start, "end", text) VALUES (?1, ?1, 1, 0, 0, 0, '')`,
            readingId,
          ).lastId,
        }))
        addVectors(tx, activeGeneration(tx)!, rows)
      })
      ms += ownMs() - startedAt
      all.push(...batch.map(quantise))
    }
    return { all, ms }
  }
}
rmSync(folder, { recursive: true, force: true })

/** Answers the longest turn of the event loop. */
function watchTurns(): () => number {
  let longest = 0
  let last = ownMs()
  let isOver = false
  const look = () => {
    const now = ownMs()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    isOver = true
    return Math.max(longest, ownMs() - last)
  }
}

function ownMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function near(subject: Float32Array, noise: number): Float32Array {
  const other = direction()
  return unit(subject.map((value, d) => value + noise * other[d]!))
}

function direction(): Float32Array {
  const vector = new Float32Array(dimension)
  for (let d = 0; d < dimension; d++) vector[d] = random() - 0.5
  return unit(vector)
}

function unit(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  for (let d = 0; d < vector.length; d++) vector[d]! /= length
  return vector
}

function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function anonymousMb(): number {
  const kilobytes = /^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Math.round(Number(kilobytes ?? 0) / 1000)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
