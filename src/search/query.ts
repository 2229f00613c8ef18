/**
 * What somebody typed, taken apart: words to find, and the signs that filter. Every text is a query: what is no operator is
 * words, and what holds no words finds nothing.
 *
 *     "exact words"   must stand so            -word  -"exact words"   must not stand
 *     name:report     the file's name holds it     name:"annual report"
 *
 * In a question the signs are only signs: names in quotation marks stand there in another case, or in another spelling, than
 * in the passage that answers it. `name:` holds there too.
 */

import { isFunctionWord, type Term } from './weights.ts'
import { joinedWords, prefixOf, splitWords, type Word } from './words.ts'

export interface ParsedQuery {
  /** As far as it is read. */
  text: string
  /** What is looked for, in order; ranges into `text`. */
  words: Word[]
  phrases: string[][]
  excluded: string[][]
  /** Parts that the document's name must hold, lowercase. */
  names: string[]
}

/** A question has fewer; what comes after is not read. Bounds what one query can cost. */
const QUERY_LENGTH_MAX = 2000
const QUERY_WORDS_MAX = 64
const OPERATOR_MAX = 8
/** The sign must begin a word; a minus before a digit is a number. */
const OPERATOR =
  /(?<=^|\s)(?:name:(?:"([^"]*)"|(\S+))|(-?)["“„]([^"“”„]+)["”“]|-(?=\p{L})([\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*))(?=\s|$|[.,;:?!])/giu

const QUESTION = /[?？؟]["'”’»\s]*$/

export function parseQuery(raw: string): ParsedQuery {
  const text = raw.slice(0, QUERY_LENGTH_MAX).toWellFormed()
  const query: ParsedQuery = { text, words: [], phrases: [], excluded: [], names: [] }
  const isQuestion = QUESTION.test(text)
  const rest = text.replace(OPERATOR, (whole, quotedName, name, minus, phrase, excluded) => {
    const named: string | undefined = quotedName ?? name
    if (named !== undefined) query.names.push(named.toLowerCase())
    else if (isQuestion) return whole
    else if (excluded !== undefined) query.excluded.push(wordsOf(excluded))
    else if (minus === '-') query.excluded.push(wordsOf(phrase))
    else {
      query.phrases.push(wordsOf(phrase))
      return whole
    }
    return ' '.repeat(whole.length) // So that ranges still fit.
  })
  query.words = splitWords(rest).slice(0, QUERY_WORDS_MAX)
  // Nothing but exclusions is no question: then they are what is looked for.
  if (query.words.length === 0)
    return { ...query, words: splitWords(text).slice(0, QUERY_WORDS_MAX), excluded: [], names: [] }
  for (const list of [query.phrases, query.excluded]) {
    list.splice(0, Infinity, ...list.filter((words) => words.length > 0).slice(0, OPERATOR_MAX))
  }
  query.names.splice(OPERATOR_MAX)
  return query
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
  for (const { text: word } of joinedWords(text, words)) {
    if (!terms.has(word)) terms.set(word, { token: word, kind: 'joined', isFunctionWord: false })
  }
  return [...terms.values()]
}
