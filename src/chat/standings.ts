/**
 * How a figure or a date of a claim stands in its passages. That it stands there somewhere is not enough: a fitted model decides by how
 * much its surroundings must be liker those in the claim than the surroundings of others are.
 */
import { type Fact, isComparable, isSame } from './fact.ts'
import { inStep, likeness, type Surrounded } from './surroundings.ts'

/**
 * How a fact of the claim stands in the passages: it is there, with what speaks for it; nowhere; or it needs no place, because the
 * document's name has it or others bear it out (`excuses.ts`).
 */
export interface Standing {
  fact: Fact
  /** `excused` from standing anywhere, or by how it stands there. */
  standing: 'nowhere' | 'excused' | Measures
}

export interface Measures {
  /** Logarithm of how much liker its surroundings are than those of the likest other fact. */
  lead: number
  /** How many more of the figures beside it are those that stand beside it there, than beside another. */
  step: number
}

/** A logistic model, fitted and cross-validated by paper with tools/fit-answer-check.ts. */
const WEIGHTS: Readonly<Record<keyof Measures, number>> = { lead: 3.56, step: 0.73 }
/**
 * Set where 95.1 % of changed figures are caught, judged by weights fitted without the paper, and 2.4 % of faithful statements are marked: with
 * 94 % caught there would be 2.0 %, with 97 % 4.5 %.
 */
const BIAS = 1.2
/** Months and weekdays are less often told in other words. */
const DATE_BIAS = 0.6
/** Surroundings that are so little alike say nothing. */
const SLACK = 0.05

/** Whether it may be said; a standing that is measured is weighed. */
export function isBorneOut({ fact, standing }: Standing): boolean {
  if (standing === 'excused' || standing === 'nowhere') return standing === 'excused'
  const bias = fact.kind === 'figure' ? BIAS : DATE_BIAS
  return bias + WEIGHTS.lead * standing.lead + WEIGHTS.step * standing.step >= 0
}

/** A fact of a passage. */
export interface Found extends Surrounded {
  /** Whether the place in which it stands is quoted for the claim. */
  isQuoted: boolean
}

/** Undefined where it stands nowhere. */
export function measureFact(
  claimedOne: Surrounded,
  claimed: readonly Surrounded[],
  there: readonly Found[],
): Measures | undefined {
  const { fact, words } = claimedOne
  // What the claim speaks of elsewhere is not what it should have said here: "8.5 minutes (p < 0.001)".
  const isElsewhere = (other: Surrounded) =>
    claimed.some(
      (further) =>
        further !== claimedOne &&
        isSame(further.fact, other.fact) &&
        likeness(further.words, other.words) > likeness(words, other.words),
    )
  const comparable = there
    .filter((other) => isComparable(other.fact, fact))
    .map((other) => {
      const isOtherUnit = !fact.measure && isOfAnotherKind(other.fact)
      return { ...other, likeness: likeness(words, other.words) * (isOtherUnit ? OTHER_UNIT : 1) }
    })
  const worth = ({ likeness, isQuoted }: (typeof comparable)[number]) => likeness + (isQuoted ? SLACK : 0)
  const isCounted = fact.measure !== undefined && fact.measure !== 'date'
  const isYear = ({ fact: other }: Surrounded) => other.measure === undefined && YEAR.test(other.values[0]!)
  // "1 metre" is not borne out by "a passport".
  const isWord = ({ fact: other }: Surrounded) => other.isSure === false && other.measure !== fact.measure
  const own = comparable
    .filter((other) => isSame(other.fact, fact) && !isOfAnotherDate(claimedOne, other))
    .filter((other) => !(isCounted && (isYear(other) || isWord(other))))
    .toSorted((a, b) => worth(b) - worth(a))[0]
  if (!own) return undefined
  // The year over a column is no rival of the amounts in it.
  const rivals = comparable
    .filter(
      (other) =>
        !isSame(other.fact, fact) &&
        other.fact.isSure !== false &&
        (!other.isHead || own.isHead) &&
        !isElsewhere(other),
    )
    .map((other) => {
      const isClaimed = claimed.some((further) => further !== claimedOne && isSame(further.fact, other.fact))
      const isOtherUnit = other.fact.measure !== own.fact.measure
      return {
        ...other,
        likeness: other.likeness * (isOtherUnit ? OTHER_UNIT : 1) * (isClaimed ? CLAIMED_TOO : 1),
        isClaimed,
      }
    })
  const leadOver = (others: typeof rivals) =>
    Math.log((own.likeness + SLACK) / (Math.max(0, ...others.map(({ likeness }) => likeness)) + SLACK))
  const inStepWith = (others: readonly Surrounded[]) => Math.max(0, ...others.map((other) => inStep(claimedOne, other)))
  const owns = comparable.filter((other) => isSame(other.fact, fact))
  return {
    lead: leadOver(rivals),
    step: inStepWith(owns) - inStepWith(rivals.filter(({ isClaimed }) => !isClaimed)),
  }
}

/** "31 January" is not borne out by "from 1 January to 31 October". */
function isOfAnotherDate({ fact, date }: Surrounded, other: Surrounded): boolean {
  if (!date || !other.date) return false
  const differ = (a: readonly string[], b: readonly string[]) =>
    a.length > 0 && b.length > 0 && !a.some((value) => b.includes(value))
  if (fact.kind === 'month') return differ(date.days, other.date.days)
  return date.days.includes(fact.values[0]!) && differ(date.months, other.date.months)
}

/** A year, or two that make a season: 2022/23. */
export const YEAR = /^(?:19|20)\d\d(?:\/\d\d)?$/

/** Shares, times and days of a month are told as such; years are not always. */
function isOfAnotherKind({ measure, values }: Fact): boolean {
  if (measure === 'percent' || measure === 'time') return true
  return measure === 'date' && values.every((value) => Number(value) < 100)
}

/** What the claim has as well, in another place, is less likely what it should have here. */
const CLAIMED_TOO = 0.7
/** A share and a number are seldom one for the other. */
const OTHER_UNIT = 0.5
