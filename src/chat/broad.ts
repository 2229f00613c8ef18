/**
 * Answers that no single passage holds: a summary, or all there is of something. The sources are sentences from all pages of the
 * documents that are meant, as far as there is room, and the answer says how far that was.
 */
import type { Log } from '../lib/log.ts'
import type { Database } from '../storage.ts'
import { printPages } from './coverage.ts'
import { type DigestSentence, digestsOf } from './digests.ts'
import { documentsNamed, type LibraryDocument, readableDocuments } from './library.ts'
import { unmarked } from './markers.ts'
import { findMentions, type Mention, topicOf } from './mentions.ts'
import type { OfferedSource } from './pages.ts'
import type { Scope } from './scope.ts'
import { isAboutSeveral, isGeneral, type Wish } from './wishes.ts'
import type { Wording } from './wording.ts'

export interface Broad {
  kind: 'summary' | 'list'
  /** Sentences, in the order of documents and pages. */
  sources: OfferedSource[]
  /** The numbers of those to quote where no model writes. */
  quoted: number[]
  /** What stands before the quotes. */
  lead: string
  /** What was looked through, and what was not. */
  coverage: string
  /** What was done, for people. */
  label: string
}

export interface BroadServices {
  database: Database
  log: Log
  wording: Wording
}

/** Of all documents together. Reading so many takes a second on a small machine. */
const PAGES_MAX = 2000
/** What a list of sources may hold: eight times what a model is given at once. */
const SOURCES_MAX = 400
/** As many as people read. */
const SUMMARY_QUOTES_MAX = 12
const LIST_QUOTES_MAX = 30

type BroadWish = Extract<Wish, { kind: 'summary' | 'list' }>

/** Undefined where the question means no documents as a whole: then it is one for passages. */
export async function gather(
  services: BroadServices,
  wish: BroadWish,
  scope: Scope,
  signal: AbortSignal,
): Promise<Broad | undefined> {
  const documents = readableDocuments(services.database, scope)
  return wish.kind === 'summary'
    ? gatherSummary(services, documents, wish.about, signal)
    : gatherList(services, documents, wish.about, signal)
}

async function gatherSummary(
  services: BroadServices,
  documents: readonly LibraryDocument[],
  about: string,
  signal: AbortSignal,
): Promise<Broad | undefined> {
  const meant = meantBy(documents, about)
  if (meant.length === 0) return undefined
  const read = await readDigests(services, meant, signal)
  const sentences = chooseEvenly(read)
  const sources = toSources(services.database, sentences)
  if (sources.length === 0) return undefined
  const names = meant.length === 1 ? unmarked(meant[0]!.name) : services.wording.documents(meant.length)
  const isNewest = meant.length === 1 && documents.length > 1 && isGeneral(about)
  return {
    kind: 'summary',
    sources,
    quoted: spread(sources, SUMMARY_QUOTES_MAX),
    lead: `${isNewest ? `${services.wording.newestIs(documents.length, names)} ` : ''}${services.wording.standsFor(names)}`,
    coverage: services.wording.madeFrom(coverageOf(meant, pagesOf(sources), countPages(read), services.wording)),
    label: `Chose ${sources.length} sentences from ${counted(countPages(read), 'page')} of ${names}`,
  }
}

async function gatherList(
  { database, wording }: BroadServices,
  documents: readonly LibraryDocument[],
  about: string,
  signal: AbortSignal,
): Promise<Broad | undefined> {
  const { topic, where } = topicOf(about, (name) => isGeneral(name) || documentsNamed(documents, name).length > 0)
  const meant = where === '' || isGeneral(where) ? documents : documentsNamed(documents, where)
  const found = await findMentions(database, meant, topic, { pagesMax: PAGES_MAX, mentionsMax: SOURCES_MAX, signal })
  if (found.mentions.length === 0) return undefined
  const sources = toSources(database, found.mentions)
  const quoted = sources.slice(0, LIST_QUOTES_MAX).map(({ n }) => n)
  const shown = quoted.length < sources.length ? ` ${wording.firstOfThem(quoted.length)}` : ''
  const looked = meant.filter(({ documentId }) => found.looked.has(documentId))
  const used = new Map([...found.looked].map(([documentId, pages]) => [documentId, pagesUpTo(pages)]))
  return {
    kind: 'list',
    sources,
    quoted,
    lead: `${wording.mentions(sources.length, unmarked(topic), found.hasMore)}${shown}`,
    coverage: wording.lookedThrough(
      coverageOf(
        meant,
        used,
        sum(looked, ({ documentId }) => found.looked.get(documentId)!),
        wording,
      ),
    ),
    label: `Looked through ${counted(sum([...found.looked.values()], Number), 'page')} for “${topic}”`,
  }
}

/** By name; or the only one, the newest, or all of them, as it is said. */
function meantBy(documents: readonly LibraryDocument[], about: string): LibraryDocument[] {
  if (!isGeneral(about)) return documentsNamed(documents, about)
  return isAboutSeveral(about) || about === '' ? [...documents] : documents.slice(0, 1)
}

interface ReadDocument {
  document: LibraryDocument
  pages: { page: number; sentences: DigestSentence[] }[]
}

async function readDigests(
  services: BroadServices,
  documents: readonly LibraryDocument[],
  signal: AbortSignal,
): Promise<ReadDocument[]> {
  const read: ReadDocument[] = []
  let left = PAGES_MAX
  for (const document of documents) {
    if (left <= 0) break
    const pages = await digestsOf(services, document.readingId, left, signal)
    read.push({ document, pages })
    left -= pages.length
  }
  return read
}

/** First the best sentence of every page, then the second, then the third; where not even the first all fit, of pages at equal distances. */
function chooseEvenly(read: readonly ReadDocument[]): Mention[] {
  const chosen: Mention[] = []
  for (let rank = 0; chosen.length < SOURCES_MAX; rank++) {
    const next = read.flatMap(({ document, pages }) =>
      pages.flatMap(({ page, sentences }) =>
        sentences.slice(rank, rank + 1).map((range) => ({ document, page, ...range })),
      ),
    )
    if (next.length === 0) break
    chosen.push(...everyNth(next, SOURCES_MAX - chosen.length))
  }
  const order = new Map(read.map(({ document }, index) => [document, index]))
  return chosen.sort((a, b) => order.get(a.document)! - order.get(b.document)! || a.page - b.page || a.start - b.start)
}

function everyNth<T>(items: readonly T[], countMax: number): T[] {
  if (items.length <= countMax) return [...items]
  return Array.from({ length: countMax }, (_, index) => items[Math.floor((index * items.length) / countMax)]!)
}

/** The numbers of so many sources at equal distances: of each part the first sentence. */
function spread(sources: readonly OfferedSource[], countMax: number): number[] {
  return everyNth(sources, countMax).map(({ n }) => n)
}

function toSources(database: Database, mentions: readonly Mention[]): OfferedSource[] {
  const texts = new Map<string, string>()
  const textOf = (readingId: number, page: number) => {
    const key = `${readingId}/${page}`
    if (texts.has(key)) return texts.get(key)!
    texts.clear() // They come page by page: more than one at a time is not needed.
    const row = database.get<{ text: string }>(
      'SELECT text FROM pages WHERE reading_id = ? AND number = ?',
      ...[readingId, page],
    )
    texts.set(key, row?.text ?? '')
    return row?.text ?? ''
  }
  return mentions
    .map(({ document: { documentId, name, readingId }, page, start, end }) => {
      const text = textOf(readingId, page).slice(start, end)
      return { documentId, name, readingId, page, start, end, text, heading: '' }
    })
    .filter(({ text }) => text !== '')
    .map((source, index) => ({ n: index + 1, ...source }))
}

function pagesOf(sources: readonly OfferedSource[]): Map<string, number[]> {
  const pages = new Map<string, Set<number>>()
  for (const { documentId, page } of sources) {
    const known = pages.get(documentId) ?? new Set()
    pages.set(documentId, known.add(page))
  }
  return new Map([...pages].map(([documentId, numbers]) => [documentId, [...numbers]]))
}

const NAMES_MAX = 3

function coverageOf(
  documents: readonly LibraryDocument[],
  used: ReadonlyMap<string, readonly number[]>,
  looked: number,
  wording: Wording,
): string {
  const touched = documents.filter(({ documentId }) => used.has(documentId))
  const total = sum(documents, ({ pages }) => pages)
  if (documents.length <= NAMES_MAX) {
    const each = touched.map(({ documentId, name, pages }) => {
      const numbers = used.get(documentId)!
      return wording.partOf(printPages(numbers, wording), numbers.length, pages, unmarked(name))
    })
    return each.join('; ')
  }
  return wording.share(touched.length, documents.length, looked, total)
}

function countPages(read: readonly ReadDocument[]): number {
  return sum(read, ({ pages }) => pages.length)
}

function pagesUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
