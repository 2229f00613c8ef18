/**
 * What can be compared without understanding: the figures, dates, names and negations of a claim against those of the place
 * that it cites. That the same figure stands there somewhere is not enough. It must be the one whose surroundings are most like
 * those in the claim: "the rent is 165 euros" is not borne out by "the rent is 1,180 euros, the advance 165 euros".
 */
import { splitWords } from '../search.ts'
import { datesOf } from './dates.ts'
import { figuresOf } from './figures.ts'
import { hasName, namesOf } from './names.ts'
import { hasFlippedNegation } from './negations.ts'
import { stemOf } from './stems.ts'

/** A figure, a month or a weekday, and where it stands. */
export interface Fact {
  kind: 'figure' | 'month' | 'weekday'
  /** What it may mean: `1.500` is fifteen hundred or one and a half. */
  values: readonly string[]
  start: number
  end: number
}

/** Where a claim should be borne out. */
export interface Evidence {
  /** The quotes. Figures, dates and negations must be here, or in what names them. */
  quotes: string
  /** Document and headings: "Annual report 2023". */
  about: string
  /** The whole passages and the question: names may also come from here, because people say "she". */
  around: string
}

/** Whether something in the claim stands otherwise, or not at all, where it should be borne out. */
export function contradicts(claim: string, evidence: Evidence): boolean {
  const { quotes, about, around } = evidence
  return (
    hasOtherFact(claim, evidence) ||
    namesOf(claim, quotes, around).some((name) => !hasName(name, `${quotes}\n${about}\n${around}`)) ||
    hasFlippedNegation(claim, quotes)
  )
}

function hasOtherFact(claim: string, { quotes, about, around }: Evidence): boolean {
  const named = [...factsOf(about), ...(quotes.search(THAT_YEAR) >= 0 ? thoseYears(around) : [])]
  const there = surroundingsOf(quotes)
  return surroundingsOf(claim).some(({ fact, words }) => {
    if (named.some((other) => isSame(fact, other))) return false
    const fitting = there
      .filter((other) => other.fact.kind === fact.kind)
      .map((other) => ({
        isSame: isSame(fact, other.fact),
        isInTable: isInTable(quotes, other.fact),
        likeness:
          likeness(words, other.words) * (isPercent(quotes, other.fact) && !isPercent(claim, fact) ? OTHER_UNIT : 1),
      }))
    const best = Math.max(0, ...fitting.map((other) => other.likeness))
    return !fitting.some((other) => other.isSame && (other.isInTable || other.likeness >= LIKENESS_MIN * best))
  })
}

const THAT_YEAR = /\b(?:that|same) year\b|\b(?:desselben|dieses|jenes) Jahres\b/gi

/** The years meant by "on 3 November of that year": each the last one named before. */
function thoseYears(text: string): Fact[] {
  const years = figuresOf(text).filter(({ start, end }) => /^[12]\d{3}$/.test(text.slice(start, end)))
  return [...text.matchAll(THAT_YEAR)].flatMap(({ index }) => years.findLast(({ end }) => end <= index) ?? [])
}

/** There the words that belong to a figure stand at the head of its column. */
function isInTable(text: string, { start }: Fact): boolean {
  const line = text.slice(text.lastIndexOf('\n', start) + 1).split('\n', 1)[0]!
  return line.split('|').length > 3
}

/** A share and a number are seldom one for the other. */
const OTHER_UNIT = 0.5

function isPercent(text: string, { end }: Fact): boolean {
  return /^\s?(?:%|per ?cent\b|Prozent\b|pour cent\b|por ciento\b)/i.test(text.slice(end, end + 12))
}

/** How near to the best surroundings those of the same figure must come. */
const LIKENESS_MIN = 0.6

function factsOf(text: string): Fact[] {
  return [...figuresOf(text), ...datesOf(text)]
}

function isSame(a: Fact, b: Fact): boolean {
  return a.kind === b.kind && a.values.some((value) => b.values.includes(value))
}

/** Words around a fact, the nearer the heavier; the word behind a figure is its unit. */
type Surroundings = Map<string, number>

const REACH = 10
/** Folded words that tell nothing of what they stand beside. */
const SMALL_WORDS = new Set(
  [
    'the and for but was are has had its they them this that these those same any all his her their you your who does did should would will can may must from with between than more until per each been have not only there also when where which were into out',
    'der die das den dem des und ein eine einen einer von vom zum zur bis mit auf fur bei ist sind wird werden nicht nur auch oder',
    'les des une pour par est sont pas los las del por para con que una entre son',
  ].flatMap((line) => line.split(' ')),
)

function isTelling(word: string): boolean {
  return (word.length > 2 && !SMALL_WORDS.has(word)) || /\p{N}/u.test(word)
}

/** What the word right behind a figure weighs more than the one right before it. */
const UNIT_FACTOR = 1.5
/** What is beyond the end of the sentence or the clause weighs less. */
const BEYOND_SENTENCE = 0.3
const BEYOND_CLAUSE = 0.6

function surroundingsOf(text: string): { fact: Fact; words: Surroundings }[] {
  const facts = factsOf(text)
  const words = splitWords(text).filter(({ text: word }) => isTelling(word))
  return facts.map((fact) => {
    const around: Surroundings = new Map()
    const add = (word: { text: string; start: number; end: number }, distance: number, factor: number) => {
      const between = text.slice(Math.min(word.end, fact.end), Math.max(word.start, fact.start))
      const beyond = /[.!?](?!\d)|\n/.test(between) ? BEYOND_SENTENCE : /[,;:](?!\d)/.test(between) ? BEYOND_CLAUSE : 1
      const weight = (factor * beyond) / (1 + distance / 2)
      const stem = stemOf(word.text)
      around.set(stem, Math.max(around.get(stem) ?? 0, weight))
    }
    const before = words.filter(({ end }) => end <= fact.start).slice(-REACH)
    const behind = words.filter(({ start }) => start >= fact.end).slice(0, REACH)
    for (const [index, word] of before.entries()) add(word, before.length - 1 - index, 1)
    for (const [index, word] of behind.entries()) add(word, index, index === 0 ? UNIT_FACTOR : 1)
    return { fact, words: around }
  })
}

function likeness(a: Surroundings, b: Surroundings): number {
  let sum = 0
  for (const [word, weight] of a) sum += Math.min(weight, b.get(word) ?? 0)
  return sum
}
