/**
 * How likely it is that the documents hold an answer: 0 to 1, on one scale for every script and size of index.
 *
 * One threshold on the score does not do: what a good passage reaches differs with the language (inflected words match by their
 * prefix only, n-grams across word borders never match), with the question's length and with the index. So a logistic model
 * weighs a few measures that see through these differences. Its weights were fitted on questions in seven languages, against indexes
 * of one to nineteen thousand passages, with and without the documents that answer them; no measure knows a language.
 */
import type { QueryAnalysis } from './analysis.ts'
import type { MatchedPassage } from './matching.ts'
import type { Term } from './weights.ts'
import type { Word } from './words.ts'

/** Below this, nothing in the documents is about it. */
export const NOT_FOUND_BELOW = 0.5

const WEIGHTS: Record<keyof Measures, number> = {
  share: 6,
  lead: 1.9,
  smallness: 1.75,
  largeness: -0.5,
  breadth: 1.35,
  topic: 10,
  corrected: -4.35,
  unnamed: -3.15,
}
const BIAS = -2.52

export interface Measures {
  /** Logarithm of the best score against what a perfect passage would reach. */
  share: number
  /** Logarithm of how far the best stands above the field: an absent subject has many passages that are equally bad. */
  lead: number
  /** 1 for an index so small that there is no field, 0 from fifty passages on. */
  smallness: number
  /** Logarithm of how many times two thousand passages there are: among many, the best of those that have no answer is better. */
  largeness: number
  /** Logarithm of how many words carry the question: half of a long question says more than half of a short one. */
  breadth: number
  /** The share of the question that stands in title and headings: what the document is about. */
  topic: number
  /** The share that matched only after a correction of its spelling: perhaps another word was meant. */
  corrected: number
  /** The share of names in the question that the passage does not have: a subject is described in other words, its name hardly ever. */
  unnamed: number
}

export interface Found {
  /** As it was typed. */
  question: string
  analysis: QueryAnalysis
  /** Passages in the index. */
  passages: number
  best: MatchedPassage
  /** Of all candidates, best first. */
  scores: readonly number[]
}

export function confidenceOf(found: Found): number {
  const measures = measure(found)
  if (!measures) return 0
  let sum = BIAS
  for (const [name, value] of Object.entries(measures)) sum += WEIGHTS[name as keyof Measures] * value
  // The sums spread wide: half of them keeps the ends of the scale apart.
  return 1 / (1 + Math.exp(-sum / 2))
}

const SMALL_FROM = 50
const SMALL_TO = 5
const LARGE_FROM = 2000
/** Of the largest index that was measured; beyond it the scale stays. */
const LARGENESS_MAX = Math.log(10)
/** The field: ranks 6 to 15. Where fewer were found, the missing ones count as nothing. */
const FIELD_FROM = 5
const FIELD_SIZE = 10
const FIELD_SHARE_MIN = 0.25
const SHARE_MIN = 0.05

export function measure({ question, analysis, passages, best, scores }: Found): Measures | undefined {
  const { words, terms, total } = analysis
  const score = scores[0] ?? 0
  if (total <= 0 || score <= 0) return undefined
  const matched = new Set(
    [best.body, best.heading, best.title].flatMap((field) => field.matches.map(({ term }) => term)),
  )
  const topical = new Set([best.heading, best.title].flatMap((field) => field.matches.map(({ term }) => term)))
  const corrected = new Set(analysis.correctedTerms)
  const smallness = 1 - Math.min(1, Math.max(0, (passages - SMALL_TO) / (SMALL_FROM - SMALL_TO)))
  const field = scores.slice(FIELD_FROM, FIELD_FROM + FIELD_SIZE).reduce((sum, one) => sum + one, 0) / FIELD_SIZE
  const weightOf = (numbers: Iterable<number>) => [...numbers].reduce((sum, number) => sum + terms[number]!.weight, 0)
  const reachable = Math.max(total - unreachable(words, terms, matched), total * SHARE_MIN)
  return {
    share: Math.log(score / reachable + SHARE_MIN),
    lead: Math.log(score / Math.max(field, FIELD_SHARE_MIN * score)) * (1 - smallness),
    smallness,
    largeness: Math.min(LARGENESS_MAX, Math.max(0, Math.log(passages / LARGE_FROM))),
    breadth: breadthOf(terms),
    topic: weightOf(topical) / total,
    corrected: weightOf([...corrected].filter((term) => matched.has(term))) / total,
    unnamed: unnamedShare(question, analysis, matched),
  }
}

/** Of the weight of all words but function words. */
function unnamedShare(question: string, { words, terms }: QueryAnalysis, matched: ReadonlySet<number>): number {
  const lookup = termLookup(terms)
  const names = new Set(namesIn(question, words))
  let sum = 0
  let missing = 0
  const seen = new Set<number>()
  for (const word of words) {
    const number = lookup.get(word.text)
    if (number === undefined || seen.has(number) || terms[number]!.isFunctionWord) continue
    seen.add(number)
    const { weight, prefix } = terms[number]!
    const isThere = matched.has(number) || (prefix !== undefined && matched.has(prefix))
    sum += weight
    if (names.has(word) && !isThere) missing += weight
  }
  return sum === 0 ? 0 : missing / sum
}

const CAPITAL = /^\p{Lu}/u
const SMALL = /^\p{Ll}/u
const BEGINS_SENTENCE = /(?:^|[.!?…:])[^\p{L}\p{N}]*$/u

/** Words with a capital within a sentence. None where all words have one: then capitals say nothing. */
function namesIn(question: string, words: readonly Word[]): Word[] {
  if (!words.some(({ start }) => SMALL.test(question.slice(start, start + 2)))) return []
  return words.filter(
    ({ start }) => CAPITAL.test(question.slice(start, start + 2)) && !BEGINS_SENTENCE.test(question.slice(0, start)),
  )
}

/** How much of an exact form need not be there where its prefix is. */
const FORM_SHARE = 0.8

/** The weight of tokens that a passage may lack and still say it: other forms of a word, and n-grams across the borders of words. */
function unreachable(words: readonly Word[], terms: readonly Term[], matched: ReadonlySet<number>): number {
  const lookup = termLookup(terms)
  let sum = 0
  const seen = new Set<number>()
  for (const [index, word] of words.entries()) {
    const term = lookup.get(word.text)
    if (term === undefined || matched.has(term) || seen.has(term)) continue
    seen.add(term)
    const prefix = terms[term]!.prefix
    if (prefix !== undefined && matched.has(prefix)) sum += FORM_SHARE * terms[term]!.weight
    else sum += bridgedShare(words, index, (other) => matched.has(lookup.get(other.text) ?? -1)) * terms[term]!.weight
  }
  return sum
}

/** For an n-gram: the share of its ends that an overlapping neighbour covers. */
function bridgedShare(words: readonly Word[], index: number, isMatched: (word: Word) => boolean): number {
  const [before, word, after] = [words[index - 1], words[index]!, words[index + 1]]
  const left = before !== undefined && before.end > word.start && isMatched(before)
  const right = after !== undefined && after.start < word.end && isMatched(after)
  return (Number(left) + Number(right)) / 2
}

/** As if so many words of equal weight made up the question (inverse participation ratio). */
function breadthOf(terms: readonly Term[]): number {
  let sum = 0
  let squares = 0
  for (const { kind, weight } of terms) {
    if (kind !== 'word') continue
    sum += weight
    squares += weight * weight
  }
  return squares === 0 ? 0 : Math.log((sum * sum) / squares)
}

function termLookup(terms: readonly Term[]): Map<string, number> {
  return new Map(terms.map((term, number) => [term.token, number]))
}
