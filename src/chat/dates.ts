/** Months and weekdays in a text, by name in the languages that the names are known in, or as a part of a numeric date. */
import type { Fact } from './facts.ts'

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt']

interface CalendarNames {
  months: ReadonlyMap<string, number>
  weekdays: ReadonlyMap<string, number>
}

let names: CalendarNames | undefined

/** Made on first use: fourteen formatters cost 2 MB, and an answer in quotes needs none. */
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
  return months.has(word) || weekdays.has(word)
}

/** Month names that are also words of everyday use: they count only where they can be nothing else. */
const EVERYDAY = new Set(['may', 'march', 'august', 'mai', 'mars', 'marzo', 'agosto'])
const NUMERIC_DATE = /\b(?:\d{4}-(\d{2})-\d{2}|\d{1,2}[./](\d{1,2})[./]\d{2,4})\b/g

export function datesOf(text: string): Fact[] {
  const { months, weekdays } = calendarNames()
  const dates: Fact[] = []
  for (const { 0: word, index } of text.matchAll(/\p{L}{3,}/gu)) {
    const name = word.toLowerCase()
    const month = months.get(name)
    if (month !== undefined && (!EVERYDAY.has(name) || isMonthThere(text, index, word))) {
      dates.push({ kind: 'month', values: [String(month)], start: index, end: index + word.length })
    }
    const weekday = weekdays.get(name)
    if (weekday !== undefined) {
      dates.push({ kind: 'weekday', values: [String(weekday)], start: index, end: index + word.length })
    }
  }
  for (const { 0: found, 1: first, 2: second, index: start } of text.matchAll(NUMERIC_DATE)) {
    const month = String(Number(first ?? second) - 1)
    dates.push({ kind: 'month', values: [month], start, end: start + found.length })
  }
  return dates
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
      names.set(`${name}s`, index) // On Sundays; dienstags.
    }
  }
  return names
}
