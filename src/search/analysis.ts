/** A question as the index sees it: its terms with their weights, corrected where a word is unknown. */
import type { Reader } from '../storage.ts'
import { partsOf } from './derived-words.ts'
import { type ReadFrequencies, readWordsFrom } from './frequencies.ts'
import type { Sums } from './lexical-index.ts'
import { type ParsedQuery, termsOf, type UnweighedTerm } from './query.ts'
import type { ContentWords } from './ranking.ts'
import { type Correction, correct } from './spelling.ts'
import { isFunctionWord, type Term, weigh } from './weights.ts'
import { prefixOf, splitWords, type Word } from './words.ts'

export interface QueryAnalysis {
  /** In order, as they are looked for: corrected where need be. */
  words: readonly Word[]
  terms: readonly Term[]
  content: ContentWords
  /** The weight of the whole question. */
  total: number
  corrections: readonly Correction[]
  /** Numbers of the terms that only a correction brought in. */
  correctedTerms: readonly number[]
  didYouMean: string | null
}

export interface IndexReader {
  reader: Reader
  readFrequencies: ReadFrequencies
  sums: Sums
}

export async function analyse(
  { reader, readFrequencies, sums }: IndexReader,
  query: ParsedQuery,
): Promise<QueryAnalysis> {
  const frequenciesOf = (tokens: readonly string[]) => readFrequencies(reader, tokens, sums)
  const written = termsOf(query.text, query.words)
  const known = frequenciesOf(tokensIn(written))
  const asked = withoutWholes(query, written, known)
  const unknown = asked.filter((term) => term.kind === 'word' && !known.has(term.token))
  const respelt = joinNeighbours(query, tokensIn(unknown), frequenciesOf)
  const possible = await correct(
    tokensIn(unknown).filter((token) => !respelt.has(token)),
    { frequenciesOf, wordsFrom: (letters) => readWordsFrom(reader, letters) },
  )
  // Whoever writes both means two things: the dragon in Eragon.
  const corrections = possible.filter(({ to }) => !query.words.some(({ text }) => text === to))
  for (const { from, to } of corrections) respelt.set(from, [to])
  // What is there in another form is one word.
  const left = tokensIn(unknown).filter((token) => !respelt.has(token) && !known.has(prefixOf(token) ?? ''))
  for (const token of left.slice(0, DIVIDED_MAX)) {
    const parts = divide(token, frequenciesOf)
    if (parts) respelt.set(token, parts)
  }
  if (respelt.size === 0) return weighAll(query.words, asked, { known, sums, corrections, respelt, didYouMean: null })

  const words = query.words.flatMap((word) =>
    (respelt.get(word.text) ?? [word.text]).map((text) => ({ ...word, text })),
  )
  const meant = termsOf(query.text, words)
  const added = frequenciesOf(tokensIn(meant.filter((term) => !known.has(term.token))))
  const shown = new Map(corrections.filter(({ isWord }) => isWord).map(({ from, to }) => [from, to]))
  const didYouMean = shown.size === 0 ? null : replaceWords(query.text, shown)
  return weighAll(words, meant, { known: new Map([...known, ...added]), sums, corrections, respelt, didYouMean })
}

/** Unknown words with the words that stand in for them. */
type Respelt = Map<string, readonly string[]>
type FrequenciesOf = (tokens: readonly string[]) => Map<string, number>

/** What is written as one in the documents: "web site", "Reisekosten Abrechnung". Only beside a word that stands nowhere. */
function joinNeighbours(
  { text, words }: ParsedQuery,
  unknown: readonly string[],
  frequenciesOf: FrequenciesOf,
): Respelt {
  const wholes = new Map<string, string>()
  for (const [index, second] of words.entries()) {
    const first = words[index - 1]
    if (!first || text.slice(first.end, second.start) !== ' ') continue
    const pair = [first.text, second.text]
    if (!pair.every((word) => word.length >= JOINED_LENGTH_MIN && SPACED.test(word) && !isFunctionWord(word))) continue
    for (const word of pair) if (unknown.includes(word)) wholes.set(word, pair.join(''))
  }
  const known = frequenciesOf([...new Set(wholes.values())])
  return new Map([...wholes].filter(([, whole]) => known.has(whole)).map(([word, whole]) => [word, [whole]]))
}
const JOINED_LENGTH_MIN = 3
const SPACED = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]+$/u

/** The two words that an unknown one is made of: "nodejs" where the documents write Node.js, "node24". */
function divide(word: string, frequenciesOf: FrequenciesOf): [string, string] | undefined {
  if (word.length < DIVIDED_LENGTH_MIN || word.length > DIVIDED_LENGTH_MAX || !SPACED.test(word)) return undefined
  if (!/\p{L}/u.test(word)) return undefined
  const pairs: [string, string][] = []
  for (let at = PART_LENGTH_MIN; at <= word.length - PART_LENGTH_MIN; at++) {
    const pair: [string, string] = [word.slice(0, at), word.slice(at)]
    if (!pair.some(isFunctionWord)) pairs.push(pair)
  }
  const known = frequenciesOf(pairs.flat())
  const rarer = (pair: readonly string[]) => Math.min(...pair.map((part) => known.get(part) ?? 0))
  const best = pairs.toSorted((a, b) => rarer(b) - rarer(a))[0]
  return best && rarer(best) > 0 ? best : undefined
}
/** Each asks for some twenty pairs of words, less than a millisecond. */
const DIVIDED_MAX = 3
const DIVIDED_LENGTH_MIN = 5
const DIVIDED_LENGTH_MAX = 24
const PART_LENGTH_MIN = 2

const HANGUL = /^[\uac00-\ud7a3]+$/

/** An identifier that nobody writes so is only another spelling of its parts, not something that is missing. */
function withoutWholes(
  { text, words }: ParsedQuery,
  written: readonly UnweighedTerm[],
  known: ReadonlyMap<string, number>,
): readonly UnweighedTerm[] {
  const wholes = words.filter((word) => {
    const parts = known.has(word.text) ? [] : partsOf(text.slice(word.start, word.end))
    // Of a Korean word what stands is its beginning: the ending is another.
    return parts.length > 0 && (HANGUL.test(word.text) ? known.has(parts[0]!) : parts.every((part) => known.has(part)))
  })
  if (wholes.length === 0) return written
  const left = new Set(wholes.flatMap((word) => [word.text, prefixOf(word.text) ?? word.text]))
  return written.filter(({ token }) => known.has(token) || !left.has(token))
}

function weighAll(
  words: readonly Word[],
  asked: readonly UnweighedTerm[],
  {
    known,
    sums,
    respelt,
    ...more
  }: Pick<QueryAnalysis, 'corrections' | 'didYouMean'> & {
    known: Map<string, number>
    sums: Sums
    respelt: Respelt
  },
): QueryAnalysis {
  // A compound that nobody writes so is only another spelling of its words, not something that is missing.
  const terms = asked
    .filter(({ kind, token }) => kind !== 'joined' || known.has(token))
    .map((term) => weigh({ ...term, frequency: known.get(term.token) ?? 0 }, sums.passages))
  const numbers = new Map(terms.map((term, number) => [term.token, number]))
  const corrected = [...respelt.values()].flat().flatMap((to) => [to, prefixOf(to) ?? to])
  return {
    ...more,
    words,
    terms: terms.map((term) => ({ ...term, prefix: numbers.get(prefixOf(term.token) ?? '') })),
    content: words.filter((word) => !isFunctionWord(word.text)).flatMap((word) => numbers.get(word.text) ?? []),
    total: terms.reduce((sum, term) => sum + term.weight, 0),
    correctedTerms: [...new Set(corrected)].map((token) => numbers.get(token)).filter((number) => number !== undefined),
  }
}

function tokensIn(terms: readonly UnweighedTerm[]): string[] {
  return terms.map((term) => term.token)
}

function replaceWords(text: string, replaced: ReadonlyMap<string, string>): string {
  let result = ''
  let at = 0
  for (const word of splitWords(text)) {
    const to = replaced.get(word.text)
    if (to === undefined || word.start < at) continue
    result += text.slice(at, word.start) + to
    at = word.end
  }
  return result + text.slice(at)
}
