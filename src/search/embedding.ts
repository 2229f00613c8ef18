/**
 * Passages to vectors, in the background: batches of passages that have none, for the active generation and for the one that is
 * being built. A batch is committed with what it completes, so that a kill loses the batch in hand and repeats none.
 */
import { KnowBotError } from '../errors.ts'
import type { Embedder } from '../inference.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import type { Reader, Transaction } from '../storage.ts'
import {
  activate,
  beginGeneration,
  discard,
  type Generation,
  generationById,
  noteTrouble,
  readGenerations,
} from './generations.ts'
import { titleText } from './lexical-index.ts'
import type { EmbedderOf } from './meaning.ts'
import { addVectors, type NewVector, removeGenerationStep } from './vector-store.ts'

export interface EmbeddingRun {
  /** A transaction of whoever runs this; throws when the work is not theirs any more. */
  commit<T>(change: (tx: Transaction) => T): Promise<T>
  /** Others wait: asked after every batch. */
  shouldStop(): boolean
  signal: AbortSignal
}

/** `done`: every document that people find has its vectors. `paused`: go on after so long; zero where others wait. */
export type EmbeddingOutcome = { state: 'done' } | { state: 'paused'; delayMs: number; reason: string }

const BATCH_PASSAGES_MAX = 64
/** A model that does not answer is asked again after 15 s, then twice as long each time. */
const PAUSE_MS = 15 * SECOND_MS
const PAUSE_MS_MAX = 10 * MINUTE_MS
const REST_MS = 5 * SECOND_MS

export async function embedWhatIsMissing(
  reader: Reader,
  embedderOf: EmbedderOf,
  run: EmbeddingRun,
): Promise<EmbeddingOutcome> {
  const cursors = new Map<number, Cursor>()
  const troubles = new Map<number, Extract<EmbeddingOutcome, { state: 'paused' }>>()
  for (;;) {
    let isBusy = false
    for (const generation of readGenerations(reader)) {
      if (generation.isDiscarded) {
        isBusy = (await run.commit((tx) => removeGenerationStep(tx, generation))) || isBusy
      } else if (generation.state !== 'retired' && !troubles.has(generation.id)) {
        const embedder = embedderOf(generation.model)
        const cursor = cursors.get(generation.id) ?? { before: Infinity, isFresh: true, restsUntil: 0 }
        cursors.set(generation.id, cursor)
        if (!embedder || performance.now() < cursor.restsUntil) continue
        const step = await embedBatch(reader, { generation, embedder, cursor }, run)
        if (step.state === 'paused') troubles.set(generation.id, step)
        else isBusy = step.state === 'went-on' || isBusy
      }
    }
    run.signal.throwIfAborted()
    if (!isBusy) break
    if (run.shouldStop()) return { state: 'paused', delayMs: 0, reason: 'Others wait.' }
  }
  // The soonest: what is built must not wait for the model before it, which may be gone for good.
  return [...troubles.values()].toSorted((a, b) => a.delayMs - b.delayMs)[0] ?? { state: 'done' }
}

/** Whether a document that people find lacks its vectors, or something is to be taken away. */
export function isVectorWorkLeft(reader: Reader, embedderOf: EmbedderOf): boolean {
  return readGenerations(reader).some(({ id, state, model, isDiscarded }) => {
    if (isDiscarded) return true
    if (state === 'retired' || !embedderOf(model)) return false
    return state === 'building' || nextReadings(reader, id, Infinity, 1).length > 0
  })
}

/** Documents are taken newest first, downwards, so that what was done is not looked at again before the end. */
interface Cursor {
  /** Documents with a smaller row id are to come. */
  before: number
  /** Nothing was skipped since the top. */
  isFresh: boolean
  /** Complete a moment ago: beside a long build nobody need look again after each of its batches. */
  restsUntil: number
}

interface Work {
  generation: Generation
  embedder: Embedder
  cursor: Cursor
}

type Step = { state: 'went-on' | 'complete' } | Extract<EmbeddingOutcome, { state: 'paused' }>

async function embedBatch(reader: Reader, work: Work, run: EmbeddingRun): Promise<Step> {
  const { generation, embedder, cursor } = work
  const batch = collect(reader, generation.id, cursor)
  if (batch.length === 0) {
    const isFromTop = cursor.isFresh
    Object.assign(cursor, { before: Infinity, isFresh: true })
    // Documents may have come above the cursor meanwhile: only a look from the top says that nothing is left.
    if (!isFromTop) return { state: 'went-on' }
    if (generation.state === 'building') {
      await run.commit((tx) => completeBuild(tx, generation))
      return { state: 'went-on' }
    }
    cursor.restsUntil = performance.now() + REST_MS
    return { state: 'complete' }
  }
  const passages = batch.flatMap((one) => one.passages)
  try {
    const vectors = await embedder.embedPassages(passages.map(textOf), run.signal)
    const dimension = vectors.find((vector) => vector)?.length
    await run.commit((tx) => keep(tx, generation.id, batch, vectors, dimension))
    return { state: 'went-on' }
  } catch (error) {
    if (!(error instanceof KnowBotError) || !error.code.startsWith('model_')) throw error
    await run.commit((tx) => noteTrouble(tx, generation.id, error))
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** generation.failures)
    return {
      state: 'paused',
      delayMs: Math.max(pauseMs, (error.retryAfterS ?? 0) * SECOND_MS),
      reason: error.message,
    }
  }
}

interface Batch {
  documentId: number
  readingId: number
  passages: PassageToEmbed[]
  /** With these the reading has all its vectors. */
  isWhole: boolean
}

interface PassageToEmbed {
  id: number
  readingId: number
  title: string
  heading: string
  text: string
}

/** The next passages without a vector, of as many documents as fit. */
function collect(reader: Reader, generationId: number, cursor: Cursor): Batch[] {
  const batch: Batch[] = []
  let room = BATCH_PASSAGES_MAX
  for (const { documentId, readingId } of nextReadings(reader, generationId, cursor.before, BATCH_PASSAGES_MAX)) {
    const passages = missingPassages(reader, generationId, readingId, room + 1)
    const isWhole = passages.length <= room
    batch.push({ documentId, readingId, passages: passages.slice(0, room), isWhole })
    cursor.isFresh = false
    if (isWhole) cursor.before = documentId
    room -= passages.length
    if (room <= 0) break
  }
  return batch
}

function nextReadings(
  reader: Reader,
  generationId: number,
  before: number,
  limit: number,
): { documentId: number; readingId: number }[] {
  return reader.all(
    `SELECT id AS documentId, reading_id AS readingId FROM documents
     WHERE id < ? AND reading_id IS NOT NULL AND deleted_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM embedded_readings AS done WHERE done.reading_id = documents.reading_id AND done.generation_id = ?)
     ORDER BY id DESC LIMIT ?`,
    Math.min(before, Number.MAX_SAFE_INTEGER),
    generationId,
    limit,
  )
}

function missingPassages(reader: Reader, generationId: number, readingId: number, limit: number): PassageToEmbed[] {
  return reader.all(
    `SELECT passages.id, passages.reading_id AS readingId, coalesce(readings.title, '') AS title, heading, text
     FROM passages JOIN readings ON readings.id = passages.reading_id
     WHERE passages.reading_id = ?1
       AND NOT EXISTS (SELECT 1 FROM vectors WHERE passage_id = passages.id AND generation_id = ?2)
       AND NOT EXISTS (SELECT 1 FROM refused_passages WHERE passage_id = passages.id AND generation_id = ?2)
     ORDER BY page, ordinal LIMIT ?3`,
    readingId,
    generationId,
    limit,
  )
}

/** What the words of a passage stand under is part of what it means. */
function textOf({ title, heading, text }: PassageToEmbed): string {
  return [titleText(title), heading, text].filter((part) => part !== '').join('\n')
}

/** What was deleted or read anew meanwhile, and what became of the generation, is looked at again under the lock. */
function keep(
  tx: Transaction,
  generationId: number,
  batch: readonly Batch[],
  vectors: readonly (Float32Array | undefined)[],
  dimension: number | undefined,
): void {
  const generation = generationById(tx, generationId)
  if (!generation || generation.isDiscarded || generation.state === 'retired') return
  if (dimension !== undefined && generation.dimension !== null && generation.dimension !== dimension) {
    replaceGeneration(tx, generation)
    return
  }
  const kept: NewVector[] = []
  let next = 0
  for (const { documentId, readingId, passages, isWhole } of batch) {
    const mine = vectors.slice(next, next + passages.length)
    next += passages.length
    const isFound = tx.get(
      'SELECT 1 FROM documents WHERE id = ? AND reading_id = ? AND deleted_at IS NULL',
      documentId,
      readingId,
    )
    if (!isFound) continue
    for (const [index, vector] of mine.entries()) {
      const passageId = passages[index]!.id
      if (vector) kept.push({ passageId, readingId, vector })
      // It is found by its words.
      else tx.run('INSERT INTO refused_passages (passage_id, generation_id) VALUES (?, ?)', passageId, generationId)
    }
    if (!isWhole) continue
    tx.run('INSERT OR IGNORE INTO embedded_readings (generation_id, reading_id) VALUES (?, ?)', generationId, readingId)
  }
  addVectors(tx, generation, kept)
  if (generation.errorCode !== null) {
    tx.run(
      'UPDATE index_generations SET failures = 0, error_code = NULL, error_message = NULL WHERE id = ?',
      generationId,
    )
  }
}

/** The same name, and vectors of another dimension: it is another model now. The vectors that are there answer until it is built. */
function replaceGeneration(tx: Transaction, { id, state, model }: Generation): void {
  const now = Date.now()
  if (state === 'building') discard(tx, id, now)
  else if (readGenerations(tx).some((one) => one.state === 'building')) return
  beginGeneration(tx, model, now)
}

/** Looked at under the lock: what became ready since the last look is embedded first. */
function completeBuild(tx: Transaction, { id }: Generation): void {
  const generation = generationById(tx, id)
  if (generation?.state !== 'building' || generation.isDiscarded) return
  if (nextReadings(tx, id, Infinity, 1).length === 0) activate(tx, id, Date.now())
}
