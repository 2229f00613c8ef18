/**
 * In how many passages each token stands. The full-text index counts by walking through all of them, which takes milliseconds
 * for common words of a large index: their counts are kept for a while, because they hardly change.
 */
import type { Reader } from '../storage.ts'
import type { Sums } from './lexical-index.ts'

export type ReadFrequencies = (reader: Reader, tokens: readonly string[], sums: Sums) => Map<string, number>

const COMMON_FROM = 500
const KEPT_MAX = 10_000
/** Until the index has grown or shrunk by so much. */
const CHANGE_MAX = 0.02

export function openFrequencies(): ReadFrequencies {
  let kept = new Map<string, number>()
  let passages = 0
  return (reader, tokens, sums) => {
    if (Math.abs(sums.passages - passages) > CHANGE_MAX * passages || kept.size > KEPT_MAX) {
      kept = new Map()
      passages = sums.passages
    }
    const found = new Map<string, number>()
    const unknown: string[] = []
    for (const token of tokens) {
      const known = kept.get(token)
      if (known === undefined) unknown.push(token)
      else found.set(token, known)
    }
    for (const [token, frequency] of count(reader, unknown)) {
      found.set(token, frequency)
      if (frequency >= COMMON_FROM) kept.set(token, frequency)
    }
    return found
  }
}

/** Tokens that are nowhere are left out. */
function count(reader: Reader, tokens: readonly string[]): Map<string, number> {
  if (tokens.length === 0) return new Map()
  const rows = reader.all<{ term: string; doc: number }>(
    'SELECT term, doc FROM lexical_1_words WHERE term IN (SELECT value FROM json_each(?))',
    JSON.stringify(tokens),
  )
  return new Map(rows.map(({ term, doc }) => [term, doc]))
}
