/** How much each token of a question weighs. */
import { FUNCTION_WORDS } from './function-words.ts'

export type TermKind = 'word' | 'prefix' | 'joined'

/** A distinct token of a question. */
export interface Term {
  token: string
  kind: TermKind
  isFunctionWord: boolean
  /** In how many passages it stands. */
  frequency: number
  weight: number
  /** The number of the term that is this word's prefix. */
  prefix: number | undefined
}

const FUNCTION_WORD_SHARE = 0.3
const KIND_SHARE: Record<TermKind, number> = { word: 1, prefix: 0.7, joined: 0.7 }

/** BM25's idf, in the form that is never negative. */
export function inverseFrequency(frequency: number, passages: number): number {
  return Math.log(1 + (Math.max(0, passages - frequency) + 0.5) / (frequency + 0.5))
}

/**
 * What is known of words before any document is there, as so many passages: a collection of two notes cannot tell by itself
 * that "how" says less than "seats". Measured on four question sets of 100 to 500 passages: the area under the curve of
 * found against absent stays the same (0.976), recall within 0.3 points.
 */
const PRIOR_PASSAGES = 50
const PRIOR_SHARE = { functionWord: 0.4, other: 0.01 }

export function weigh<T extends Pick<Term, 'kind' | 'isFunctionWord' | 'frequency'>>(
  term: T,
  passages: number,
): T & { weight: number } {
  const share = KIND_SHARE[term.kind] * (term.isFunctionWord ? FUNCTION_WORD_SHARE : 1)
  const prior = PRIOR_PASSAGES * (term.isFunctionWord ? PRIOR_SHARE.functionWord : PRIOR_SHARE.other)
  return { ...term, weight: share * inverseFrequency(term.frequency + prior, passages + PRIOR_PASSAGES) }
}

export function isFunctionWord(word: string): boolean {
  return FUNCTION_WORDS.has(word)
}
