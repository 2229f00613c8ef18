/**
 * Where a source says what an answer says: the sentences of its passage that share most with the claim before the marker.
 * The place is a range of the page's text, so that whoever reads the answer can look it up. No model is asked.
 */
import { splitSentences, splitWords } from '../search.ts'
import type { Source } from './events.ts'

interface Range {
  start: number
  end: number
}

/** Of the source's text. */
export interface LocatedQuote extends Range {
  text: string
  /** Share of the claim's weight that the quote has, 0 to 1. */
  cover: number
}

const QUOTE_LENGTH_MAX = 300
const SENTENCES_MAX = 3
/** Less than this share of the claim is chance. */
const COVER_MIN = 0.25
/** What a further sentence must add to be worth reading. */
const COST_PER_SENTENCE = 0.04
/** How much of an answer is looked at for the sentence before a marker. */
const CLAIM_LENGTH_MAX = 600
const MARKERS = /\[\d+\]/g

/** The statement that a marker at the end of this text stands for. */
export function claimBefore(answer: string): string {
  const tail = answer.slice(-CLAIM_LENGTH_MAX).trimEnd()
  const sentence = splitSentences(tail).findLast(
    ({ start, end }) => splitWords(withoutMarkers(tail.slice(start, end))).length > 0,
  )
  if (!sentence) return ''
  const text = tail.slice(sentence.start, sentence.end)
  // "It has 42 seats [1] and opens at nine [2]": the second marker stands for the second half, if that is one.
  const half =
    text
      .replace(/(?:\s*\[\d+\])+\s*$/, '')
      .split(MARKERS)
      .at(-1) ?? ''
  return splitWords(half).length >= HALF_WORDS_MIN ? half.trim() : withoutMarkers(text).trim()
}

const HALF_WORDS_MIN = 3

export function withoutMarkers(text: string): string {
  return text.replace(/\s*\[\d+\]/g, '')
}

/** The passage's best place for the claim; undefined when nothing in it is like it. */
export function locate(claim: string, { text }: Pick<Source, 'text'>): LocatedQuote | undefined {
  const wanted = weigh(claim)
  const total = sum(wanted.values())
  if (total === 0) return undefined
  const sentences = splitSentences(text).flatMap((sentence) => cut(text, sentence))
  let best: (LocatedQuote & { worth: number }) | undefined
  for (let first = 0; first < sentences.length; first++) {
    const covered = new Map<string, number>()
    for (let last = first; last < Math.min(sentences.length, first + SENTENCES_MAX); last++) {
      const range = { start: sentences[first]!.start, end: sentences[last]!.end }
      if (last > first && range.end - range.start > QUOTE_LENGTH_MAX) break
      addCover(covered, wanted, text.slice(sentences[last]!.start, range.end))
      const cover = sum(covered.values()) / total
      const worth = cover - COST_PER_SENTENCE * (last - first)
      if (!best || worth > best.worth) best = { ...range, text: text.slice(range.start, range.end), cover, worth }
    }
  }
  if (!best || best.cover < COVER_MIN) return undefined
  const { worth: _, ...quote } = best
  return quote
}

/** Figures weigh most, short words least: they are in every sentence. */
function weightOf(word: string): number {
  if (/\p{N}/u.test(word)) return 3
  return word.length >= 4 || /[^\p{ASCII}]/u.test(word) ? 1 : 0.2
}

function weigh(claim: string): Map<string, number> {
  return new Map(splitWords(claim).map(({ text }) => [text, weightOf(text)]))
}

const STEM_LENGTH = 5
const STEM_VALUE = 0.7

/** Adds what the text has of the wanted words, whole or by their first letters (`opens` for `opening`). */
function addCover(covered: Map<string, number>, wanted: ReadonlyMap<string, number>, text: string): void {
  const words = new Set(splitWords(text).map((word) => word.text))
  const stems = new Set([...words].map(stemOf))
  for (const [word, weight] of wanted) {
    const value = words.has(word) ? weight : !/\p{N}/u.test(word) && stems.has(stemOf(word)) ? weight * STEM_VALUE : 0
    if (value > (covered.get(word) ?? 0)) covered.set(word, value)
  }
}

function stemOf(word: string): string {
  return word.slice(0, STEM_LENGTH)
}

/** A sentence that is too long to quote, in pieces between words. */
function cut(text: string, { start, end }: Range): Range[] {
  const pieces: Range[] = []
  let from = start
  while (end - from > QUOTE_LENGTH_MAX) {
    const space = text.lastIndexOf(' ', from + QUOTE_LENGTH_MAX)
    const to = space > from ? space : from + QUOTE_LENGTH_MAX
    pieces.push({ start: from, end: to })
    from = space > from ? to + 1 : to
  }
  return [...pieces, { start: from, end }]
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
