/**
 * Digests of pages: the sentences that stand for a page when a question is about all of them. Chosen without a model, by the words
 * that the page keeps coming back to; made when somebody first asks, kept for whoever asks next.
 */
import type { Log } from '../lib/log.ts'
import { splitSentences, splitWords } from '../search.ts'
import type { Database, Transaction } from '../storage.ts'
import { stemOf } from './stems.ts'

export interface DigestSentence {
  start: number
  end: number
  /** 0 and more. */
  weight: number
}

export interface PageDigest {
  page: number
  /** Best first; none where the page has no sentence. */
  sentences: DigestSentence[]
}

const SENTENCES_MAX = 3
/** Of a page: what is beyond is not read for a digest. */
const PAGE_LENGTH_MAX = 20_000
const SENTENCE_LENGTH = { min: 25, max: 400 }
const WORDS_MIN = 4
/** Shorter words of alphabets are mostly grammar. */
const WORD_LENGTH_MIN = 4
/** Others may go first after so long. */
const SLICE_MS = 5
const PAGES_PER_WRITE = 100

/** Pure: the same text has the same digest. */
export function digestText(text: string): DigestSentence[] {
  const read = text.slice(0, PAGE_LENGTH_MAX)
  const sentences = splitSentences(read).filter(({ start, end }) => isReadable(read.slice(start, end)))
  const words = sentences.map(({ start, end }) => topicWords(read.slice(start, end)))
  const counts = new Map<string, number>()
  for (const word of words.flat()) counts.set(word, (counts.get(word) ?? 0) + 1)
  return sentences
    .map(({ start, end }, index) => ({ start, end, weight: weigh(words[index]!, counts, index / sentences.length) }))
    .sort((a, b) => b.weight - a.weight || a.start - b.start)
    .slice(0, SENTENCES_MAX)
}

function weigh(words: readonly string[], counts: ReadonlyMap<string, number>, place: number): number {
  const distinct = new Set(words)
  let weight = 0
  for (const word of distinct) weight += Math.log2(1 + counts.get(word)!)
  // By the root, so that neither long nor short sentences win by their length; pages begin with what they are about.
  return weight / Math.sqrt(distinct.size + 1) + (1 - place)
}

function isReadable(sentence: string): boolean {
  const { length } = sentence
  if (length > SENTENCE_LENGTH.max || /[?？]\s*$/.test(sentence)) return false
  // Lines of a table of contents, and tables.
  if (/(?:\.\s?){4,}|(?:\s\|\s.*){2,}|…{2,}/.test(sentence)) return false
  const letters = sentence.match(/\p{L}/gu)?.length ?? 0
  if (letters < length / 2) return false
  const isDense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(sentence)
  return isDense ? letters >= WORDS_MIN * 2 : length >= SENTENCE_LENGTH.min && splitWords(sentence).length >= WORDS_MIN
}

function topicWords(sentence: string): string[] {
  return splitWords(sentence)
    .filter(({ text }) => text.length >= WORD_LENGTH_MIN || text.charCodeAt(0) > 0x2fff)
    .map(({ text }) => stemOf(text))
}

export interface DigestServices {
  database: Database
  log: Log
}

/** Digests of the first pages of a reading, in their order; those that are missing are made and kept. */
export async function digestsOf(
  { database, log }: DigestServices,
  readingId: number,
  pagesMax: number,
  signal: AbortSignal,
): Promise<PageDigest[]> {
  const rows = database.all<{ page: number; sentences: string | null }>(
    `SELECT number AS page, sentences FROM pages
     LEFT JOIN page_digests ON page_digests.reading_id = pages.reading_id AND page_digests.page = pages.number
     WHERE pages.reading_id = ? ORDER BY number LIMIT ?`,
    ...[readingId, pagesMax],
  )
  const digests: PageDigest[] = []
  let made: PageDigest[] = []
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const { page, sentences } of rows) {
    signal.throwIfAborted()
    const digest = sentences === null ? makeDigest(database, readingId, page) : readDigest(page, sentences)
    digests.push(digest)
    if (sentences === null) made.push(digest)
    if (made.length === PAGES_PER_WRITE) {
      await keep({ database, log }, readingId, made)
      made = []
    }
    if (performance.now() < sliceEndsAt) continue
    await new Promise((resolve) => setImmediate(resolve))
    sliceEndsAt = performance.now() + SLICE_MS
  }
  if (made.length > 0) await keep({ database, log }, readingId, made)
  return digests
}

function makeDigest(database: Database, readingId: number, page: number): PageDigest {
  const row = database.get<{ text: string }>(
    'SELECT text FROM pages WHERE reading_id = ? AND number = ?',
    ...[readingId, page],
  )
  return { page, sentences: digestText(row?.text ?? '') }
}

function readDigest(page: number, sentences: string): PageDigest {
  const ranges = JSON.parse(sentences) as [number, number, number][]
  return { page, sentences: ranges.map(([start, end, weight]) => ({ start, end, weight: weight / 100 })) }
}

/** A disk that is full, or a document that is purged meanwhile, costs nobody their answer. */
async function keep(
  { database, log }: DigestServices,
  readingId: number,
  digests: readonly PageDigest[],
): Promise<void> {
  const write = (tx: Transaction) => {
    for (const { page, sentences } of digests) {
      const ranges = sentences.map(({ start, end, weight }) => [start, end, Math.round(weight * 100)])
      tx.run(
        `INSERT INTO page_digests (reading_id, page, sentences) SELECT ?1, ?2, ?3
         WHERE EXISTS (SELECT 1 FROM pages WHERE reading_id = ?1 AND number = ?2)
         ON CONFLICT DO NOTHING`,
        ...[readingId, page, JSON.stringify(ranges)],
      )
    }
  }
  await database.write(write).catch((error: unknown) => log.warn('digests-not-kept', { error: error as Error }))
}
