/** Every sentence that speaks of something, page by page. The subject of a list is its first word; its other words make a sentence better. */
import { splitSentences, splitWords } from '../search.ts'
import type { Reader } from '../storage.ts'
import { datesOf } from './dates.ts'
import type { LibraryDocument } from './library.ts'
import { stemOf } from './stems.ts'

export interface Mention {
  document: LibraryDocument
  page: number
  start: number
  end: number
}

export interface Mentions {
  /** In the order of documents and pages. */
  mentions: Mention[]
  hasMore: boolean
  /** How many pages of each document were read, by its public id. */
  looked: Map<string, number>
}

export interface MentionLimits {
  pagesMax: number
  mentionsMax: number
  signal: AbortSignal
}

/** Others may go first after so long. */
const SLICE_MS = 5
const SENTENCE_LENGTH_MAX = 500

/** Things that are known by how they look, by the folded words for them. */
const KINDS: readonly { words: ReadonlySet<string>; isIn(sentence: string): boolean }[] = [
  {
    words: new Set(['date', 'dates', 'daten', 'datum', 'fecha', 'fechas']),
    isIn: (sentence) => datesOf(sentence).length > 0 || /\b(?:19|20)\d{2}\b/.test(sentence),
  },
  {
    words: new Set(['email', 'emails', 'mail', 'mails', 'mailadressen', 'correos', 'courriels']),
    isIn: (sentence) => /[^\s@]+@[^\s@]+\.[a-z]{2,}/i.test(sentence),
  },
  {
    words: new Set(['link', 'links', 'url', 'urls', 'enlaces', 'liens']),
    isIn: (sentence) => /https?:\/\/|\bwww\./i.test(sentence),
  },
  {
    words: new Set([
      'amounts',
      'prices',
      'costs',
      'betrage',
      'preise',
      'kosten',
      'importes',
      'precios',
      'montants',
      'prix',
    ]),
    isIn: (sentence) =>
      /[€$£¥₽₹]\s?\d|\d\s?(?:[€$£¥₽₹]|EUR|USD|CHF|GBP|euros?|dollars?|pounds|cents?)\b/i.test(sentence),
  },
  {
    words: new Set(['percentages', 'percents', 'prozentsatze', 'porcentajes', 'pourcentages']),
    isIn: (sentence) => /\d\s?(?:%|percent|Prozent)/i.test(sentence),
  },
]

/** Words before which the place is named: "deadlines in the contract". */
const PLACE = /^(?<topic>.+)\s(?:in|from|of|within|across|aus|im|en|de|del|dans|du|des)\s(?<where>.+)$/iu

/** What is asked for, and in which documents where that is said; `isPlace` knows what names documents. */
export function topicOf(about: string, isPlace: (name: string) => boolean): { topic: string; where: string } {
  const { topic = about, where = '' } = PLACE.exec(about)?.groups ?? {}
  return isPlace(where) && where !== '' ? { topic, where } : { topic: about, where: '' }
}

export async function findMentions(
  reader: Reader,
  documents: readonly LibraryDocument[],
  topic: string,
  { pagesMax, mentionsMax, signal }: MentionLimits,
): Promise<Mentions> {
  const isMention = mentioning(topic)
  const looked = new Map<string, number>()
  const mentions: Mention[] = []
  const seen = new Set<string>()
  let left = pagesMax
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const document of documents) {
    for (let page = 1; page <= document.pages && left > 0; page++, left--) {
      signal.throwIfAborted()
      for (const { start, end, text } of sentencesOf(reader, document.readingId, page)) {
        // Headers and footers say the same on every page.
        if (!isMention(text) || seen.has(text)) continue
        if (mentions.length === mentionsMax) return { mentions, hasMore: true, looked }
        seen.add(text)
        mentions.push({ document, page, start, end })
      }
      looked.set(document.documentId, page)
      if (performance.now() < sliceEndsAt) continue
      await new Promise((resolve) => setImmediate(resolve))
      sliceEndsAt = performance.now() + SLICE_MS
    }
  }
  return { mentions, hasMore: false, looked }
}

function* sentencesOf(
  reader: Reader,
  readingId: number,
  page: number,
): Generator<{ start: number; end: number; text: string }> {
  const row = reader.get<{ text: string }>(
    'SELECT text FROM pages WHERE reading_id = ? AND number = ?',
    ...[readingId, page],
  )
  if (!row) return
  for (const { start, end } of splitSentences(row.text)) {
    const cut = Math.min(end, start + SENTENCE_LENGTH_MAX)
    yield { start, end: cut, text: row.text.slice(start, cut) }
  }
}

/** Its first word of substance, in whatever form; or what such a thing looks like. */
function mentioning(topic: string): (sentence: string) => boolean {
  const words = splitWords(topic).map(({ text }) => text)
  const [head] = words.filter((word) => word.length >= 3 || word.charCodeAt(0) > 0x2fff)
  if (head === undefined) return () => false
  const kind = KINDS.find((row) => row.words.has(head))
  if (kind) return (sentence) => kind.isIn(sentence)
  const stem = stemOf(head)
  return (sentence) => splitWords(sentence).some(({ text }) => stemOf(text) === stem)
}
