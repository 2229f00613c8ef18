/** The beginning of a word stands for all its forms: `opens` for `opening`. Rough, but the same for every inflecting language. */

const STEM_LENGTH = 5
/** `serves` and `serving`, `Karte` and `Karten`, `abierto` and `abierta`. */
const LAST_VOWEL = /(?<=\p{L}{4})[aeiouy]$/u
/** Short words would keep a part of it: `soaked` and `soaking`, `empty` and `emptied`. */
const ENDING = /(?<=\p{L}{4})(?:ing|ed|y|ied?)$/u

/** The article and what is written on to it: العضوية and للعضوية are عضوية. */
const ARABIC_ARTICLE = /^(?:[وفبك]?ال|و?لل)(?=\p{L}{3})/u

/** Of a folded word. Figures stay whole. */
export function stemOf(word: string): string {
  if (/\p{N}/u.test(word)) return word
  const bare = word.replace(ARABIC_ARTICLE, '')
  const singular = bare.length > 3 && bare.endsWith('s') ? bare.slice(0, -1) : bare
  return singular.replace(ENDING, '').slice(0, STEM_LENGTH).replace(LAST_VOWEL, '')
}
