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
  const possible = await correct(tokensIn(unknown), {
    frequenciesOf,
    wordsFrom: (letters) => readWordsFrom(reader, letters),
  })
  // Whoever writes both means two things: the dragon in Eragon.
  const corrections = possible.filter(({ to }) => !query.words.some(({ text }) => text === to))
  if (corrections.length === 0) return weighAll(query.words, asked, { known, sums, corrections, didYouMean: null })

  const replaced = new Map(corrections.map(({ from, to }) => [from, to]))
  const words = query.words.map((word) => ({ ...word, text: replaced.get(word.text) ?? word.text }))
  const meant = termsOf(query.text, words)
  const added = frequenciesOf(tokensIn(meant.filter((term) => !known.has(term.token))))
  const shown = new Map(corrections.filter(({ isWord }) => isWord).map(({ from, to }) => [from, to]))
  const didYouMean = shown.size === 0 ? null : replaceWords(query.text, shown)
  return weighAll(words, meant, { known: new Map([...known, ...added]), sums, corrections, didYouMean })
}

/** An identifier that nobody writes so is only another spelling of its parts, not something that is missing. */
function withoutWholes(
  { text, words }: ParsedQuery,
  written: readonly UnweighedTerm[],
  known: ReadonlyMap<string, number>,
): readonly UnweighedTerm[] {
  const wholes = words.filter((word) => {
    const parts = known.has(word.text) ? [] : partsOf(text.slice(word.start, word.end))
    return parts.length > 0 && parts.every((part) => known.has(part))
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
    ...more
  }: Pick<QueryAnalysis, 'corrections' | 'didYouMean'> & { known: Map<string, number>; sums: Sums },
): QueryAnalysis {
  // A compound that nobody writes so is only another spelling of its words, not something that is missing.
  const terms = asked
    .filter(({ kind, token }) => kind !== 'joined' || known.has(token))
    .map((term) => weigh({ ...term, frequency: known.get(term.token) ?? 0 }, sums.passages))
  const numbers = new Map(terms.map((term, number) => [term.token, number]))
  const corrected = more.corrections.flatMap(({ to }) => [to, prefixOf(to) ?? to])
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
