/** A question as the index sees it: its terms with their weights, corrected where a word is unknown. */
import type { Reader } from '../storage.ts'
import { readFrequencies, type Sums } from './lexical-index.ts'
import { type ParsedQuery, termsOf } from './query.ts'
import type { ContentWords } from './ranking.ts'
import { type Correction, correct } from './spelling.ts'
import { isFunctionWord, type Term, weigh } from './weights.ts'
import { splitWords } from './words.ts'

export interface QueryAnalysis {
  terms: readonly Term[]
  content: ContentWords
  /** The weight of the whole question. */
  total: number
  corrections: readonly Correction[]
  didYouMean: string | null
}

export function analyse(reader: Reader, query: ParsedQuery, sums: Sums): QueryAnalysis {
  const first = termsOf(query.text, query.words)
  const known = readFrequencies(
    reader,
    first.map((term) => term.token),
  )
  const unknown = first.filter((term) => term.kind === 'word' && !known.has(term.token)).map((term) => term.token)
  const corrections = correct(reader, unknown)
  const replaced = new Map(corrections.map(({ from, to }) => [from, to]))
  const words = query.words.map((word) => ({ ...word, text: replaced.get(word.text) ?? word.text }))

  const terms = corrections.length === 0 ? first : termsOf(query.text, words)
  const missing = terms.filter((term) => !known.has(term.token)).map((term) => term.token)
  const added = corrections.length === 0 ? [] : readFrequencies(reader, missing)
  const frequencies = new Map([...known, ...added])
  const weighed = terms
    .map((term) => weigh({ ...term, frequency: frequencies.get(term.token) ?? 0 }, sums.passages))
    // A compound that nobody writes so is only another spelling of its words, not something that is missing.
    .filter((term) => term.kind !== 'joined' || term.frequency > 0)
  const numbers = new Map(weighed.map((term, index) => [term.token, index]))
  return {
    terms: weighed,
    content: words.filter((word) => !isFunctionWord(word.text)).map((word) => numbers.get(word.text)!),
    total: weighed.reduce((sum, term) => sum + term.weight, 0),
    corrections,
    didYouMean: corrections.length === 0 ? null : replaceWords(query.text, replaced),
  }
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
