/**
 * Where a source says what an answer says: the sentences of its passage that share most with the claim before the marker.
 * Each place is a range of the source's text, so that whoever reads the answer can look it up. No model is asked.
 */
import { once } from '../lib/once.ts'
import { splitSentences, splitWords } from '../search.ts'
import { type Fact, isSame } from './fact.ts'
import { leadInOf } from './lists.ts'
import { SMALL_WORDS } from './small-words.ts'
import { stemOf } from './stems.ts'
import { factsOf } from './surroundings.ts'

export interface Range {
  start: number
  end: number
}

export interface Place extends Range {
  text: string
}

export interface Located {
  /** Best first, each with something of the claim that the others do not have. */
  places: Place[]
  /** Share of the claim's weight that the places have together, 0 to 1. */
  cover: number
}

const QUOTE_LENGTH_MAX = 300
const SENTENCES_MAX = 3
const PLACES_MAX = 3
/** Less than this share of a claim in one place is chance; a further place must add as much of its own. */
const COVER_MIN = 0.25
const FURTHER_COVER_MIN = 0.12
/** What a further sentence must add to be worth reading. */
const COST_PER_SENTENCE = 0.04

/** Words of a claim with their weights. */
type Wanted = Map<string, number>

/** A text that claims are looked for in, read once for all of them. */
export interface ReadText {
  text: string
  sentences: readonly Sentence[]
}

export function readText(text: string): ReadText {
  const sentences = splitSentences(text)
    .flatMap((sentence) => cut(text, sentence))
    .map(
      (range): Sentence => ({
        ...range,
        words: wordsIn(`${leadInOf(text, range.start)} ${text.slice(range.start, range.end)}`),
        facts: once(() => factsOf(text.slice(range.start, range.end))),
      }),
    )
  return { text, sentences }
}

export function locate(claim: string, { text, sentences }: ReadText): Located {
  const wanted = weigh(claim, sentences)
  const total = sum(wanted.values())
  const places: Place[] = []
  let cover = 0
  while (places.length < PLACES_MAX && total > 0) {
    const best = bestWindow(sentences, wanted, total)
    const isEnough = best && (places.length === 0 ? best.cover >= COVER_MIN : best.wordCover >= FURTHER_COVER_MIN)
    if (!isEnough || places.some((place) => best.start < place.end && place.start < best.end)) break
    places.push({ start: best.start, end: best.end, text: text.slice(best.start, best.end) })
    cover += best.cover
    // What one place has, the next need not have: only what it adds counts.
    for (const [word, value] of best.covered) wanted.set(word, wanted.get(word)! - value)
  }
  if (places.length === 0) {
    const place = placeOfFacts(claim, text, sentences)
    if (place) return { places: [place], cover: COVER_MIN }
  }
  return { places, cover }
}

/** A paraphrase may share no word with its source; figures and dates that tell as much as two in one sentence are no chance either. */
function placeOfFacts(claim: string, text: string, sentences: readonly Sentence[]): Place | undefined {
  const facts = factsOf(claim).filter(({ isSure }) => isSure !== false)
  const distinct = [...new Map(facts.map((fact) => [`${fact.kind} ${fact.values[0]}`, fact])).values()]
  if (weightOf(distinct) < FACTS_MIN) return undefined
  const at = sentences.find((sentence) => {
    const there = sentence.facts()
    const found = distinct.filter((fact) => there.some((other) => isSame(fact, other)))
    return weightOf(found) >= FACTS_MIN && found.length >= distinct.length / 2
  })
  return at && { start: at.start, end: at.end, text: text.slice(at.start, at.end) }
}

const FACTS_MIN = 2
/** A figure of three digits that tell and no year is as seldom as two others. */
const LONG_FIGURE = /^(?!(?:19|20)\d\d$)0*[1-9]\.?\d\.?[1-9]/

function weightOf(facts: readonly Fact[]): number {
  return facts.reduce((sum, { values }) => sum + (LONG_FIGURE.test(values[0]!) ? 2 : 1), 0)
}

interface Sentence extends Range {
  words: WordSet
  facts: () => readonly Fact[]
}

interface Window extends Range {
  covered: ReadonlyMap<string, number>
  /** Shares of the whole claim's weight: with figures, and of words alone. */
  cover: number
  wordCover: number
  worth: number
}

function bestWindow(sentences: readonly Sentence[], wanted: Wanted, total: number): Window | undefined {
  let best: Window | undefined
  for (let first = 0; first < sentences.length; first++) {
    const covered = new Map<string, number>()
    for (let last = first; last < Math.min(sentences.length, first + SENTENCES_MAX); last++) {
      const range = { start: sentences[first]!.start, end: sentences[last]!.end }
      if (last > first && range.end - range.start > QUOTE_LENGTH_MAX) break
      addCover(covered, wanted, sentences[last]!.words)
      const cover = sum(covered.values()) / total
      const worth = cover - COST_PER_SENTENCE * (last - first)
      if (best && worth <= best.worth) continue
      const words = [...covered].filter(([word]) => !hasFigure(word)).map(([, value]) => value)
      best = { ...range, covered: new Map(covered), cover, wordCover: sum(words) / total, worth }
    }
  }
  return best
}

/**
 * A word weighs more the fewer sentences of the passage have it. A figure weighs little: a claim with a wrong figure must lead to
 * the sentence that it is about, not to the one where that figure happens to stand.
 */
function weigh(claim: string, sentences: readonly Sentence[]): Wanted {
  return new Map(
    splitWords(ungrouped(claim)).map(({ text }) => {
      if (hasFigure(text)) return [text, FIGURE_WEIGHT]
      if ((text.length < 4 && /^\p{ASCII}*$/u.test(text)) || QUANTIFIERS.has(text)) return [text, SHORT_WORD_WEIGHT]
      const count = sentences.filter(({ words }) => worthOf(text, words) > 0).length
      if (count === 0 && SMALL_WORDS.has(text)) return [text, SHORT_WORD_WEIGHT]
      return [text, count === 0 ? MISSING_WORD_WEIGHT : 1 / count]
    }),
  )
}

const FIGURE_WEIGHT = 0.3
const SHORT_WORD_WEIGHT = 0.05
/** Said of everything. */
const QUANTIFIERS = new Set('each every jede jeden jeder jedes chaque cada'.split(' '))
/** A word that the passage does not have may be another word for one that it has. */
const MISSING_WORD_WEIGHT = 0.9

interface WordSet {
  whole: ReadonlySet<string>
  stems: ReadonlySet<string>
}

const STEM_VALUE = 0.7

function wordsIn(text: string): WordSet {
  const whole = new Set(splitWords(ungrouped(text)).map((word) => word.text))
  return { whole, stems: new Set([...whole].filter((word) => !hasFigure(word)).map(stemOf)) }
}

/** 1,180 and 1180 are one word. */
function ungrouped(text: string): string {
  return text.replace(/(?<=\d)[.,'’ \u00a0\u202f](?=\d{3}(?!\d))/g, '')
}

function addCover(covered: Map<string, number>, wanted: Wanted, words: WordSet): void {
  for (const [word, weight] of wanted) {
    const value = weight * worthOf(word, words)
    if (value > (covered.get(word) ?? 0)) covered.set(word, value)
  }
}

/** Whole words count in full, `opens` for `opening` in part. */
function worthOf(word: string, { whole, stems }: WordSet): number {
  if (whole.has(word)) return 1
  return !hasFigure(word) && stems.has(stemOf(word)) ? STEM_VALUE : 0
}

function hasFigure(word: string): boolean {
  return /\p{N}/u.test(word)
}

/** A sentence that is too long to quote, in pieces between words. */
function cut(text: string, { start, end }: Range): Range[] {
  const pieces: Range[] = []
  let from = start
  while (end - from > QUOTE_LENGTH_MAX) {
    const space = text.lastIndexOf(' ', from + QUOTE_LENGTH_MAX)
    const to = space > from ? space : wholeCharacter(text, from + QUOTE_LENGTH_MAX)
    pieces.push({ start: from, end: to })
    from = space > from ? to + 1 : to
  }
  return [...pieces, { start: from, end }]
}

/** The place itself, or the one before it where a character of two units would be cut. */
function wholeCharacter(text: string, at: number): number {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
