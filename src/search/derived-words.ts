/**
 * Other ways to write what a text says, beside its words as they are:
 *
 *     e-mail, max_size    email, maxsize          what stands side by side but for a hyphen or an underscore, as one
 *     maxPoolSize         max pool size           the parts of an identifier
 *     5kg                 5 kg                    a number and its unit
 *     C++, C#             c~pp, c~sh             a letter whose sign makes it another name
 *
 * Whoever asks for one finds the other; the word itself weighs more, so that codes that differ in one sign stay apart.
 */
import type { Word } from './words.ts'

const WORD_LENGTH_MAX = 64
const PARTS_MAX = 12
const IDENTIFIER = /[a-z][A-Z]|[A-Z]{2}[a-z]/
const IDENTIFIER_PART = /[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g
const NUMBER_WITH_UNIT = /^(\d+)([A-Za-z]{1,3})$/

/** Words that stand with nothing but a hyphen or an underscore between them, as one: `e-mail` as `email`, `AB-1200` as `ab1200`. */
export function joinedWords(text: string, words: readonly Word[]): Word[] {
  const joined: Word[] = []
  for (let first = 0; first < words.length - 1; first++) {
    let last = first
    while (last + 1 < words.length && areJoined(text, words[last]!.end, words[last + 1]!.start)) last++
    if (last === first) continue
    const whole = words
      .slice(first, last + 1)
      .map((word) => word.text)
      .join('')
    if (whole.length <= WORD_LENGTH_MAX) joined.push({ text: whole, start: words[first]!.start, end: words[last]!.end })
    first = last
  }
  return joined
}

/** Whether nothing but a hyphen or an underscore lies between two words. */
export function areJoined(text: string, end: number, start: number): boolean {
  if (start !== end + 1) return false
  const between = text.charCodeAt(end)
  return between === 0x2d || between === 0x5f || between === 0x2010 || between === 0x2011
}

/** Parts of one word, given as it stands in the text; none for most words. */
export function partsOf(raw: string): string[] {
  const unit = NUMBER_WITH_UNIT.exec(raw)
  if (unit) return [unit[1]!, unit[2]!.toLowerCase()]
  if (!IDENTIFIER.test(raw)) return []
  const parts = raw.match(IDENTIFIER_PART) ?? []
  return parts.length < 2 ? [] : parts.slice(0, PARTS_MAX).map((part) => part.toLowerCase())
}

/** Whether a word of plain letters and digits may have parts: cheaper than to look for them. */
export function mayHaveParts(text: string, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    const before = text.charCodeAt(at - 1)
    const isCapital = code >= 0x41 && code <= 0x5a
    if (isCapital && before >= 0x61) return true
    if (code > 0x60 && before >= 0x41 && before <= 0x5a && at - start >= 2) return true
    if (code > 0x40 && before < 0x3a) return true
  }
  return false
}

/** What the signs after a word of one or two letters make of it. */
export function signedWord(text: string, word: Word): string | undefined {
  if (word.text.length > 2) return undefined
  if (text.startsWith('++', word.end)) return `${word.text}~pp`
  const isSharp = text[word.end] === '#' && !/[\p{L}\p{N}]/u.test(text[word.end + 1] ?? '')
  return isSharp ? `${word.text}~sh` : undefined
}

/** All of these, each at the place of what it was made from. */
export function derivedWords(text: string, words: readonly Word[]): Word[] {
  const derived = joinedWords(text, words)
  for (const word of words) {
    const { start, end } = word
    for (const part of partsOf(text.slice(start, end))) derived.push({ text: part, start, end })
    const signed = signedWord(text, word)
    if (signed !== undefined) derived.push({ text: signed, start, end })
  }
  return derived
}
