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
    ({ text: word }) => word.length < 3 || whole.has(word) || stems.has(stemOf(word)) || isCalendarName(word),
  )
}
