/** Months and weekdays in a text, by name in the languages that the names are known in, or as a part of a numeric date; and its days and years. */
import type { Fact } from './fact.ts'

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'ar']

interface CalendarNames {
  months: ReadonlyMap<string, number>
  weekdays: ReadonlyMap<string, number>
}

let names: CalendarNames | undefined

/** Made on first use: sixteen formatters cost 2 MB, and an answer in quotes needs none. */
function calendarNames(): CalendarNames {
  names ??= {
    months: namesFor('month', (index) => new Date(Date.UTC(2024, index, 15)), 12),
    // 1 January 2024 was a Monday.
    weekdays: namesFor('weekday', (index) => new Date(Date.UTC(2024, 0, 1 + index)), 7),
  }
  return names
}

/** A folded word that names a month or a weekday. */
export function isCalendarName(word: string): boolean {
  const { months, weekdays } = calendarNames()
  return months.has(word) || weekdays.has(word) || shortened(word) !== undefined
}

/** Month names that are also words of everyday use: they count only where they can be nothing else. */
const EVERYDAY = new Set(['may', 'march', 'august', 'mai', 'mars', 'مارس'])
/** Shortened, they count only beside a figure: "12 Oct 1938". */
const SHORTENED = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const SHORTENED_OTHERWISE: Readonly<Record<string, number>> = {
  ...{
    janv: 0,
    ene: 0,
    févr: 1,
    fév: 1,
    mär: 2,
    avr: 3,
    abr: 3,
    mai: 4,
    juil: 6,
    ago: 7,
    sept: 8,
    okt: 9,
    dez: 11,
    dic: 11,
    déc: 11,
  },
}
/**
 * 2024-03-14; 14.03.2024 and 14/03/2024; 14.03. within German; 03/2024; 2024年3月14日. Between strokes either may be the month, so
 * both count.
 */
const NUMERIC_DATE =
  /(?<![\d.,/-])(?:(?<year>\d{4})-(?<month>0?[1-9]|1[0-2])-(?<day>[0-3]?\d)|(?<first>[0-3]?\d)(?<sign>[./])(?<second>[0-3]?\d)\k<sign>(?<yearBehind>\d{4}|\d{2})|(?<first2>[0-3]?\d)\.(?<second2>0[1-9]|1[0-2])\.|(?<second3>0?[1-9]|1[0-2])\/(?<year3>[12]\d{3}))(?![\d/])/g
const HAN_MONTH = /(?<!\d)(\d{1,2})月/gu
const HAN_WEEKDAY = /(?:星期|礼拜|周)([一二三四五六日天])/gu

interface NumericDate {
  days: string[]
  /** From 0. */
  months: string[]
  years: string[]
  start: number
  end: number
}

function numericDatesOf(text: string): NumericDate[] {
  return [...text.matchAll(NUMERIC_DATE)].flatMap(({ 0: found, index: start, groups }) => {
    const { year, month, day, first, second, sign, yearBehind, first2, second2, second3, year3 } = groups!
    const [a, b] = [Number(first ?? first2), Number(second ?? second2)]
    const isEither = sign === '/' && a <= 12 && b <= 12
    const isTurned = sign === '/' && b > 12
    const days = day ? [Number(day)] : second3 ? [] : isEither ? [a, b] : [isTurned ? b : a]
    const months = month ? [Number(month)] : second3 ? [Number(second3)] : isEither ? [a, b] : [isTurned ? a : b]
    if (months.some((each) => each < 1 || each > 12)) return []
    const years = [year ?? yearBehind ?? year3].flatMap((each) =>
      each === undefined ? [] : each.length === 2 ? [`20${each}`, `19${each}`] : [each],
    )
    const end = start + found.length
    return [{ days: days.map(String), months: months.map((each) => String(each - 1)), years, start, end }]
  })
}

/** Days and years of numeric dates, as figures. */
export function datePartsOf(text: string): Fact[] {
  return numericDatesOf(text).flatMap(({ days, years, start, end }) =>
    [days, years].filter((values) => values.length > 0).map((values): Fact => ({ kind: 'figure', values, start, end })),
  )
}

export function datesOf(text: string): Fact[] {
  const { months, weekdays } = calendarNames()
  const dates: Fact[] = []
  for (const { 0: word, index } of text.matchAll(/\p{L}{3,}/gu)) {
    const name = word.toLowerCase()
    const month = months.get(name) ?? months.get(name.replace(ARABIC_PREFIX, '')) ?? shortened(name)
    if (month !== undefined) {
      const isSure = (months.has(name) && !EVERYDAY.has(name)) || isMonthThere(text, index, word)
      const range = { start: index, end: index + word.length }
      if (isSure || /^\p{Lu}/u.test(word)) dates.push({ kind: 'month', values: [String(month)], isSure, ...range })
    }
    const weekday = weekdays.get(name) ?? weekdays.get(name.replace(ARABIC_PREFIX, ''))
    if (weekday !== undefined) {
      dates.push({ kind: 'weekday', values: [String(weekday)], start: index, end: index + word.length })
    }
  }
  dates.push(...shortWeekdaysOf(text), ...weekdaysWithin(text, dates))
  for (const { months: values, start, end } of numericDatesOf(text)) dates.push({ kind: 'month', values, start, end })
  for (const { 0: found, 1: month, index: start } of text.matchAll(HAN_MONTH)) {
    dates.push({ kind: 'month', values: [String(Number(month) - 1)], start, end: start + found.length })
  }
  dates.push(...hanWeekdaysOf(text))
  return withEnds(text, dates)
}

function hanWeekdaysOf(text: string): Fact[] {
  return [...text.matchAll(HAN_WEEKDAY)].map(({ 0: found, 1: sign, index: start }) => {
    const weekday = Math.min(6, '一二三四五六日天'.indexOf(sign!))
    return { kind: 'weekday', values: [String(weekday)], start, end: start + found.length }
  })
}

/** In tables and opening times, Monday first; "Do" and "So" are words elsewhere, so that all bear out only. */
const SHORT_WEEKDAYS = [
  'Mo Di Mi Do Fr Sa So',
  'Mon Tue|Tues Wed Thu|Thur|Thurs Fri Sat Sun',
  'Lun Mar Mer Jeu Ven Sam Dim',
  'Lun Mar Mié|Mie Jue Vie Sáb|Sab Dom',
].flatMap((line) => line.split(' ').flatMap((names, index) => names.split('|').map((name) => [name, index] as const)))
const SHORT_WEEKDAY_OF = new Map(
  SHORT_WEEKDAYS.flatMap(
    ([name, index]) =>
      [
        [name, index],
        [name.toLowerCase(), index],
      ] as const,
  ),
)
/** A sign of a list or a range, an end of a cell, or a time stands beside them. */
const SHORT_WEEKDAY = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?<name>${[...SHORT_WEEKDAY_OF.keys()].filter((name) => name.length > 1).join('|')})(?:\.|(?=\s?[-–—,/|:)]|\s\d|\s?$|\s(?:to|bis|und|u\.|à|et|a|y)\s))`,
  'gmu',
)

function shortWeekdaysOf(text: string): Fact[] {
  return [...text.matchAll(SHORT_WEEKDAY)].map(({ 0: found, index: start, groups }) => ({
    kind: 'weekday',
    values: [String(SHORT_WEEKDAY_OF.get(groups!['name']!)!)],
    isSure: false,
    ...{ start, end: start + found.length },
  }))
}

/** "Di–Fr", "Monday to Friday", 周一至周五: the days between bear out a statement about one of them. */
const TO = /^\.?\s?(?:[-–—~～]|to|through|till|until|bis|à|au|a|al|至|到|إلى|حتى)\s?$/iu

function isRange(text: string, first: Fact, last: Fact): boolean {
  return TO.test(text.slice(first.end, last.start))
}

/** Where a range begins or ends, a day within another is none of its days: "Monday to Friday" is not "Thursday to Friday". */
function withEnds(text: string, dates: readonly Fact[]): Fact[] {
  const weekdays = dates
    .filter(({ kind, measure }) => kind === 'weekday' && measure !== 'within')
    .toSorted((a, b) => a.start - b.start)
  const ends = weekdays.filter(
    (day, index) =>
      (weekdays[index + 1] && isRange(text, day, weekdays[index + 1]!)) ||
      (index > 0 && isRange(text, weekdays[index - 1]!, day)),
  )
  return dates.map((date) => (ends.includes(date) ? { ...date, measure: 'end' } : date))
}

function weekdaysWithin(text: string, dates: readonly Fact[]): Fact[] {
  const weekdays = [...dates, ...shortWeekdaysOf(text), ...hanWeekdaysOf(text)]
    .filter(({ kind }) => kind === 'weekday')
    .toSorted((a, b) => a.start - b.start)
  return weekdays.flatMap((first, index) => {
    const last = weekdays[index + 1]
    if (!last || !isRange(text, first, last)) return []
    const [from, to] = [Number(first.values[0]), Number(last.values[0])]
    return Array.from(
      { length: Math.max(0, ((to - from + 7) % 7) - 1) },
      (_, days): Fact => ({
        kind: 'weekday',
        values: [String((from + days + 1) % 7)],
        measure: 'within',
        isSure: false,
        ...{ start: first.start, end: last.end },
      }),
    )
  })
}

const ARABIC_PREFIX = /^[وبلفك](?=\p{L}{3})/u

function shortened(name: string): number | undefined {
  const index = SHORTENED.indexOf(name)
  return index >= 0 ? index : SHORTENED_OTHERWISE[name]
}

/** "En mars" is a month, "Mars" a planet. */
const BEFORE_FRENCH = /(?<!\p{L})(?:en|de|à|au|depuis|fin|début|mi-|jusqu['’]en|et|ou)\s?$/iu

/** Beside a figure, or capitalised within a sentence: "on 3 March", "since March of that year". */
function isMonthThere(text: string, index: number, word: string): boolean {
  const before = text.slice(0, index)
  const isWithin = /[\p{Ll},]\s$/u.test(before) && /^\p{Lu}/u.test(word)
  const isFrench = /^(?:mars|mai)$/.test(word) && BEFORE_FRENCH.test(before)
  return (
    isWithin ||
    isFrench ||
    /\d\S{0,3}\s+(?:of\s+|de\s+)?$/.test(before) ||
    /^\.?,?\s*\d/.test(text.slice(index + word.length))
  )
}

function namesFor(part: 'month' | 'weekday', dateOf: (index: number) => Date, count: number): Map<string, number> {
  const names = new Map<string, number>()
  for (const language of LANGUAGES) {
    const format = new Intl.DateTimeFormat(language, { [part]: 'long', timeZone: 'UTC' })
    for (let index = 0; index < count; index++) {
      const name = format.format(dateOf(index)).toLowerCase()
      names.set(name, index)
      // On Sundays; dienstags. No month has one: "mais" is not May.
      if (part === 'weekday') names.set(`${name}s`, index)
    }
  }
  return names
}
