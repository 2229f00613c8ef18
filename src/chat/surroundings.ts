/**
 * What stands around a figure or a date. Two of them speak of the same when their surroundings are alike, however the value is
 * written: words before and behind; for a part of a date the other parts; in a table the heads of the row and of the column.
 */
import { splitSentences, splitWords } from '../search.ts'
import { datesOf } from './dates.ts'
import { type Fact, isSame, LABEL } from './fact.ts'
import { figuresOf } from './figures.ts'
import { SMALL_WORDS } from './small-words.ts'
import { stemOf } from './stems.ts'
import { cellAt } from './tables.ts'

/** Words around a fact, the nearer the heavier. */
export type Surroundings = Map<string, number>

const REACH = 10

function isTelling(word: string): boolean {
  return (word.length > 2 && !SMALL_WORDS.has(word)) || /[\p{N}\p{scx=Han}]/u.test(word)
}

/** What is beyond the end of the sentence or the clause weighs less. */
const BEYOND_SENTENCE = 0.3
const BEYOND_CLAUSE = 0.8

export function factsOf(text: string): Fact[] {
  return [...figuresOf(text), ...datesOf(text)]
}

/** Of a date, each as far as it is told; between strokes either may be the month. */
export interface DayAndMonth {
  days: readonly string[]
  months: readonly string[]
}

export interface Surrounded {
  fact: Fact
  /** That it is a part of. */
  date: DayAndMonth | undefined
  words: Surroundings
  /** Which sentence or row it stands in. */
  sentence: number
  /** Those of its kind beside it in its sentence or row. */
  before: Fact | undefined
  behind: Fact | undefined
  /** Where the head of its column begins, in a table. */
  column?: number
  /** Of a row or a column of a table. */
  isHead?: boolean
}

export function surroundingsOf(text: string): Surrounded[] {
  const facts = factsOf(text)
  const words = wordsAndValues(text, facts)
  const sentences = splitSentences(text)
  const sentenceOf = (fact: Fact) => sentences.findIndex(({ end }) => fact.start < end)
  const row = inRow(facts).map((fact) => ({ fact, sentence: sentenceOf(fact) }))
  return withDates(facts, text).map(({ fact, span, parts, date }) => {
    const cell = cellAt(text, fact.start)
    const sentence = sentenceOf(fact)
    const alike = row.filter((other) => other.sentence === sentence && other.fact.kind === fact.kind)
    const beside = {
      before: alike.findLast((other) => other.fact.end <= fact.start)?.fact,
      behind: alike.find((other) => other.fact.start >= fact.end)?.fact,
    }
    const around: Surroundings = new Map(parts.map((part) => [part, 1]))
    if (fact.measure) around.set(` ${fact.measure}`, MEASURE_WEIGHT)
    // "Low pressure (58), leaks (41)": it belongs to what stands before.
    const isBracketed = text[span.start - 1] === '(' && /^[^()\n]{0,12}\)/.test(text.slice(span.end))
    const add = (word: { text: string; start: number; end: number }, distance: number) => {
      const between = text.slice(Math.min(word.end, span.end), Math.max(word.start, span.start))
      const beyond = /[.!?](?!\d)|\n/.test(between) ? BEYOND_SENTENCE : /[,;:](?!\d)/.test(between) ? BEYOND_CLAUSE : 1
      const isOther = isBracketed && word.start >= span.end
      const weight = (isOther ? BEYOND_SENTENCE : beyond) / (1 + distance / 2)
      // Euros or €, a year or twelve months: how a unit is written is no difference.
      const isUnit =
        word.start >= span.end && /^[\s-]?$/.test(between) && fact.measure !== undefined && fact.measure !== 'date'
      if (isUnit) return
      around.set(word.text, Math.max(around.get(word.text) ?? 0, weight))
    }
    if (cell) {
      const others = words.filter(({ start, end }) => end <= fact.start || fact.end <= start)
      for (const { range, weight } of cell.around) {
        for (const { text: word, start, end } of others) {
          if (range.start < end && start < range.end) around.set(word, Math.max(around.get(word) ?? 0, weight))
        }
      }
      return { fact, date, words: around, sentence, ...beside, column: cell.column, isHead: cell.isHead }
    }
    const before = words.filter(({ end }) => end <= span.start).slice(-REACH)
    const behind = words.filter(({ start }) => start >= span.end).slice(0, REACH)
    for (const [index, word] of before.entries()) add(word, before.length - 1 - index)
    for (const [index, word] of behind.entries()) add(word, index)
    return { fact, date, words: around, sentence, ...beside }
  })
}

/** What is told in a text, each once, in order. */
function inRow(facts: readonly Fact[]): Fact[] {
  const sorted = facts
    .filter(({ isSure, measure }) => isSure !== false && measure !== LABEL)
    .toSorted((a, b) => a.start - b.start)
  return sorted.filter(
    (fact, index) => !sorted.slice(0, index).some((other) => other.kind === fact.kind && other.end > fact.start),
  )
}

/** How many of those of its kind that stand beside both are the same: 0 to 2. */
export function inStep(a: Surrounded, b: Surrounded): number {
  const there = [b.before, b.behind].filter((fact) => fact !== undefined)
  return [a.before, a.behind].filter((fact) => fact && there.some((other) => isSame(fact, other))).length
}

/** That both are amounts of money says little: others in the passage are as well. */
const MEASURE_WEIGHT = 0.3

/** In order: the stems of the words, and for a figure its value, however it is written. */
function wordsAndValues(text: string, facts: readonly Fact[]): { text: string; start: number; end: number }[] {
  const sure = facts.filter(({ kind, isSure }) => kind === 'figure' && isSure !== false)
  const words = splitWords(text)
    .filter(
      ({ text: word, start, end }) => isTelling(word) && !sure.some((fact) => fact.start < end && start < fact.end),
    )
    .map(({ text: word, start, end }) => ({ text: stemOf(word), start, end }))
  const values = sure.map(({ values: [value], start, end }) => ({ text: `figure ${significant(value!)}`, start, end }))
  return [...words, ...values].toSorted((a, b) => a.start - b.start)
}

/** 48.3 in a table of millions is 48,300,000. Times of day stay whole. */
function significant(value: string): string {
  return value.includes(':') ? value : value.replace('.', '').replace(/^0+(?=.)|0+$/g, '')
}

interface Dated {
  fact: Fact
  /** Of the whole date that it is a part of, or its own. */
  span: { start: number; end: number }
  /** The other parts of that date. */
  parts: string[]
  date: DayAndMonth | undefined
}

const DAY_OR_YEAR = /^(?:[0-2٠-٢]?[\d٠-٩]|3[01]|٣[٠١]|[12١٢][\d٠-٩]{3})$/
const BEFORE_MONTH = /^(?:st|nd|rd|th|er|º|\.)?\s*(?:(?:de|of)\s+)?$/u
const BEHIND_MONTH = /^(?:\.?,?\s+(?:del?\s+|of\s+)?)$/u
const DAYS_BETWEEN =
  /^\.?(?:\s?[-–—]\s?|\s(?:to|and|or|until|bis|und|oder|au|et|ou|al|y|o|إلى|حتى)\s(?:le\s|el\s|zum\s)?)$/iu
/** Only a shortened month has a full stop behind it: "Sept. 3". */
const SHORT_MONTH_LENGTH = 4
const BEHIND_DAY = /^(?:st|nd|rd|th)?,?\s+$/u

/** Day, month and year stand beside what the whole date stands beside, in whatever order: 22 January 2024, 2024-01-22. */
function withDates(facts: readonly Fact[], text: string): Dated[] {
  const figures = facts.filter(({ kind }) => kind === 'figure').toSorted((a, b) => a.start - b.start)
  // "In January, 1,860 hours" and "until May. 70 %" are no dates.
  const parts = figures.filter(
    ({ start, end }) => DAY_OR_YEAR.test(text.slice(start, end)) || !/\d/.test(text.slice(start, end)),
  )
  const months = facts.filter(({ kind }) => kind === 'month')
  const isOfNextMonth = (day: Fact) =>
    months.some((month) => month.start >= day.end && BEFORE_MONTH.test(text.slice(day.end, month.start)))
  const dates = months.map((month) => {
    const ofDate = facts.filter(
      ({ kind, start, end }) => kind === 'figure' && start === month.start && end === month.end,
    )
    const between = (a: Fact, b: Fact) => text.slice(a.end, b.start)
    const before = parts.find((day) => day.end <= month.start && BEFORE_MONTH.test(between(day, month)))
    const next = parts.find(({ start }) => start >= month.end)
    // "4 July, 25 August": the second day is none of July.
    const behind = next && isOfNextMonth(next) ? undefined : next
    const isShort =
      month.end - month.start <= SHORT_MONTH_LENGTH &&
      behind !== undefined &&
      /\d/.test(text.slice(behind.start, behind.end))
    const isBehind =
      behind && BEHIND_MONTH.test(between(month, behind)) && (isShort || !between(month, behind).includes('.'))
    const year = isBehind && parts.find(({ start }) => start >= behind.end)
    const isYear = year && !before && BEHIND_DAY.test(between(behind, year)) && /^[12]\d{3}$/.test(year.values[0]!)
    // "From 1 to 25 July": the first is a day of July as well.
    const first = before && parts.findLast(({ end }) => end <= before.start)
    const isRange = first && DAYS_BETWEEN.test(text.slice(first.end, before.start))
    const members = [
      month,
      ...(isRange ? [first] : []),
      ...ofDate,
      ...(before ? [before] : []),
      ...(isBehind ? [behind] : []),
      ...(isYear ? [year] : []),
    ]
    return {
      members,
      start: Math.min(...members.map(({ start }) => start)),
      end: Math.max(...members.map(({ end }) => end)),
    }
  })
  return facts.map((fact) => {
    const date = dates.find(({ members }) => members.includes(fact))
    if (!date) return { fact, span: fact, parts: [], date: undefined }
    const others = date.members.filter((other) => other !== fact)
    return {
      fact: { ...fact, measure: 'date' },
      span: date,
      date: {
        days: date.members.filter(isDay).flatMap(({ values }) => values),
        months: date.members.filter(({ kind }) => kind === 'month').flatMap(({ values }) => values),
      },
      parts: others.flatMap(({ kind, values }) => values.map((value) => `${kind} ${value}`)),
    }
  })
}

const DAY_MAX = 31

function isDay({ kind, values }: Fact): boolean {
  return kind === 'figure' && values.every((value) => Number(value) <= DAY_MAX)
}

export function likeness(a: Surroundings, b: Surroundings): number {
  let sum = 0
  for (const [word, weight] of a) sum += Math.min(weight, b.get(word) ?? 0)
  return sum
}
