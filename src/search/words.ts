/**
 * Text to words and tokens, in every script and without knowing the language. The index and every question go through here:
 * a change of what comes out is a new version of the index.
 *
 * A *word* is a maximal run of letters, marks and digits, folded; runs without spaces between words (Han, kana, Thai, …)
 * become overlapping n-grams. A *token* is what the index holds: every word and derived word, and `~` and five letters for each
 * longer one. The five letters stand in for a stemmer in every inflecting language.
 */
import { derivedWords } from './derived-words.ts'

export interface Word {
  /** Folded. */
  text: string
  /** Range in UTF-16 code units of the text it came from. */
  start: number
  end: number
}

/** Numbered like the lexical generation of the first schema. */
export const ANALYSIS_VERSION = '1'

/** Longer words are cut: nobody asks for them whole, and an index entry must have a bound. */
const WORD_LENGTH_MAX = 64
export const PREFIX_LENGTH = 5
/** Squared units (㎏) and letter-like signs (№) are words too. */
const RUN = /[\p{L}\p{M}\p{N}\u2100-\u214f\u3300-\u33ff]+/uy
const PART = /[\p{L}\p{M}\p{N}]+/gu
// U+0300–036F: what NFKD takes off Latin, Greek and Cyrillic letters. Arabic vowel signs and tatweel. Marks of other scripts stay: they are vowels.
const REMOVED_MARKS = /[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]/g
const ASCII = /^[0-9A-Za-z]*$/
const FIRST_UNSPACED = /[\u0e00-\uffff]/
const ARABIC_ONLY = /^[\u0621-\u064a]+$/
const HAS_DIGIT = /\p{N}/u

/** The words of a text in order. */
export function splitWords(text: string): Word[] {
  const words: Word[] = []
  visitWords(text, undefined, (word, start, end) => words.push({ text: word!, start, end }))
  return words
}

/** By the code of a first letter, of either case: a bit for each length that is looked for, 31 for all from there on. */
export type WordFilter = Uint32Array

export function makeFilter(words: readonly { text: string; isPrefix: boolean }[]): WordFilter {
  const filter = new Uint32Array(128)
  for (const { text, isPrefix } of words) {
    const code = text.charCodeAt(0)
    if (!isAsciiWord(code)) continue
    const lengths = isPrefix ? ~((2 << text.length) - 1) : 1 << Math.min(text.length, LENGTH_BIT_MAX)
    filter[code]! |= lengths
    filter[text[0]!.toUpperCase().charCodeAt(0)]! |= lengths
  }
  return filter
}
const LENGTH_BIT_MAX = 31

/** Each word in order. Without its text where it is plain ASCII and the filter leaves it out: most time goes into texts. */
export function visitWords(
  text: string,
  filter: WordFilter | undefined,
  visit: (word: string | undefined, start: number, end: number) => void,
): void {
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code < 0x80 && !isAsciiWord(code)) {
      at++
      continue
    }
    let end = at
    while (isAsciiWord(text.charCodeAt(end))) end++
    const isPlain = end > at && !(text.charCodeAt(end) >= 0x80)
    if (!isPlain || end - at > WORD_LENGTH_MAX) {
      at = visitRunAt(text, at, visit)
      continue
    }
    const isWanted = filter === undefined || ((filter[code]! >>> Math.min(end - at, LENGTH_BIT_MAX)) & 1) === 1
    visit(isWanted ? text.slice(at, end).toLowerCase() : undefined, at, end)
    at = end
  }
}

/** The run that begins here, if one does; answers where to go on. */
function visitRunAt(text: string, start: number, visit: (word: string, start: number, end: number) => void): number {
  RUN.lastIndex = start
  const run = RUN.exec(text)?.[0]
  if (run === undefined) return start + (text.codePointAt(start)! > 0xffff ? 2 : 1)
  const words: Word[] = []
  if (FIRST_UNSPACED.test(run)) addMixedRun(words, run, start)
  else addSpacedWord(words, run, start)
  for (const word of words) visit(word.text, word.start, word.end)
  return start + run.length
}

/** False beyond the end too, where the code is NaN. */
function isAsciiWord(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)
}

/** What the index holds of a field: the words in order, so that phrases can be found, then the tokens derived from them. */
export function tokensOf(text: string, words: readonly Word[] = splitWords(text)): string[] {
  const tokens = words.map((word) => word.text)
  for (const word of words) {
    const prefix = prefixOf(word.text)
    if (prefix !== undefined) tokens.push(prefix)
  }
  for (const { text: derived } of derivedWords(text, words)) {
    tokens.push(derived)
    const prefix = prefixOf(derived)
    if (prefix !== undefined) tokens.push(prefix)
  }
  return tokens
}

/** `~` and the first letters of a longer word. Codes and numbers have none: what differs in one sign is something else. */
export function prefixOf(word: string): string | undefined {
  const letters = prefixLetters(word)
  return letters === undefined ? undefined : `~${letters}`
}

/** The same without its mark. */
export function prefixLetters(word: string): string | undefined {
  if (word.length <= PREFIX_LENGTH) return undefined
  if (HAS_DIGIT.test(word)) return undefined
  if (word.charCodeAt(PREFIX_LENGTH - 1) < 0xd800) return word.slice(0, PREFIX_LENGTH)
  const letters = [...word]
  return letters.length > PREFIX_LENGTH ? letters.slice(0, PREFIX_LENGTH).join('') : undefined
}

function addSpacedWord(words: Word[], raw: string, start: number): void {
  const end = start + raw.length
  const cut = raw.length > WORD_LENGTH_MAX ? raw.slice(0, WORD_LENGTH_MAX).toWellFormed() : raw
  if (ASCII.test(cut)) {
    words.push({ text: cut.toLowerCase(), start, end })
    return
  }
  for (const text of foldWord(cut)) words.push({ text, start, end })
}

/** Folding takes microseconds, and words come again and again. About 1 MB. */
const FOLDED_MAX = 5000
const folded = new Map<string, readonly string[]>()

/** Mostly one word; compatibility forms may hold several: ½ is 1⁄2. */
function foldWord(raw: string): readonly string[] {
  const simple = foldLetters(raw)
  if (simple !== undefined) return simple === '' ? [] : [lightArabic(simple)]
  const known = folded.get(raw)
  if (known) return known
  const parts = Array.from(fold(raw).matchAll(PART), ([part]) => lightArabic(part))
  if (folded.size >= FOLDED_MAX) folded.clear()
  folded.set(raw, parts)
  return parts
}

/** By code: what a letter of Latin, Cyrillic or Arabic becomes, whatever stands beside it. */
const LETTERS: (string | undefined)[] = []

/** The same as `fold` for words of such letters and ASCII, letter by letter and many times as fast; undefined for others. */
function foldLetters(raw: string): string | undefined {
  let result = ''
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i)
    const isSimple =
      isAsciiWord(code) || isIn(code, 0xc0, 0x24f) || isIn(code, 0x400, 0x482) || isIn(code, 0x621, 0x64a)
    // A letter with a middle dot becomes two words.
    if (!isSimple || code === 0x13f || code === 0x140) return undefined
    result += LETTERS[code] ??= fold(raw[i]!)
  }
  return result
}

/** NFKD, lowercase, marks off, NFC. */
function fold(text: string): string {
  return text.normalize('NFKD').toLowerCase().replace(REMOVED_MARKS, '').normalize('NFC')
}

/** A run that may hold scripts without spaces: cut where the kind of script changes. */
function addMixedRun(words: Word[], run: string, runStart: number): void {
  let start = 0
  let size = 0
  let at = 0
  for (const letter of run) {
    const letterSize = gramSize(letter.codePointAt(0)!)
    if (at > start && letterSize !== size) {
      addStretch(words, run.slice(start, at), runStart + start, size)
      start = at
    }
    size = letterSize
    at += letter.length
  }
  addStretch(words, run.slice(start), runStart + start, size)
}

function addStretch(words: Word[], raw: string, start: number, size: number): void {
  if (size === 0) addSpacedWord(words, raw, start)
  else addGrams(words, raw, start, size)
}

function addGrams(words: Word[], raw: string, start: number, size: number): void {
  const rawLetters = [...raw]
  const letters = [...fold(raw)]
  const end = start + raw.length
  if (letters.length <= size) {
    if (letters.length > 0) words.push({ text: letters.join(''), start, end })
    return
  }
  // Folding can change how many letters there are; then only the whole stretch has a place.
  const isAligned = rawLetters.length === letters.length
  const offsets = isAligned ? offsetsOf(rawLetters, start) : undefined
  for (let i = 0; i + size <= letters.length; i++) {
    const text = letters.slice(i, i + size).join('')
    words.push({ text, start: offsets?.[i] ?? start, end: offsets?.[i + size] ?? end })
  }
}

/** Where each letter begins, and where the last one ends. */
function offsetsOf(letters: readonly string[], start: number): number[] {
  const offsets = [start]
  for (const letter of letters) offsets.push(offsets.at(-1)! + letter.length)
  return offsets
}

/** Letters per n-gram of a script that is written without spaces; 0 for all others. */
function gramSize(code: number): 0 | 2 | 3 {
  if (code < 0x0e00) return 0
  if (isHanOrKana(code)) return 2
  const isThaiOrLao = code <= 0x0eff
  const isBurmese =
    (code >= 0x1000 && code <= 0x109f) || (code >= 0xa9e0 && code <= 0xa9ff) || isIn(code, 0xaa60, 0xaa7f)
  return isThaiOrLao || isBurmese || isIn(code, 0x1780, 0x17ff) ? 3 : 0
}

export function isHanOrKana(code: number): boolean {
  if (code < 0x2e80) return false
  return (
    isIn(code, 0x3041, 0x30ff) ||
    isIn(code, 0x4e00, 0x9fff) ||
    isIn(code, 0x3400, 0x4dbf) ||
    isIn(code, 0x2e80, 0x2fdf) ||
    isIn(code, 0x3005, 0x3007) ||
    isIn(code, 0x31f0, 0x31ff) ||
    isIn(code, 0xf900, 0xfaff) ||
    isIn(code, 0xff66, 0xff9f) ||
    isIn(code, 0x20000, 0x323af)
  )
}

function isIn(code: number, first: number, last: number): boolean {
  return code >= first && code <= last
}

const ARABIC_PREFIXES = ['وال', 'بال', 'كال', 'فال', 'لل', 'ال', 'و']
const ARABIC_SUFFIXES = ['ها', 'ان', 'ات', 'ون', 'ين', 'يه', 'ية', 'ه', 'ة', 'ي']

/** Takes article, preposition and ending off an Arabic word, each only if three letters remain (after Larkey's light stemmer). */
function lightArabic(word: string): string {
  if (!ARABIC_ONLY.test(word)) return word
  const prefix = ARABIC_PREFIXES.find((one) => word.startsWith(one) && word.length - one.length >= 3) ?? ''
  const rest = word.slice(prefix.length)
  const suffix = ARABIC_SUFFIXES.find((one) => rest.endsWith(one) && rest.length - one.length >= 3) ?? ''
  return rest.slice(0, rest.length - suffix.length)
}
