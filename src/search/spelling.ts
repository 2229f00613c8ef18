/** A word that is nowhere in the index, and the known word that was probably meant: one letter wrong, missing, too many, or two swapped. */
import { isFunctionWord } from './weights.ts'
import { prefixOf } from './words.ts'

export interface Correction {
  from: string
  to: string
  /** Whether the index has the word itself, or only other forms of it. */
  isWord: boolean
}

const WORD_LENGTH_MIN = 4
const WORD_LENGTH_MAX = 24
const FORM_LENGTH_MIN = 7
/** A correction asks the index for up to three hundred words. */
const CORRECTIONS_MAX = 3
/** Words are listed by their first letters where these stand in so many passages: 2 ms. */
const LISTED_MAX = 40_000

/** Letters by script, as the word analysis leaves them; other scripts are corrected by leaving out and swapping alone. */
const ALPHABETS: readonly { script: RegExp; letters: string }[] = [
  { script: /^[a-zßæøłđðþœıħ]+$/, letters: 'abcdefghijklmnopqrstuvwxyzßæøł' },
  { script: /^\p{Script=Cyrillic}+$/u, letters: 'абвгдежзиклмнопрстуфхцчшщъыьэюяіґє' },
  { script: /^\p{Script=Greek}+$/u, letters: 'αβγδεζηθικλμνξοπρστυφχψω' },
  { script: /^\p{Script=Arabic}+$/u, letters: 'ءابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچژگ' },
  { script: /^\p{Script=Hebrew}+$/u, letters: 'אבגדהוזחטיכךלמםנןסעפףצץקרשת' },
]

/** Words that questions are made of: when no document has one, it is still spelt right. */
const QUESTION_WORDS: ReadonlySet<string> = new Set(
  'many much long often tall wide deep high soon late early kind sort type name tell list show find give mean does done cost make made take used need want know year years month week days time'.split(
    ' ',
  ),
)

/** In how many passages words stand. */
export interface Vocabulary {
  frequenciesOf(tokens: readonly string[]): Map<string, number>
  /** All words that begin with these letters. */
  wordsFrom(letters: string): Map<string, number>
}

/** Corrections of those words that stand in no passage. Others may go first after each: one takes some milliseconds. */
export async function correct(unknownWords: readonly string[], vocabulary: Vocabulary): Promise<Correction[]> {
  const corrections: Correction[] = []
  for (const from of unknownWords.filter(isCorrectable).slice(0, CORRECTIONS_MAX)) {
    corrections.push(...correctOne(from, vocabulary))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return corrections
}

/**
 * To ask the index for a word takes twenty microseconds, and there are some five hundred variants. So the first letters are asked for
 * first, which the index holds for every longer word: where it has them the error is behind them, and where it has not it is in them.
 */
function correctOne(from: string, { frequenciesOf, wordsFrom }: Vocabulary): Correction[] {
  // Short words have too many neighbours: "many" is no misspelt "may".
  const meant = variants(from).filter((variant) => variant.length >= WORD_LENGTH_MIN)
  const prefix = prefixOf(from)
  if (prefix === undefined) return toWord(from, frequenciesOf(meant))
  const sharing = frequenciesOf([prefix]).get(prefix) ?? 0
  if (sharing > LISTED_MAX) {
    return toWord(from, frequenciesOf(meant.filter((variant) => prefixOf(variant) === prefix)))
  }
  if (sharing > 0) {
    const possible = new Set(meant)
    return toWord(from, new Map([...wordsFrom(prefix.slice(1))].filter(([word]) => possible.has(word))))
  }
  const byPrefix = new Map(meant.flatMap((variant) => [[prefixOf(variant) ?? '', variant] as const]))
  byPrefix.delete('')
  const known = frequenciesOf([...byPrefix.keys()])
  const possible = meant.filter((variant) => known.has(prefixOf(variant) ?? '') || prefixOf(variant) === undefined)
  const word = toWord(from, frequenciesOf(possible))
  if (word.length > 0 || from.length < FORM_LENGTH_MIN) return word
  // The word was meant in a form that does not occur: as words of the index begin.
  const form = byPrefix.get(mostFrequent(known) ?? '')
  return form === undefined ? [] : [{ from, to: form, isWord: false }]
}

function toWord(from: string, frequencies: ReadonlyMap<string, number>): Correction[] {
  const to = mostFrequent(frequencies)
  return to === undefined ? [] : [{ from, to, isWord: true }]
}

/** The first in the alphabet of equals, so that results are the same every time. */
function mostFrequent(frequencies: ReadonlyMap<string, number>): string | undefined {
  let best: { token: string; frequency: number } | undefined
  for (const [token, frequency] of frequencies) {
    const isBetter = !best || frequency > best.frequency || (frequency === best.frequency && token < best.token)
    if (isBetter) best = { token, frequency }
  }
  return best?.token
}

function isCorrectable(word: string): boolean {
  return (
    word.length >= WORD_LENGTH_MIN &&
    word.length <= WORD_LENGTH_MAX &&
    /^[\p{L}\p{M}]+$/u.test(word) &&
    !isFunctionWord(word) &&
    !QUESTION_WORDS.has(word)
  )
}

/** Everything at Damerau–Levenshtein distance 1. */
export function variants(word: string): string[] {
  const letters = [...word]
  const alphabet = ALPHABETS.find(({ script }) => script.test(word))?.letters ?? ''
  const found = new Set<string>()
  for (let i = 0; i <= letters.length; i++) {
    const [before, after] = [letters.slice(0, i).join(''), letters.slice(i)]
    const [next, second, ...rest] = after
    const others = after.slice(1).join('')
    if (next !== undefined) found.add(before + others)
    if (second !== undefined) found.add(before + second + next + rest.join(''))
    for (const letter of alphabet) {
      found.add(before + letter + after.join(''))
      if (next !== undefined) found.add(before + letter + others)
    }
  }
  found.delete(word)
  return [...found]
}
