/**
 * Calculations that are written out: "£965 rent + £42 service charge = £1,007", "312 − 312 × 20 / 100 = 249,60 €". Where both sides
 * agree, what was worked out stands nowhere and is right, and what it was worked out from is looked at by itself. Where they do not,
 * the statement is wrong whatever its sources say.
 */
import type { Fact } from './fact.ts'

export interface Calculation {
  /** What stands before the first sign of equality. */
  operands: Fact[]
  /** What stands behind: the result, and the steps before it. */
  results: Fact[]
  comesOut: boolean
}

type Operator = '+' | '-' | '×' | '÷'
type Token = Operator | '(' | ')' | Fact

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...{ '+': '+', '-': '-', '−': '-', '–': '-', '×': '×', '*': '×', '·': '×', x: '×', '÷': '÷', '/': '÷' },
}
/** A sign of ranges and fractions is one of calculations only between spaces, and "x" is. */
const SIGN = /(?<=\s)[-–x](?=\s)|[+−×*·÷()]|(?<!\p{L})\/(?!\p{L})/gu
/** "9,200 (basic pay) + 800 (travel)". */
const REMARK = /\([^()\p{N}]*\)/gu
/** Figures of one calculation have units and a few words between them, and no end of a clause. */
const APART = /[;。；，,،؛\n]|\.(?=\s+\p{Lu})|(?:\p{L}[\p{L}\p{M}]*[^\p{L}\p{M}+−×*·÷/=()]+){6}/u
const EQUAL = /[=≈]/
const FACTS_MAX = 12
/** "≈" rounds. */
const ABOUT_TOLERANCE = 0.02

/** Those that can be read; `factsIn` is asked for the facts of the text where there is a sign of equality. */
export function calculationsIn(text: string, factsIn: (text: string) => readonly Fact[]): Calculation[] {
  if (!EQUAL.test(text)) return []
  const facts = factsIn(text)
  // Of what is told twice of one place ("20 minutes", "20"), the first.
  const figures = facts
    .filter(({ kind, isSure }) => kind === 'figure' && isSure !== false)
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .filter((fact, index, all) => index === 0 || fact.start >= all[index - 1]!.end)
  const calculations: Calculation[] = []
  let end = 0
  for (const { index: at } of text.matchAll(/[=≈]/g)) {
    if (at < end) continue
    const left = termBefore(text, at, figures)
    if (!left.some(isOperator)) continue
    const terms = [left]
    for (let next = at; EQUAL.test(text[next] ?? ''); ) {
      const { term, endsAt } = termBehind(text, next, figures)
      if (term.length === 0) break
      terms.push(term)
      end = endsAt
      next = endsAt + (/^[^\p{N}=≈]{0,12}(?=[=≈])/u.exec(text.slice(endsAt))?.[0].length ?? 0)
    }
    const [first, ...others] = terms.map((term) => term.filter((token) => typeof token !== 'string'))
    if (others.length === 0) continue
    const results = others.flat()
    const verdict = comesOut(terms, text)
    if (verdict !== undefined) calculations.push({ operands: first!, results, comesOut: verdict })
  }
  return calculations
}

function isOperator(token: Token): boolean {
  return typeof token === 'string' && token !== '(' && token !== ')'
}

/** From the last sign of equality, or from where no operator stands between two figures. */
function termBefore(text: string, at: number, figures: readonly Fact[]): Token[] {
  let end = at
  const tokens: Token[] = []
  for (const fact of figures
    .filter((one) => one.end <= at)
    .slice(-FACTS_MAX)
    .toReversed()) {
    const between = text.slice(fact.end, end)
    const signs = signsIn(between)
    if (EQUAL.test(between) || APART.test(between)) break
    if (tokens.length > 0 && !signs.some(isOperator)) break
    tokens.unshift(fact, ...signs)
    end = fact.start
  }
  const isOpen = countOf(tokens, ')') > countOf(tokens, '(') && /\(\s*[€£$¥]?\s*$/u.test(text.slice(0, end))
  return isOpen ? ['(', ...tokens] : tokens
}

function countOf(tokens: readonly Token[], sign: '(' | ')'): number {
  return tokens.filter((token) => token === sign).length
}

/** Up to where no operator stands between two figures. */
function termBehind(text: string, at: number, figures: readonly Fact[]): { term: Token[]; endsAt: number } {
  let end = at + 1
  const term: Token[] = []
  for (const fact of figures.filter(({ start }) => start > at).slice(0, FACTS_MAX)) {
    const between = text.slice(end, fact.start)
    const signs = signsIn(between)
    if (EQUAL.test(between) || APART.test(between)) break
    const isFirst = term.length === 0
    if (isFirst ? !/^[\s€£$¥~(]*$/.test(between) : !signs.some(isOperator)) break
    term.push(...signs, fact)
    end = fact.end
  }
  return { term, endsAt: end }
}

function signsIn(between: string): Token[] {
  return [...between.replace(REMARK, ' ').matchAll(SIGN)].map(([sign]) => OPERATORS[sign] ?? (sign as '(' | ')'))
}

/** Undefined where a side cannot be read. Shares are compared as they are written, and as parts of one. */
function comesOut(terms: readonly (readonly Token[])[], text: string): boolean | undefined {
  const facts = terms.flat().filter((token) => typeof token !== 'string')
  // Who writes 1.500 for fifteen hundred does so all along.
  const readings = [0, 1].map((index) =>
    facts.map((fact) => numbersOf(fact)[index] ?? numbersOf(fact)[0] ?? Number.NaN),
  )
  const last = facts.at(-1)!
  const written = text.slice(last.start, last.end)
  const isAbout = /[≈~]/.test(text)
  const verdicts = readings.map((reading) => {
    const values = new Map(facts.map((fact, index) => [fact, reading[index]!]))
    const sides = terms.map((term) =>
      evaluate(term, (fact) => ({ value: values.get(fact)!, isPercent: isShare(fact) })),
    )
    if (sides.some(Number.isNaN)) return undefined
    const [value] = sides as [number]
    return sides.every((side) =>
      [1, 100].some((factor) => {
        const rounding = isAbout ? ABOUT_TOLERANCE * Math.abs(value * factor) : 0
        const decimals = decimalsOf(values.get(last)!, written)
        return Math.abs(side - value * factor) <= Math.max(rounding, 0.5000001 * 10 ** -decimals)
      }),
    )
  })
  return verdicts.find((verdict) => verdict === true) ?? verdicts.find((verdict) => verdict !== undefined)
}

/** Of a figure as it is written, where its separator is read as a point: 2.900 has three or none. */
function decimalsOf(value: number, written: string): number {
  const behind = /[.,٫](\p{N}+)\P{N}*$/u.exec(written)?.[1]?.length ?? 0
  return value >= 10 ** behind && behind === 3 && Number.isInteger(value) ? 0 : behind
}

function isShare({ measure }: Fact): boolean {
  return measure === 'percent'
}

interface Operand {
  value: number
  isPercent: boolean
}

/** By precedence; not a number where the brackets do not match. A share that is added or taken off is one of what stands before. */
function evaluate(tokens: readonly Token[], read: (fact: Fact) => Operand): number {
  let at = 0
  const factor = (): Operand => {
    const token = tokens[at++]
    if (token === '(') {
      const value = sum()
      return tokens[at++] === ')' ? value : { value: Number.NaN, isPercent: false }
    }
    return token === undefined || typeof token === 'string' ? { value: Number.NaN, isPercent: false } : read(token)
  }
  const product = (): Operand => {
    let left = factor()
    while (tokens[at] === '×' || tokens[at] === '÷') {
      const isTimes = tokens[at++] === '×'
      const [a, b] = [plain(left), plain(factor())]
      left = { value: isTimes ? a * b : a / b, isPercent: false }
    }
    return left
  }
  const sum = (): Operand => {
    let left = product()
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = tokens[at++] === '+' ? 1 : -1
      const right = product()
      const isOfLeft = right.isPercent && !left.isPercent
      const value = left.value + sign * (isOfLeft ? left.value * plain(right) : right.value)
      left = { value, isPercent: left.isPercent }
    }
    return left
  }
  const { value } = sum()
  // A bracket that was closed behind the last figure is none of ours.
  return tokens.slice(at).every((token) => token === ')') ? value : Number.NaN
}

function plain({ value, isPercent }: Operand): number {
  return isPercent ? value / 100 : value
}

/** As written. */
function numbersOf({ values }: Fact): number[] {
  return values.filter((value) => !/[ :]/.test(value)).map(Number)
}
