/** Names in a statement: what is capitalised where nothing else would be. */
import { splitWords } from '../search.ts'
import { isCalendarName } from './dates.ts'
import { stemOf } from './stems.ts'

/**
 * Where more words than this are capitalised within sentences, nouns are (German), and capitals tell nothing. A whole passage has
 * fewer names among its words than a sentence that is about somebody.
 */
const CAPITALS_MAX = { quotes: 0.3, around: 0.2 }
const NAME =
  /(?<![\p{L}\p{N}_-])\p{Lu}[\p{L}\p{M}\p{N}’'-]+(?:\s+(?:of|de|von|van|der|the|&)?\s*\p{Lu}[\p{L}\p{M}\p{N}’'-]+)*/gu

/** "R-24M", "C-12", "E172", "TF240": what a thing is called that has a number. */
const CODE = /(?<![\p{L}\p{N}-])\p{Lu}{1,4}-?\d+\p{L}?(?![\p{L}\p{N}])/gu

export function codesOf(claim: string): string[] {
  return [...claim.matchAll(CODE)].map(([code]) => code)
}

/** As it is, or with another sign between. */
export function hasCode(code: string, text: string): boolean {
  const loose = code
    .replace('-', '')
    .split(/(?<=\p{Lu})(?=\d)/u)
    .join('[ -]?')
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${loose}(?!\p{N})`, 'iu').test(text)
}

/** Capitalised words within a sentence; of its first word nobody can tell. */
export function namesOf(claim: string, quotes: string, around: string): string[] {
  if (shareOfCapitals(quotes) > CAPITALS_MAX.quotes || shareOfCapitals(around) > CAPITALS_MAX.around) return []
  return [...claim.matchAll(NAME)].flatMap(({ 0: name, index }) => {
    if (!startsSentence(claim, index)) return [name]
    const rest = name.replace(/^\S+\s*/, '')
    return rest === '' ? [] : [rest]
  })
}

function startsSentence(text: string, index: number): boolean {
  return /(?:^|[.!?:;•\n"“(*-])\s*$/.test(text.slice(0, index))
}

function shareOfCapitals(text: string): number {
  const within = [...text.matchAll(/(?<=[\p{Ll},;]\s)\p{L}\S{2,}/gu)].map(([word]) => word)
  return within.length === 0 ? 0 : within.filter((word) => /^\p{Lu}/u.test(word)).length / within.length
}

/** Every word of the name, or its beginning: names are declined, and months and weekdays are looked at as dates. */
export function hasName(name: string, text: string): boolean {
  const words = splitWords(text).map((word) => word.text)
  const whole = new Set(words)
  const stems = new Set(words.map(stemOf))
  return splitWords(name).every(
    ({ text: word, start, end }) =>
      word.length < 3 ||
      whole.has(word) ||
      stems.has(stemOf(word)) ||
      isCalendarName(word) ||
      (ACRONYM.test(name.slice(start, end)) && isSpelledOut(word, words)),
  )
}

const ACRONYM = /^\p{Lu}{3,6}$/u
/** So many words may stand between those whose beginnings are taken: "impuesto sobre bienes inmuebles". */
const SKIPPED_WORDS_MAX = 2

/** Whether the letters begin words that follow each other. */
function isSpelledOut(letters: string, words: readonly string[]): boolean {
  return words.some((_, first) => {
    let at = first
    for (const letter of letters) {
      const from = at === first ? first : at
      const found = words.findIndex((word, index) => index >= from && word.startsWith(letter))
      if (found < 0 || found - from > (from === first ? 0 : SKIPPED_WORDS_MAX)) return false
      at = found + 1
    }
    return true
  })
}
