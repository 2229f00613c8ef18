/**
 * A data folder with many passages, made of the question sets: each once as it is, then all of them again and again with variation.
 *
 * In a collection that grows, known words become more frequent in proportion, and new ones keep coming (Heaps: V ~ N^0.55). So in
 * each repetition a fifth of the rarer words, another fifth each time, is replaced by words that stand nowhere else. The common
 * ones stay: the frequencies of what people ask with grow as the collection does.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type EvaluationDocument, openSearch, splitWords } from '../../src/search.ts'
import { migrate, openStorage } from '../../src/storage.ts'
import { openCollection, type QuestionSet } from './question-sets.ts'

export interface LargeCorpus {
  folder: string
  passages: number
  indexMs: number
  /** Database with a plain full-text table `plain (text)` of the same passages. */
  plainFile: string
}

const FIGURES = 'large-corpus.json'
const PASSAGES_PER_COMMIT = 200
/** What is written at once shares transactions. */
const DOCUMENTS_AT_ONCE = 20
const MERGES_MAX = 20
const RARE_SHARE_MAX = 1 / 1000
const REPLACED_EVERY = 5

/** Built once: a folder that holds one already is used as it is. */
export async function openLargeCorpus(
  folder: string,
  passagesMin: number,
  sets: readonly QuestionSet[],
  say: (line: string) => void,
): Promise<LargeCorpus> {
  const figures = join(folder, FIGURES)
  const plainFile = join(folder, 'plain.sqlite')
  if (existsSync(figures)) return { ...JSON.parse(readFileSync(figures, 'utf8')), folder, plainFile }
  mkdirSync(folder, { recursive: true })
  const built = await build(folder, passagesMin, sets, say)
  say('Building the plain full-text table …')
  buildPlain(join(folder, 'knowbot.sqlite'), plainFile)
  writeFileSync(figures, JSON.stringify(built))
  return { ...built, folder, plainFile }
}

async function build(
  folder: string,
  passagesMin: number,
  sets: readonly QuestionSet[],
  say: (line: string) => void,
): Promise<{ passages: number; indexMs: number }> {
  migrate(folder)
  await using storage = openStorage(folder, { role: 'web' })
  const search = openSearch(storage)
  const { addDocument } = await storage.database.write(openCollection)
  const documents = sets.flatMap((set) => set.documents)
  const rare = rareWords(documents)
  let passages = 0
  let indexMs = 0
  const add = async (document: EvaluationDocument) => {
    const { rows } = await storage.database.write((tx) => addDocument(tx, document, search))
    for (let i = 0; i < rows.length; i += PASSAGES_PER_COMMIT) {
      await storage.database.write((tx) => search.add(tx, rows.slice(i, i + PASSAGES_PER_COMMIT)))
    }
    passages += rows.length
  }
  for (let round = 0; passages < passagesMin; round++) {
    const varied = round === 0 ? documents : documents.map((document) => vary(document, round, rare))
    const startedAt = performance.now()
    for (let i = 0; i < varied.length && (round === 0 || passages < passagesMin); i += DOCUMENTS_AT_ONCE) {
      await Promise.all(varied.slice(i, i + DOCUMENTS_AT_ONCE).map(add))
      // As a job worker does after documents.
      for (let merges = 0; merges < MERGES_MAX && (await storage.database.write(search.mergeSome)); ) merges++
      storage.database.checkpoint()
    }
    indexMs += performance.now() - startedAt
    say(`${passages} passages, ${Math.round((1000 * passages) / indexMs)} a second`)
  }
  await storage.database.emptyLog()
  return { passages, indexMs }
}

function rareWords(documents: readonly EvaluationDocument[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  let words = 0
  for (const { text } of documents) {
    for (const { text: word } of splitWords(text)) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
      words += 1
    }
  }
  // A passage has about a hundred words.
  const most = (RARE_SHARE_MAX * words) / 100
  return new Set([...counts].flatMap(([word, count]) => (count <= most && /^\p{L}{4,}$/u.test(word) ? [word] : [])))
}

function vary(document: EvaluationDocument, round: number, rare: ReadonlySet<string>): EvaluationDocument {
  const text = document.text.replace(/\p{L}{4,}/gu, (word) => {
    const lower = word.toLowerCase()
    return rare.has(lower) && hash(lower, round) % REPLACED_EVERY === 0 ? word + ending(round) : word
  })
  return { ...document, text, file: `${round}-${document.file}` }
}

/** FNV-1a. */
function hash(word: string, round: number): number {
  let value = 0x811c9dc5 ^ round
  for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193)
  return value >>> 0
}

function ending(round: number): string {
  return `q${String.fromCharCode(97 + (round % 26), 97 + (Math.floor(round / 26) % 26))}`
}

function buildPlain(from: string, to: string): void {
  const database = new DatabaseSync(to)
  database.exec(`
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
    CREATE VIRTUAL TABLE plain USING fts5 (text, content = '', tokenize = 'porter unicode61');
  `)
  database.prepare('ATTACH ? AS full').run(from)
  database.exec('INSERT INTO plain (rowid, text) SELECT id, text FROM full.passages')
  database.close()
}
