/**
 * Figures that need no place of their own in a passage: worked out before our eyes, parts of a name, the year over a column of a table,
 * "that year".
 */
import { calculationsIn } from './calculations.ts'
import { isCalendarName } from './dates.ts'
import { type Fact, isSame } from './fact.ts'
import { figuresOf } from './figures.ts'
import { YEAR } from './standings.ts'
import type { Surrounded } from './surroundings.ts'

/**
 * What is right by a calculation in the claim: its result, and operands that stand anywhere, are constants, or say how many times.
 */
export function calculatedIn(
  claim: string,
  claimed: readonly Surrounded[],
  there: readonly Fact[],
  elsewhere: () => readonly Fact[],
): Fact[] {
  const calculations = calculationsIn(claim, () => claimed.map(({ fact }) => fact)).filter(({ comesOut }) => comesOut)
  if (calculations.length === 0) return []
  const results = calculations.flatMap((calculation) => calculation.results)
  // What takes from several sources takes from the one that it names.
  const isTaken = calculations.some(({ operands }) =>
    operands.some((fact) => there.some((other) => isSame(fact, other))),
  )
  const known = isTaken ? [...there, ...elsewhere()] : there
  const isKnown = (operand: Fact) =>
    isConstant(operand) || isPartOf(operand, known) || [...known, ...results].some((fact) => isSame(fact, operand))
  return [...results, ...calculations.flatMap(({ operands }) => operands.filter(isKnown))]
}

/** 0.25, 0.75 and 1.25 where a share of 25 % is told. */
function isPartOf({ values: [value] }: Fact, known: readonly Fact[]): boolean {
  const factor = Number(value)
  if (Number.isInteger(factor)) return false
  const shares = [factor, 1 - factor, factor - 1].map((part) => String(Number((100 * part).toPrecision(6))))
  return known.some(
    ({ measure, values }) => measure === 'percent' && values.some((each) => shares.includes(each.split(' ')[0]!)),
  )
}

/** A hundred per cent, twelve months, and small numbers of times. */
function isConstant({ values: [value] }: Fact): boolean {
  const number = Number(value)
  return Number.isInteger(number) && (number <= 12 || [24, 52, 60, 100, 365].includes(number))
}

/**
 * "Harbour Saver 90", "Server 7.4", "TF 240": a number that belongs to a name stands where the name stands. Where the name has several
 * numbers, it is looked at like others.
 */
export function ofName(
  { measure, start, end }: Fact,
  claim: string,
  around: string,
): 'excused' | 'nowhere' | undefined {
  const name = NAME_BEFORE.exec(claim.slice(0, start))?.[0]
  if (name === undefined || measure !== undefined || isCalendarName(name.trim().toLowerCase())) return undefined
  const numbers = new Set(
    [...around.matchAll(new RegExp(String.raw`(?<![\p{L}\p{N}])${name}(\d[\d.,:]*\d|\d)(?!\p{L})`, 'gu'))].map(
      (found) => found[1]!,
    ),
  )
  if (numbers.size === 0 || numbers.size > 1) return undefined
  return numbers.has(claim.slice(start, end)) ? 'excused' : 'nowhere'
}

const NAME_BEFORE = /(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}]+ $/u

/** "8.8 pence in 2022", where 2022 is the head of the column in which 8.8 stands. */
export function isOfColumn(year: Surrounded, claimed: readonly Surrounded[], there: readonly Surrounded[]): boolean {
  if (!YEAR.test(year.fact.values[0]!)) return false
  const heads = there.filter((one) => one.isHead && isSame(one.fact, year.fact))
  const beside = claimed.filter(
    ({ fact }) => fact !== year.fact && (isAt(fact, year.before) || isAt(fact, year.behind)),
  )
  return heads.some((head) =>
    there.some(
      (cell) => !cell.isHead && cell.column === head.column && beside.some(({ fact }) => isSame(fact, cell.fact)),
    ),
  )
}

function isAt(fact: Fact, other: Fact | undefined): boolean {
  return other !== undefined && fact.start === other.start
}

const THAT_YEAR = /\b(?:that|same) year\b|\b(?:desselben|dieses|jenes) Jahres\b/gi

/** The years meant by "on 3 November of that year" where a quote says so: each the last one named before in the text. */
export function thoseYears(quotes: string, text: string): Fact[] {
  if (quotes.search(THAT_YEAR) < 0) return []
  const years = figuresOf(text).filter(({ start, end }) => /^[12]\d{3}$/.test(text.slice(start, end)))
  return [...text.matchAll(THAT_YEAR)].flatMap(({ index }) => years.findLast(({ end }) => end <= index) ?? [])
}
