/** A word that is nowhere in the index, and the known word that was probably meant: one letter wrong, missing, too many, or two swapped. */
import { isFunctionWord } from './weights.ts'

export interface Correction {
  from: string
  to: string
}

const WORD_LENGTH_MIN = 4
const WORD_LENGTH_MAX = 24
/** Every correction asks the index for some hundred words. */
const CORRECTIONS_MAX = 4

/** Letters by script, as the word analysis leaves them; other scripts are corrected by leaving out and swapping alone. */
const ALPHABETS: readonly { script: RegExp; letters: string }[] = [
  { script: /^[a-zßæøłđðþœıħ]+$/, letters: 'abcdefghijklmnopqrstuvwxyzßæøł' },
  { script: /^\p{Script=Cyrillic}+$/u, letters: 'абвгдежзиклмнопрстуфхцчшщъыьэюяіґє' },
  { script: /^\p{Script=Greek}+$/u, letters: 'αβγδεζηθικλμνξοπρστυφχψω' },
  { script: /^\p{Script=Arabic}+$/u, letters: 'ءابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچژگ' },
  { script: /^\p{Script=Hebrew}+$/u, letters: 'אבגדהוזחטיכךלמםנןסעפףצץקרשת' },
]

/** Corrections of those words that stand in no passage. */
export function correct(
  unknownWords: readonly string[],
  frequenciesOf: (words: readonly string[]) => Map<string, number>,
): Correction[] {
  const corrections: Correction[] = []
  for (const word of unknownWords.filter(isCorrectable).slice(0, CORRECTIONS_MAX)) {
    const near = frequenciesOf(variants(word))
    let best: { to: string; frequency: number } | undefined
    for (const [to, frequency] of near) {
      if (!best || frequency > best.frequency || (frequency === best.frequency && to < best.to))
        best = { to, frequency }
    }
    if (best) corrections.push({ from: word, to: best.to })
  }
  return corrections
}

function isCorrectable(word: string): boolean {
  return (
    word.length >= WORD_LENGTH_MIN &&
    word.length <= WORD_LENGTH_MAX &&
    /^[\p{L}\p{M}]+$/u.test(word) &&
    !isFunctionWord(word)
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
