/** An answer as statements: its sentences, each with the markers that stand for it. */
import { splitSentences, splitWords } from '../search.ts'
import type { Range } from './locate.ts'

export interface Statement extends Range {
  /** Without markers. */
  text: string
  /** Numbers of the sources that it names. */
  numbers: number[]
}

const MARKER = /\[(\d+)\]/g

/** Markers behind a sentence belong to it, whether they stand before its full stop or after it. */
export function statementsOf(answer: string): Statement[] {
  const plain = blankMarkers(answer)
  const statements: Statement[] = splitSentences(plain)
    .map(({ start, end }) => ({ start, end, text: plain.slice(start, end).replace(/ {2,}/g, ' '), numbers: [] }))
    .filter(({ text }) => splitWords(text).length > 0)
  for (const { 1: n, index } of answer.matchAll(MARKER)) {
    const before = statements.findLast(({ start }) => start < index)
    const isAtLineStart =
      answer
        .slice(answer.lastIndexOf('\n', index) + 1, index)
        .replace(MARKER, '')
        .trim() === ''
    const statement = before && !isAtLineStart ? before : statements.find(({ start }) => start > index)
    statement?.numbers.push(Number(n))
  }
  return statements
}

/** How much of an answer is looked at for the statement before a marker. */
const CLAIM_LENGTH_MAX = 600
const HALF_WORDS_MIN = 3

/**
 * The claim that a marker at the end of this text stands for. In "It has 42 seats [1] and opens at nine [2]" the second marker stands
 * for the second half, if that is one.
 */
export function claimBefore(answer: string): string {
  const tail = answer.slice(-CLAIM_LENGTH_MAX)
  const statement = statementsOf(tail).at(-1)
  if (!statement) return ''
  const marked = tail.slice(statement.start).replace(/(?:\s*\[\d+\])+\s*$/, '')
  const half = marked.split(/\[\d+\]/).at(-1) ?? ''
  return splitWords(half).length >= HALF_WORDS_MIN ? half.trim() : statement.text
}

/** As long as before, so that places stay places. */
function blankMarkers(answer: string): string {
  return answer.replace(MARKER, (marker) => ' '.repeat(marker.length))
}
