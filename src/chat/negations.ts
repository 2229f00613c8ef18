/**
 * Statements that deny what their quote says, or say what it denies. The words behind a negation decide, because a quote may deny
 * something that the statement does not speak of.
 */
import { splitSentences, splitWords } from '../search.ts'
import { stemOf } from './stems.ts'

const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|\p{L}+n['’]t|nicht|kein\p{L}*|nie|niemand|nichts|pas|jamais|aucun\p{L}*|nunca|ningun\p{L}*|nessun\p{L}*|não|niet|geen)\b/giu
/** So many words behind a negation are taken to be denied, within its clause; where there are fewer, those before it as well. */
const DENIED_WORDS = 3
const DENIED_WORDS_MIN = 2
const CLAUSE_END = /[.,;:!?](?!\d)|\n/
/** Of the denied words, so many must be on the other side for both to speak of the same. */
const SHARE_MIN = 0.6
/** A denial speaks of the same when its clause has so many of the words. */
const SAME_MIN = 0.5
const SMALL_WORDS = new Set(
  'the and for but was are has had its they them this that these those same any all his her their you your who does did should would der die das den dem des und ein von vom zum zur bis les des une los las del per che'.split(
    ' ',
  ),
)

export function hasFlippedNegation(claim: string, quotes: string): boolean {
  return deniesAgainst(claim, quotes) || deniesAgainst(quotes, claim)
}

/** Whether the first text denies words that a sentence of the other says without denying them. */
function deniesAgainst(denying: string, saying: string): boolean {
  const sentences = splitSentences(saying).map(({ start, end }) => saying.slice(start, end))
  return deniedIn(denying).some((words) => {
    const speaking = sentences.filter((sentence) => share(words, wordsOf(sentence)) >= SHARE_MIN)
    return speaking.length > 0 && !speaking.some((sentence) => isDeniedIn(sentence, words))
  })
}

function isDeniedIn(sentence: string, words: readonly string[]): boolean {
  return negationsIn(sentence).some(({ clause }) => share(words, clause) >= SAME_MIN)
}

function deniedIn(text: string): string[][] {
  return negationsIn(text)
    .map(({ before, behind }) => {
      const missing = behind.length < DENIED_WORDS_MIN ? DENIED_WORDS - behind.length : 0
      return [...(missing > 0 ? before.slice(-missing) : []), ...behind.slice(0, DENIED_WORDS)]
    })
    .filter((words) => words.length > 0)
}

/** The words of the clause of each negation. */
function negationsIn(text: string): { before: string[]; behind: string[]; clause: string[] }[] {
  return [...text.matchAll(NEGATION)].map(({ 0: negation, index }) => {
    const before = wordsOf(text.slice(0, index).split(CLAUSE_END).at(-1)!)
    const behind = wordsOf(text.slice(index + negation.length).split(CLAUSE_END)[0]!)
    return { before, behind, clause: [...before, ...behind] }
  })
}

function share(words: readonly string[], among: readonly string[]): number {
  return words.filter((word) => among.includes(word)).length / words.length
}

/** Beginnings of the words that carry something, in order. */
function wordsOf(text: string): string[] {
  return splitWords(text)
    .filter(({ text: word }) => (word.length > 2 && !SMALL_WORDS.has(word)) || /\p{N}/u.test(word))
    .map(({ text: word }) => stemOf(word))
}
