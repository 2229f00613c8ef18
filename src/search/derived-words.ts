/**
 * Other ways to write what a text says, beside its words as they are:
 *
 *     e-mail, max_size    email, maxsize          what stands side by side but for a hyphen or an underscore, as one
 *     1,000               1000                    thousands
 *     maxPoolSize         max pool size           the parts of an identifier
 *     5kg                 5 kg                    a number and its unit
 *     M8x40               m8 40                   a size
 *     C++, C#             c~pp, c~sh             a letter whose sign makes it another name
 *     Straße, Ærø         strasse, aero           letters that many keyboards lack
 *     서울이다              서울 울이 이다            pairs of syllables: in Korean endings and other nouns are written on to a word
 *
 * Whoever asks for one finds the other; the word itself weighs more, so that codes that differ in one sign stay apart.
 */
import type { Word } from './words.ts'

const WORD_LENGTH_MAX = 64
const PARTS_MAX = 12
const IDENTIFIER = /[a-z][A-Z]|[A-Z]{2}[a-z]/
const IDENTIFIER_PART = /[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g
const NUMBER_WITH_UNIT = /^(\d+)([A-Za-z]{1,3})$/
const SIZE = /^([A-Za-z]{0,2}\d+)[xX](\d+)$/
const HANGUL = /^[\uac00-\ud7a3]{3,}$/
const SPELT_OUT: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ı: 'i' }
const HAS_SPELT_OUT = /[ßæœøłđı]/

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

/** Whether nothing but a hyphen, an underscore or the sign between thousands lies between two words. */
export function areJoined(text: string, end: number, start: number): boolean {
  if (start !== end + 1) return false
  const between = text.charCodeAt(end)
  if (between === 0x2d || between === 0x5f || between === 0x2010 || between === 0x2011) return true
  return isDigit(text.charCodeAt(end - 1)) && isDigit(text.charCodeAt(start)) && isBetweenThousands(text, end, start)
}

/** 1,000 and 1.000, 1’000, and 1 000 with a space that does not break. */
function isBetweenThousands(text: string, end: number, start: number): boolean {
  return (
    THOUSANDS.test(text[end]!) &&
    /\b\d{1,3}$/.test(text.slice(Math.max(0, end - 4), end)) &&
    /^\d{3}\b/.test(text.slice(start, start + 4))
  )
}
const THOUSANDS = /[,.'’\u00a0\u202f]/

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Parts of one word, given as it stands in the text; none for most words. */
export function partsOf(raw: string): string[] {
  const unit = NUMBER_WITH_UNIT.exec(raw)
  if (unit) return [unit[1]!, unit[2]!.toLowerCase()]
  const size = SIZE.exec(raw)
  if (size) return [size[1]!.toLowerCase(), size[2]!]
  if (NOT_ASCII.test(raw)) return otherSpellings(raw)
  if (!IDENTIFIER.test(raw)) return []
  const parts = raw.match(IDENTIFIER_PART) ?? []
  return parts.length < 2 ? [] : parts.slice(0, PARTS_MAX).map((part) => part.toLowerCase())
}

const NOT_ASCII = /[^\0-\x7f]/

function otherSpellings(raw: string): string[] {
  if (HANGUL.test(raw)) {
    return Array.from({ length: Math.min(raw.length - 1, PARTS_MAX) }, (_, at) => raw.slice(at, at + 2))
  }
  const small = raw.toLowerCase()
  if (!HAS_SPELT_OUT.test(small)) return []
  const plain = small.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  return [plain.replace(/[ßæœøłđı]/g, (letter) => SPELT_OUT[letter]!)]
}

/** Whether a word may have parts: cheaper than to look for them. */
export function mayHaveParts(text: string, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    const before = text.charCodeAt(at - 1)
    if ((code > 0x7f && mayBeSpeltOtherwise(code)) || (before > 0x7f && mayBeSpeltOtherwise(before))) return true
    const isCapital = code >= 0x41 && code <= 0x5a
    if (isCapital && before >= 0x61) return true
    if (code > 0x60 && before >= 0x41 && before <= 0x5a && at - start >= 2) return true
    if (code > 0x40 && before < 0x3a) return true
  }
  return false
}

function mayBeSpeltOtherwise(code: number): boolean {
  return code < 0x154 ? SPELT_OUT_CODES.has(code) : code >= 0xac00 && code <= 0xd7a3
}
const SPELT_OUT_CODES: ReadonlySet<number> = new Set(
  [...Object.keys(SPELT_OUT).join(''), ...'ÆŒØŁĐ'].map((letter) => letter.charCodeAt(0)),
)

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
