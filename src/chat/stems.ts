/** The beginning of a word stands for all its forms: `opens` for `opening`. Rough, but the same for every inflecting language. */

const STEM_LENGTH = 5

/** Of a folded word. Figures stay whole. */
export function stemOf(word: string): string {
  if (/\p{N}/u.test(word)) return word
  const singular = word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word
  return singular.slice(0, STEM_LENGTH)
}
