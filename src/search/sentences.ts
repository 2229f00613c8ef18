/** Sentences as ranges into a text that stays as it is. A rule for every script; abbreviations of four languages. */

export interface Range {
  start: number
  end: number
}

/** Ends a sentence before white space only; the second kind always. */
const ENDING = /[\n.!?…。！？｡।॥؟۔։።។]/g
const ENDING_SIGN = /[.!?…。！？｡।॥؟۔։።។]/
const ALWAYS_ENDING = new Set('。！？｡')
const CLOSING = new Set('"\'”’»›)]}」』）】》〉*_`')
const SPACE = /\s/
const LOWERCASE = /\p{Ll}/u
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u
const SINGLE_LETTER = /(?:^|[^\p{L}\p{M}\p{N}])\p{L}$/u
/** `30. September`. */
const DAY_OF_MONTH = /(?:^|[^\p{L}\p{N}.,])[0-3]?\d$/u
const MONTH = /^\s(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)/
const MONTH_LENGTH = 4
const LAST_WORD = /[\p{L}\p{M}.]+$/u
/** How far back the word before a full stop is looked for. */
const WORD_BACK_MAX = 24

const ABBREVIATIONS = new Set(
  [
    'mr mrs ms dr prof sr jr st vs etc e.g i.e cf al fig figs eq vol pp ed eds inc ltd co corp dept approx ca gen gov sen rep capt col lt sgt rev hon u.s u.k a.m p.m jan feb mar apr jun jul aug sep sept oct nov dec',
    'bzw z.b d.h u.a usw vgl nr abs bd hrsg str ggf inkl sog evtl ca z.t u.u v.a s.o s.u mio mrd jh',
    'sra srta ud uds pág págs núm art av ej p.ej aprox depto',
    'г гг т.е т.д т.п т.к и.о см рис стр др пр руб коп тыс млн млрд проф акад им ул напр',
  ].flatMap((line) => line.split(' ')),
)

/** The sentences between `from` and `to`, without the white space around them; a newline always ends one. */
export function splitSentences(text: string, from = 0, to = text.length): Range[] {
  const sentences: Range[] = []
  let start = from
  ENDING.lastIndex = from
  for (let match = ENDING.exec(text); match !== null && match.index < to; match = ENDING.exec(text)) {
    const end = endingAt(text, match.index, to)
    if (end === undefined) continue
    pushTrimmed(sentences, text, start, end)
    start = end
    ENDING.lastIndex = end
  }
  pushTrimmed(sentences, text, start, to)
  return sentences
}

/** Where the sentence ends if the sign at this place ends one. */
function endingAt(text: string, at: number, to: number): number | undefined {
  const sign = text[at]!
  if (sign === '\n') return isSoftBreak(text, at, to) ? undefined : at + 1
  let end = at + 1
  while (end < to && (ENDING_SIGN.test(text[end]!) || CLOSING.has(text[end]!))) end++
  if (ALWAYS_ENDING.has(sign)) return end
  if (end < to && !SPACE.test(text[end]!)) return undefined
  if (sign === '.' && !fullStopEnds(text, at, end, to)) return undefined
  return end
}

/** Not after an initial or an abbreviation, not before a lowercase letter. */
function fullStopEnds(text: string, at: number, end: number, to: number): boolean {
  const next = nextVisible(text, end, to)
  if (next !== undefined && LOWERCASE.test(next)) return false
  const before = text.slice(Math.max(0, at - WORD_BACK_MAX), at)
  if (SINGLE_LETTER.test(before)) return false
  if (DAY_OF_MONTH.test(before) && MONTH.test(text.slice(end, end + MONTH_LENGTH))) return false
  const word = LAST_WORD.exec(before)?.[0]?.toLowerCase()
  if (word === undefined) return true
  // "No. 5" is a number, "No." an answer.
  if (word === 'no' || word === 'nos') return next === undefined || !/\p{N}/u.test(next)
  return !ABBREVIATIONS.has(word)
}

function nextVisible(text: string, from: number, to: number): string | undefined {
  for (let at = from; at < to; at++) if (!SPACE.test(text[at]!)) return text[at]
  return undefined
}

const ARABIC_LETTER = /[\p{L}&&\p{scx=Arabic}]/v
const WITHIN_ARABIC = /[[\p{L}&&\p{scx=Arabic}]،]/v

/** Lines shorter than this were not broken for want of room. */
const WRAPPED_LINE_MIN = 45
/**
 * A line that was broken because it was full, as in mails and old text files: it is long, ends within a sentence, and the
 * next begins with a lowercase letter, or, in Arabic, which has none, with a letter behind a letter or a comma.
 */
function isSoftBreak(text: string, at: number, to: number): boolean {
  const next = at + 1 < to ? text[at + 1]! : ''
  const isOpen =
    (ARABIC_LETTER.test(next) && WITHIN_ARABIC.test(text[at - 1] ?? '')) ||
    (LETTER_OR_DIGIT.test(next) && endsWithAbbreviation(text, at))
  if (!LOWERCASE.test(next) && !isOpen) return false
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  return at - lineStart >= WRAPPED_LINE_MIN
}

/** "1,35 Mio." at the end of a line. */
function endsWithAbbreviation(text: string, at: number): boolean {
  if (text[at - 1] !== '.') return false
  const word = LAST_WORD.exec(text.slice(Math.max(0, at - WORD_BACK_MAX), at - 1))?.[0]
  return word !== undefined && ABBREVIATIONS.has(word.toLowerCase())
}

function pushTrimmed(sentences: Range[], text: string, from: number, to: number): void {
  let start = from
  let end = to
  while (start < end && SPACE.test(text[start]!)) start++
  while (end > start && SPACE.test(text[end - 1]!)) end--
  if (end > start) sentences.push({ start, end })
}

/** Whether there is anything to read in it. */
export function hasWords(text: string): boolean {
  return LETTER_OR_DIGIT.test(text)
}
