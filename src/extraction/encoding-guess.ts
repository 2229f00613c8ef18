/**
 * The encoding of text that does not tell. `chardet` knows the languages it was taught; what it answers is looked at, and
 * where it makes nonsense of the words, the one-byte encodings are tried and the most sensible reading is taken.
 */
import { analyse } from 'chardet'

/** One-byte encodings, common ones first, with the letters beyond ASCII that their languages write. */
const CANDIDATES: [label: string, letters: RegExp][] = [
  ['windows-1252', /[àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÄÖÜÉ]/u],
  ['windows-1250', /[ąćęłńóśźżáčďéěíňřšťúůýžäöüőűăâîșțĄĆĘŁŃÓŚŹŻČŘŠŽ]/u],
  ['windows-1251', /[а-яёіїєўґ]/u],
  ['ibm866', /[а-яё]/u],
  ['koi8-u', /[а-яёіїєґ]/u],
  ['windows-1253', /[α-ωάέήίόύώϊϋ]/u],
  ['windows-1254', /[çğıöşüâîûİ]/u],
  ['windows-1255', /[א-ת]/u],
  ['windows-1256', /[ء-ي]/u],
  ['windows-1257', /[āčēģīķļņšūžąęėįųõäöü]/u],
]
/** Share of characters beyond ASCII that stand where no language has them. */
const NONSENSE_MAX = 0.05

export function guessEncoding(sample: Uint8Array): string {
  const guess: string =
    analyse(sample).find(({ name }) => canDecode(name) && !name.startsWith('UTF-8'))?.name ?? 'windows-1252'
  if (nonsenseIn(decode(sample, guess)) <= NONSENSE_MAX) return guess
  let best: { label: string; score: number } = {
    label: guess,
    score: scoreOf(decode(sample, guess), /[^\0-\x7f]/u) - 1,
  }
  for (const [label, letters] of CANDIDATES) {
    const score = scoreOf(decode(sample, label), letters)
    if (score > best.score) best = { label, score }
  }
  return best.label
}

export function canDecode(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false // The answer to the question: an unknown label throws.
  }
}

/** Share of expected letters, less twice the share of nonsense. */
function scoreOf(text: string, letters: RegExp): number {
  const beyond = [...text].filter(isBeyondAscii)
  const expected = beyond.filter((character) => letters.test(character)).length
  return beyond.length === 0 ? 0 : expected / beyond.length - 2 * nonsenseIn(text)
}

const BROKEN = /[\ufffd\u0080-\u009f\p{Co}\p{Cn}]/u
/** What one-byte encodings have besides letters; the full stop of Chinese may well stand between two letters. */
const SIGN = /[\u00a0-\u00bf\u00d7\u00f7\u2500-\u25ff]/u
const LETTER = /\p{L}|\p{M}/u

/** Broken characters, signs inside of words, capitals after small letters, letters of two scripts side by side. */
function nonsenseIn(text: string): number {
  const characters = [...text]
  let beyond = 0
  let nonsense = 0
  for (const [index, character] of characters.entries()) {
    if (!isBeyondAscii(character)) continue
    beyond++
    const before = characters[index - 1] ?? ' '
    const after = characters[index + 1] ?? ' '
    if (BROKEN.test(character)) nonsense++
    else if (SIGN.test(character)) nonsense += LETTER.test(before) && LETTER.test(after) ? 1 : 0
    else if (LETTER.test(character) && LETTER.test(before) && !goTogether(before, character)) nonsense++
  }
  return beyond === 0 ? 0 : nonsense / beyond
}

function goTogether(before: string, letter: string): boolean {
  const isCapitalInside = /\p{Ll}/u.test(before) && /\p{Lu}/u.test(letter)
  return !isCapitalInside && scriptOf(before) === scriptOf(letter)
}

const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew'].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const,
)

function scriptOf(letter: string): string {
  return SCRIPTS.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other'
}

function isBeyondAscii(character: string): boolean {
  return character > '\x7f'
}

function decode(sample: Uint8Array, label: string): string {
  return new TextDecoder(label).decode(sample)
}
