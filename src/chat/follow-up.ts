/**
 * Questions that need the one before them: "and the second one?", "when was it built?". Such a question is searched together with
 * the words of the question before. One that stands by itself is left alone: words of another subject would only lead astray.
 */
import { splitWords } from '../search.ts'

/** A question of the same chat and what was answered, oldest first. */
export interface Exchange {
  question: string
  answer: string
}

/** Folded words that point at something said before, and are seldom anything else. */
const POINTING = new Set(
  [
    'it its they them their theirs he him his she her hers those these ones',
    'er ihn ihm ihnen dort damals davon dafur dabei',
    'lui leur celui celle ceux cela',
    'ellos ellas eso',
  ].flatMap((line) => line.split(' ')),
)
const GOING_ON = /^\s*(?:and|but|so|what about|how about|why|und|aber|was ist mit|warum|et|mais|pourquoi|y|pero|e)\b/i
/** A longer question says what it is about. */
const WORDS_MAX = 12
const SHORT_WORDS_MAX = 5

/** What to search for: the question itself, or together with the one before. */
export function standaloneQuestion(question: string, history: readonly Exchange[]): string {
  const before = history.at(-1)
  return before && pointsBack(question) ? `${question.trim()} ${before.question.trim()}` : question
}

function pointsBack(question: string): boolean {
  const words = splitWords(question).map(({ text }) => text)
  if (words.length === 0 || words.length > WORDS_MAX) return false
  return words.some((word) => POINTING.has(word)) || (words.length <= SHORT_WORDS_MAX && GOING_ON.test(question))
}
