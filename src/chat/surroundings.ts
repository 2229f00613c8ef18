/**
 * What stands around a figure or a date. Two of them speak of the same when their surroundings are alike, however the value is
 * written: words before and behind; for a part of a date the other parts; in a table the heads of the row and of the column.
 */
import { splitWords } from '../search.ts'
import { datesOf } from './dates.ts'
import type { Fact } from './fact.ts'
import { figuresOf } from './figures.ts'
import { SMALL_WORDS } from './small-words.ts'
import { stemOf } from './stems.ts'

/** Words around a fact, the nearer the heavier; the word behind a figure is its unit. */
export type Surroundings = Map<string, number>

const REACH = 10
function isTelling(word: string): boolean {
  return (word.length > 2 && !SMALL_WORDS.has(word)) || /\p{N}/u.test(word)
}

/** What the word right behind a figure weighs more than the one right before it. */
const UNIT_FACTOR = 1.5
/** What is beyond the end of the sentence or the clause weighs less. */
const BEYOND_SENTENCE = 0.3
const BEYOND_CLAUSE = 0.6

export function factsOf(text: string): Fact[] {
  return [...figuresOf(text), ...datesOf(text)]
}

export interface Surrounded {
  fact: Fact
  words: Surroundings
}

export function surroundingsOf(text: string): Surrounded[] {
  const facts = factsOf(text)
  const words = wordsAndValues(text, facts)
  return withDates(facts, text).map(({ fact, span, parts }) => {
    const cell = tableCellOf(text, fact.start)
    const around: Surroundings = new Map(parts.map((part) => [part, 1]))
    if (fact.measure) around.set(` ${fact.measure}`, MEASURE_WEIGHT)
    const add = (word: { text: string; start: number; end: number }, distance: number, factor: number) => {
      const between = text.slice(Math.min(word.end, span.end), Math.max(word.start, span.start))
      const beyond = /[.!?](?!\d)|\n/.test(between) ? BEYOND_SENTENCE : /[,;:](?!\d)/.test(between) ? BEYOND_CLAUSE : 1
      const weight = (factor * beyond) / (1 + distance / 2)
      // Euros or €, a year or twelve months: how a unit is written is no difference.
      const isUnit = distance === 0 && word.start >= span.end && fact.measure !== undefined && fact.measure !== 'date'
      if (isUnit) return
      const stem = word.text
      around.set(stem, Math.max(around.get(stem) ?? 0, weight))
    }
    if (cell) {
      for (const word of wordsWithin(cell.header)) around.set(stemOf(word), UNIT_FACTOR)
      for (const word of wordsWithin(cell.label)) around.set(stemOf(word), 1)
      return { fact, words: around }
    }
    const before = words.filter(({ end }) => end <= span.start).slice(-REACH)
    const behind = words.filter(({ start }) => start >= span.end).slice(0, REACH)
    for (const [index, word] of before.entries()) add(word, before.length - 1 - index, 1)
    for (const [index, word] of behind.entries()) add(word, index, index === 0 ? UNIT_FACTOR : 1)
    return { fact, words: around }
  })
}

/** The words at the head of the column of this place and at the head of its row, if it is in a table. */
function tableCellOf(text: string, at: number): { header: string; label: string } | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const line = text.slice(lineStart).split('\n', 1)[0]!
  if (line.split('|').length < CELLS_MIN) return undefined
  let header = line
  for (let start = lineStart; start > 0; ) {
    const before = text.lastIndexOf('\n', start - 2) + 1
    const above = text.slice(before, start - 1)
    if (above.split('|').length < CELLS_MIN) break
    header = above
    start = before
  }
  const cells = line.split('|')
  const column = text.slice(lineStart, at).split('|').length - 1
  if (header === line) return undefined
  return {
    header: header.split('|')[column] ?? '',
    label: cells.find((cell) => cell.trim() !== '') ?? '',
  }
}

const CELLS_MIN = 3

function wordsWithin(text: string): string[] {
  return splitWords(text)
    .map((word) => word.text)
    .filter(isTelling)
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
  const values = sure.map(({ values: [value], start, end }) => ({ text: `figure ${value}`, start, end }))
  return [...words, ...values].toSorted((a, b) => a.start - b.start)
}

interface Dated {
  fact: Fact
  /** Of the whole date that it is a part of, or its own. */
  span: { start: number; end: number }
  /** The other parts of that date. */
  parts: string[]
}

const BEFORE_MONTH = /^(?:st|nd|rd|th|er|º|\.)?\s*(?:(?:de|of)\s+)?$/u
const BEHIND_MONTH = /^(?:\.?,?\s+(?:del?\s+|of\s+)?)$/u
const BEHIND_DAY = /^(?:st|nd|rd|th)?,?\s+$/u

/** Day, month and year stand beside what the whole date stands beside, in whatever order: 22 January 2024, 2024-01-22. */
function withDates(facts: readonly Fact[], text: string): Dated[] {
  const figures = facts.filter(({ kind }) => kind === 'figure').toSorted((a, b) => a.start - b.start)
  const dates = facts
    .filter(({ kind }) => kind === 'month')
    .map((month) => {
      const ofDate = facts.filter(
        ({ kind, start, end }) => kind === 'figure' && start === month.start && end === month.end,
      )
      const between = (a: Fact, b: Fact) => text.slice(a.end, b.start)
      const before = figures.find((day) => day.end <= month.start && BEFORE_MONTH.test(between(day, month)))
      const behind = figures.find(({ start }) => start >= month.end)
      const isBehind = behind && BEHIND_MONTH.test(between(month, behind))
      const year = isBehind && figures.find(({ start }) => start >= behind.end)
      const isYear = year && !before && BEHIND_DAY.test(between(behind, year)) && /^[12]\d{3}$/.test(year.values[0]!)
      const members = [
        month,
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
    if (!date) return { fact, span: fact, parts: [] }
    const others = date.members.filter((other) => other !== fact)
    return {
      fact: { ...fact, measure: 'date' },
      span: date,
      parts: others.flatMap(({ kind, values }) => values.map((value) => `${kind} ${value}`)),
    }
  })
}

export function likeness(a: Surroundings, b: Surroundings): number {
  let sum = 0
  for (const [word, weight] of a) sum += Math.min(weight, b.get(word) ?? 0)
  return sum
}
