/**
 * Statements that deny what their quote says, or say what it denies. The words behind a negation decide, because a quote may deny
 * something that the statement does not speak of.
 */
import { splitSentences, splitWords } from '../search.ts'
import { stemOf } from './stems.ts'

const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|\p{L}+n['’]t|nicht|kein\p{L}*|nie|niemand|nichts|pas|jamais|aucun\p{L}*|nunca|ningun\p{L}*|nessun\p{L}*|não|niet|geen)\b/giu
/** Words that deny by themselves: "living there is forbidden" says what "is not allowed" says, and no more than that of anything else. */
const DENYING_WORDS =
  /\b(?:forbidden|prohibited|banned|excluded|except|without|unless|outside|verboten|untersagt|ausgeschlossen|ohne|außer|interdite?s?|exclue?s?|sauf|sans|prohibid[oa]s?|excluid[oa]s?|excepto|salvo|sin|gratis|gratuite?s?|gratuit[oa]s?|kostenlos|kostenfrei|free|closed|shut|stop(?:s|ped)|fail(?:s|ed)|refused?|unable|geschlossen|cerrad[oa]s?|fermée?s?|only|nur|erst|sólo|solo|seulement)\b/giu
/** What they deny is understood. */
const PERMITTING = new Set(
  'allowed permitted permissible possible allow permit pay pays paid cost costs erlaubt gestattet zulassig moglich zahlen kostet permis autorise accepte acceptes accepter paient permite permitido permitida pagan paga open opens offen geoffnet offnet abre abren abierto abierta ouvert ouverte ouvre'
    .split(' ')
    .map(stemOf),
)
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
  return deniedIn(denying).some((denied) => {
    const speaking = sentences.filter((sentence) => {
      const there = wordsOf(sentence)
      const hasPredicate = !denied.isLast || there.includes(denied.predicate)
      return hasPredicate && share(denied.words, there) >= SHARE_MIN
    })
    return speaking.length > 0 && !speaking.some((sentence) => isDeniedIn(sentence, denied))
  })
}

function isDeniedIn(sentence: string, { words, subject, predicate }: Denied): boolean {
  const isDenied = negationsIn(sentence, NEGATION).some(
    ({ clause }) =>
      share(words, clause) >= SAME_MIN ||
      (clause.includes(predicate) && (subject.length === 0 || subject.some((word) => clause.includes(word)))),
  )
  if (isDenied) return true
  const understood = words.filter((word) => !PERMITTING.has(word))
  return negationsIn(sentence, DENYING_WORDS).some(
    ({ word, clause }) =>
      // "Is not forbidden" is another matter.
      !words.includes(word) && (understood.length === 0 || share(understood, clause) >= SAME_MIN),
  )
}

interface Denied {
  words: string[]
  /** What stands before the negation in its clause. */
  subject: string[]
  /** The word right behind the negation, or right before it where it ends its clause: "ne paient pas". */
  predicate: string
  /** Then the words before are arguments of the predicate, and say little without it. */
  isLast: boolean
}

function deniedIn(text: string): Denied[] {
  return negationsIn(text, NEGATION).flatMap(({ before, behind }) => {
    const missing = behind.length < DENIED_WORDS_MIN ? DENIED_WORDS - behind.length : 0
    // When and how much is not what is denied: "was tried at 2:50 and did not succeed".
    const told = before.filter((word) => !/\p{N}/u.test(word))
    const words = [...(missing > 0 ? told.slice(-missing) : []), ...behind.slice(0, DENIED_WORDS)]
    const predicate = behind[0] ?? before.at(-1)
    return predicate === undefined ? [] : [{ words, subject: before, predicate, isLast: behind.length === 0 }]
  })
}

/** The words of the clause of each negation. */
function negationsIn(
  text: string,
  pattern: RegExp,
): { word: string; before: string[]; behind: string[]; clause: string[] }[] {
  return [...text.matchAll(pattern)].map(({ 0: negation, index }) => {
    const before = wordsOf(text.slice(0, index).split(CLAUSE_END).at(-1)!)
    const behind = wordsOf(text.slice(index + negation.length).split(CLAUSE_END)[0]!)
    return { word: stemOf(negation.toLowerCase()), before, behind, clause: [...before, ...behind] }
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
