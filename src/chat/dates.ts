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
const EVERYDAY = new Set(['may', 'march', 'august', 'mai', 'mars', 'marzo', 'agosto', 'مارس'])
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
  for (const { months: values, start, end } of numericDatesOf(text)) dates.push({ kind: 'month', values, start, end })
  for (const { 0: found, 1: month, index: start } of text.matchAll(HAN_MONTH)) {
    dates.push({ kind: 'month', values: [String(Number(month) - 1)], start, end: start + found.length })
  }
  for (const { 0: found, 1: sign, index: start } of text.matchAll(HAN_WEEKDAY)) {
    const weekday = Math.min(6, '一二三四五六日天'.indexOf(sign!))
    dates.push({ kind: 'weekday', values: [String(weekday)], start, end: start + found.length })
  }
  return dates
}

const ARABIC_PREFIX = /^[وبلفك](?=\p{L}{3})/u

function shortened(name: string): number | undefined {
  const index = SHORTENED.indexOf(name)
  return index >= 0 ? index : SHORTENED_OTHERWISE[name]
}

/** Beside a figure, or capitalised within a sentence: "on 3 March", "since March of that year". */
function isMonthThere(text: string, index: number, word: string): boolean {
  const before = text.slice(0, index)
  const isWithin = /[\p{Ll},]\s$/u.test(before) && /^\p{Lu}/u.test(word)
  return isWithin || /\d\S{0,3}\s+(?:of\s+)?$/.test(before) || /^\.?,?\s*\d/.test(text.slice(index + word.length))
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
