/**
 * What somebody typed, taken apart: words to find, and the signs that filter. Every text is a query: what is no operator is
 * words, and what holds no words finds nothing.
 *
 *     "exact words"   must stand so            -word  -"exact words"   must not stand
 *     name:report     the file's name holds it     name:"annual report"
 *     collection:laws   the collection's name holds it        type:pdf   the kind of file
 *     after:2026-01-31  before:2026             added on this day or later, or before it (UTC)
 *
 * In a question the signs are only signs: names in quotation marks stand there in another case, or in another spelling, than
 * in the passage that answers it. The words with a colon hold there too.
 */
import { derivedWords } from './derived-words.ts'
import { addFilter, type Filters, hasFilters, noFilters } from './filters.ts'
import { isFunctionWord, type Term } from './weights.ts'
import { prefixOf, splitWords, type Word } from './words.ts'

export interface ParsedQuery {
  /** As far as it is read. */
  text: string
  /** What is looked for, in order; ranges into `text`. None where only filters were named. */
  words: Word[]
  phrases: string[][]
  excluded: string[][]
  filters: Filters
}

/** A question has fewer; what comes after is not read. Bounds what one query can cost. */
const QUERY_LENGTH_MAX = 2000
const QUERY_WORDS_MAX = 64
const OPERATOR_MAX = 8
/** The sign must begin a word; a minus before a digit is a number. */
const OPERATOR =
  /(?<=^|\s)(?:(name|collection|type|after|before):(?:"([^"]*)"|(\S+?)(?=[.,;:?!]*(?:\s|$)))|(-?)["“„]([^"“”„]+)["”“]|-(?=\p{L})([\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*))(?=\s|$|[.,;:?!])/giu

const QUESTION = /[?？؟]["'”’»\s]*$/

export function parseQuery(raw: string): ParsedQuery {
  const text = raw.slice(0, QUERY_LENGTH_MAX).toWellFormed()
  const query: ParsedQuery = { text, words: [], phrases: [], excluded: [], filters: noFilters() }
  const isQuestion = QUESTION.test(text)
  const rest = text.replace(OPERATOR, (whole, operator, quotedValue, value, minus, phrase, excluded) => {
    if (operator !== undefined) {
      if (!addFilter(query.filters, operator.toLowerCase(), quotedValue ?? value)) return whole
    } else if (isQuestion) return whole
    else if (excluded !== undefined) query.excluded.push(wordsOf(excluded))
    else if (minus === '-') query.excluded.push(wordsOf(phrase))
    else {
      query.phrases.push(wordsOf(phrase))
      return whole
    }
    return ' '.repeat(whole.length) // So that ranges still fit.
  })
  query.words = splitWords(rest).slice(0, QUERY_WORDS_MAX)
  for (const list of [query.phrases, query.excluded]) {
    list.splice(0, Infinity, ...list.filter((words) => words.length > 0).slice(0, OPERATOR_MAX))
  }
  if (query.words.length > 0 || hasFilters(query.filters)) return query
  // Nothing but exclusions is no question: then they are what is looked for.
  return { ...query, words: splitWords(text).slice(0, QUERY_WORDS_MAX), excluded: [] }
}

function wordsOf(text: string): string[] {
  return splitWords(text)
    .slice(0, QUERY_WORDS_MAX)
    .map((word) => word.text)
}

export type UnweighedTerm = Pick<Term, 'token' | 'kind' | 'isFunctionWord'>

/** The distinct tokens of a question, not yet weighed. */
export function termsOf(text: string, words: readonly Word[]): UnweighedTerm[] {
  const terms = new Map<string, UnweighedTerm>()
  for (const { text: word } of words) {
    const isFunction = isFunctionWord(word)
    if (!terms.has(word)) terms.set(word, { token: word, kind: 'word', isFunctionWord: isFunction })
    const prefix = prefixOf(word)
    if (prefix !== undefined && !terms.has(prefix))
      terms.set(prefix, { token: prefix, kind: 'prefix', isFunctionWord: isFunction })
  }
  for (const { text: word } of derivedWords(text, words)) {
    if (!terms.has(word)) terms.set(word, { token: word, kind: 'joined', isFunctionWord: false })
  }
  return [...terms.values()]
}
