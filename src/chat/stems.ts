/** The beginning of a word stands for all its forms: `opens` for `opening`. Rough, but the same for every inflecting language. */

const STEM_LENGTH = 5
/** `serves` and `serving`, `Karte` and `Karten`, `abierto` and `abierta`. */
const LAST_VOWEL = /(?<=\p{L}{4})[aeiouy]$/u
/** Short words would keep a part of it: `soaked` and `soaking`, `empty` and `emptied`. */
const ENDING = /(?<=\p{L}{4})(?:ing|ed|y|ied?)$/u

/** Of a folded word. Figures stay whole. */
export function stemOf(word: string): string {
  if (/\p{N}/u.test(word)) return word
  const singular = word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word
  return singular.replace(ENDING, '').slice(0, STEM_LENGTH).replace(LAST_VOWEL, '')
}
