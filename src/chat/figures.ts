/**
 * Figures in a text, however they are written: 8,350 and 8.350 and 8 350; forty-two and 42; 2.3 million and 230万; 14:00, 2 pm and
 * 14 h; 03.03.2024 and 2024-03-03; two years and 24 months.
 */
import { datePartsOf } from './dates.ts'
import { type Fact, LABEL } from './fact.ts'
import { numberWordsOf } from './number-words.ts'
import { impliedLengthsOf, withMeasures } from './units.ts'

/** Not within a word: `tk4`; but 35平方米 is a figure, because Han writes no spaces, and so is و240, "and 240". 5G, 3D and R-24M are names. */
const FIGURE =
  /(?<!\p{N}|[^\P{L}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Arab}]|(?<!\p{L})\p{Lu}{1,3}-)(?:\d{1,2}:\d{2}|(?:19|20)\d{2}\/(?:(?:19|20)\d{2}|\d{2})(?![\d/])|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d{1,2})?(?!\d)|\d+(?:[.,'’]\d+)*)(?![DGK](?!\p{L}))/gu
const SCALE: Readonly<Record<string, number>> = {
  ...{ thousand: 1e3, tausend: 1e3, mille: 1e3, mil: 1e3, 千: 1e3, 万: 1e4, 亿: 1e8 },
  ...{ million: 1e6, millionen: 1e6, mio: 1e6, millions: 1e6, millones: 1e6, millón: 1e6, مليون: 1e6 },
  ...{ billion: 1e9, milliarden: 1e9, milliards: 1e9, mrd: 1e9 },
}
const SCALE_BEHIND = new RegExp(
  String.raw`^\s?(?:(${Object.keys(SCALE)
    .filter((word) => /\p{L}{2}/u.test(word))
    .join('|')})(?!\p{L})|([千万亿]))`,
  'iu',
)

/** Hours with what makes them a time of day: 8 a.m., 7:30 pm, 14 h 30, 20.45 Uhr, 晚上8点. */
const TIME =
  /(?<![\p{L}\p{N}.,:])(?<hours>[01]?\d|2[0-4])(?:(?:[:.](?<minutes>[0-5]\d))?\s?(?:(?<half>[ap])\.?m\b\.?|Uhr\b)|\s?h(?:\s?(?<after>[0-5]\d))?(?![\p{L}\p{N}]))/giu
const HAN_TIME = /(?<half>下午|晚上|中午)?(?<hours>[01]?\d|2[0-4])点(?<minutes>[0-5]\d)?/gu

export function figuresOf(source: string): Fact[] {
  const text = withAsciiDigits(source)
  const found: Fact[] = [...datePartsOf(text), ...timesOf(text)]
  for (const { 0: figure, index: start } of text.matchAll(FIGURE)) {
    const scale = SCALE_BEHIND.exec(text.slice(start + figure.length, start + figure.length + 12))
    const end = start + figure.length + (scale?.[0].length ?? 0)
    if (found.some((other) => other.start < end && start < other.end)) continue
    const values = readFigure(figure)
    const factor = scale ? SCALE[(scale[1] ?? scale[2])!.toLowerCase()]! : 1
    const scaled = scale ? values.map((value) => String(Number((Number(value) * factor).toPrecision(12)))) : []
    const isLabel = isLabelled(text, start, end)
    found.push({
      kind: 'figure',
      ...(figure.includes(':') && { measure: 'time' }),
      ...(isLabel && { measure: LABEL }),
      values: [...scaled, ...values],
      start,
      end,
    })
  }
  for (const { value, isSure, start, end } of numberWordsOf(text)) {
    if (found.some((other) => other.start < end && start < other.end)) continue
    found.push({ kind: 'figure', values: [String(value)], isSure, start, end })
  }
  return [...withMeasures(found, text), ...impliedLengthsOf(text)]
}

/** What is numbered rather than counted. */
const LABELS =
  'steps?|clauses?|sections?|articles?|paragraphs?|items?|points?|chapters?|annex|appendix|regulations?|rules?|schritte?n?|abschnitte?s?|absatz|abs\\.|artikels?|ziffern?|punkte?|kapitel|anlage|étapes?|alinéas?|chapitres?|annexe|pasos?|apartados?|artículos?|cláusulas?|capítulos?|anexo'
const BEHIND_LABEL = new RegExp(
  String.raw`(?:(?<!\p{L})(?:${LABELS})\s|§{1,2}\s?|第|(?:البند|المادة|الخطوة|الفقرة)\s)(?:\d+(?:\.\d+)*\s?(?:,|and|or|to|und|oder|bis|et|ou|à|y|o|a|–|-)\s?)?$`,
  'iu',
)
const AT_LINE_START = /(?:^|\n)[ \t]*\(?$/
const LABEL_SIGN = /^(?:[.)°]+(?=\s|$)|º(?=\s))/u
/** Sections are numbered without a sign behind: "3.1 The tenant pays". */
const SECTION = /^\d{1,2}(?:\.\d{1,2}){1,3}$/
const LABEL_LENGTH_MAX = 40

function isLabelled(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - LABEL_LENGTH_MAX), start)
  if (BEHIND_LABEL.test(before)) return true
  if (!AT_LINE_START.test(before)) return false
  const figure = text.slice(start, end)
  return LABEL_SIGN.test(text.slice(end)) || (SECTION.test(figure) && /^\s+\p{Lu}/u.test(text.slice(end)))
}

/** ٣ and ３ as 3, ٫ as the point and ٬ as the comma, at the same places. */
function withAsciiDigits(text: string): string {
  return text
    .replace(/[٠-٩۰-۹０-９]/g, (digit) => String((digit.charCodeAt(0) & 0xf) % 16))
    .replace(/(?<=\d)[٫٬](?=\d)/g, (separator) => (separator === '٫' ? '.' : ','))
}

function timesOf(text: string): Fact[] {
  return [...text.matchAll(TIME), ...text.matchAll(HAN_TIME)].map(({ 0: found, index: start, groups }) => {
    const { hours, minutes, after, half } = groups!
    const isAfternoon = half !== undefined && !/^a/i.test(half)
    const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (isAfternoon ? 12 : 0)
    const written = timeValues(Number(hours), minutes ?? after)
    // "24 h" may be a length as well, and "two" in the source the two of the afternoon.
    const isTime = after !== undefined || !/h$/i.test(found)
    return {
      kind: 'figure',
      ...(isTime && { measure: 'time' as const }),
      values: [...new Set([...timeValues(hour, minutes ?? after), ...written])],
      start,
      end: start + found.length,
    }
  })
}

function timeValues(hour: number, minutes = '00'): string[] {
  const time = `${hour}:${minutes}`
  return minutes === '00' ? [time, String(hour)] : [time, `${hour}.${minutes}`]
}

/** `1.500` may be fifteen hundred or one and a half: both count. */
function readFigure(figure: string): string[] {
  const [hours, minutes] = figure.split(':')
  if (minutes !== undefined) return timeValues(Number(hours), minutes)
  // 2022/23 and 2022/2023 are one season.
  if (figure.includes('/')) return [figure.replace(/\/(?:19|20)(?=\d{2}$)/, '/')]
  const parts = figure.split(/[.,'’ \u00a0\u202f]/)
  const separators = new Set(figure.match(/[.,'’ \u00a0\u202f]/g) ?? [])
  if (parts.length === 1) return [String(Number(figure))]
  const isGrouped = parts.slice(1).every((part) => part.length === 3)
  const values: string[] = []
  if (isGrouped && separators.size === 1) values.push(String(Number(parts.join(''))))
  const isSpaced = /[ \u00a0\u202f'’]/.test(figure) && separators.size === 1
  if (!isSpaced && (parts.length === 2 || separators.size === 2)) {
    values.push(String(Number(`${parts.slice(0, -1).join('')}.${parts.at(-1)}`)))
  }
  // Versions (2.4.1) and addresses, as they are.
  return values.length > 0 ? values : [figure]
}
