/**
 * What can be compared without understanding: the figures, dates, names and negations of a claim against those of the place
 * that it cites. That the same figure stands there somewhere is not enough: "the rent is 165 euros" is not borne out by "the rent is
 * 1,180 euros, the advance 165 euros". A fitted model decides by how much its surroundings must be liker those in the claim than the
 * surroundings of others are. Figures that are reckoned from others (`reckoning.ts`) stand nowhere.
 */
import { type Fact, isComparable, isSame } from './fact.ts'
import { figuresOf } from './figures.ts'
import { hasName, namesOf } from './names.ts'
import { hasFlippedNegation } from './negations.ts'
import { isCount, isReckonedThere, isReckonedWithin } from './reckoning.ts'
import { factsOf, likeness, type Surrounded, surroundingsOf } from './surroundings.ts'

/** A passage, and the places of it that are quoted for the claim. */
export interface Passage {
  text: string
  facts: readonly Surrounded[]
  places: readonly { start: number; end: number }[]
}

/** Where a claim should be borne out. */
export interface Evidence {
  passages: readonly Passage[]
  /** Document and headings: "Annual report 2023". */
  about: string
  question: string
  /** The question and the passages: names may come from all of it, because people say "she". */
  around: string
}

/** Whether something in the claim stands otherwise, or not at all, where it should be borne out. */
export function contradicts(claim: string, evidence: Evidence): boolean {
  const { passages } = evidence
  const quotes = passages
    .flatMap(({ text, places }) => places.map(({ start, end }) => text.slice(start, end)))
    .join('\n')
  return (
    measureFacts(claim, evidence, quotes).some((standing) => !isBorneOut(standing)) ||
    hasOtherNameOrDenial(claim, evidence, quotes)
  )
}

/** Another name, or a negation that came or went. */
export function hasOtherNameOrDenial(claim: string, { about, around }: Evidence, quotes: string): boolean {
  return (
    namesOf(claim, quotes, around).some((name) => !hasName(name, `${about}\n${around}`)) ||
    hasFlippedNegation(claim, quotes)
  )
}

/**
 * How a fact of the claim stands in the passages: it is there, with what speaks for it; nowhere; or it needs no place, because the
 * document's name has it or others bear it out.
 */
export interface Standing {
  fact: Fact
  /** `excused` from standing anywhere, or by how it stands there. */
  standing: 'nowhere' | 'excused' | Measures
}

export interface Measures {
  /** Logarithm of how much liker its surroundings are than those of the likest other fact. */
  lead: number
  /** The same over the others that are quoted for the claim. */
  leadOfQuoted: number
}

/** A logistic model, fitted and cross-validated by paper with tools/fit-answer-check.ts. */
const WEIGHTS: Readonly<Record<keyof Measures, number>> = { lead: 2.76, leadOfQuoted: 0.27 }
/**
 * Set where 95.5 % of changed figures are caught, judged by weights fitted without the paper: with 94 % one in nine of the false alarms would go,
 * with 97 % there are a third more.
 */
const BIAS = 1.05
/** Surroundings that are so little alike say nothing. */
const SLACK = 0.05

function isBorneOut({ standing }: Standing): boolean {
  if (standing === 'excused' || standing === 'nowhere') return standing === 'excused'
  return BIAS + WEIGHTS.lead * standing.lead + WEIGHTS.leadOfQuoted * standing.leadOfQuoted >= 0
}

export function measureFacts(claim: string, evidence: Evidence, quotes: string): Standing[] {
  const { passages, about, question, around } = evidence
  const named = [...factsOf(about), ...(quotes.search(THAT_YEAR) >= 0 ? thoseYears(around) : [])]
  const asked = factsOf(question)
  const isAsked = (fact: Fact) => asked.some((other) => isSame(fact, other))
  const claimed = surroundingsOf(claim)
  const there = passages.flatMap(({ facts, places }) =>
    facts.map((one) => ({
      ...one,
      isQuoted: places.some(({ start, end }) => start < one.fact.end && one.fact.start < end),
    })),
  )
  const told = { claim, claimed: claimed.map(({ fact }) => fact), asked }
  return claimed.map((one): Standing => {
    const { fact } = one
    // A question's own figure is no answer where the claim has another: "for the 8-year-old you pay £15".
    const isEcho = isAsked(fact) && claimed.some((other) => other.fact.isSure !== false && !isAsked(other.fact))
    const isExcused =
      fact.isSure === false ||
      isEcho ||
      named.some((other) => isSame(fact, other)) ||
      isReckonedWithin(one, claimed) ||
      isCount(one, claim) ||
      isReckonedThere(one, told, there)
    if (isExcused) return { fact, standing: 'excused' }
    return { fact, standing: measure(one, claimed, there) ?? 'nowhere' }
  })
}

function measure(
  claimedOne: Surrounded,
  claimed: readonly Surrounded[],
  there: readonly (Surrounded & { isQuoted: boolean })[],
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
  const own = comparable.filter((other) => isSame(other.fact, fact)).toSorted((a, b) => worth(b) - worth(a))[0]
  if (!own) return undefined
  // The year over a column is no rival of the amounts in it.
  const rivals = comparable.filter(
    (other) =>
      !isSame(other.fact, fact) && other.fact.isSure !== false && (!other.isHead || own.isHead) && !isElsewhere(other),
  )
  const leadOver = (others: typeof rivals) =>
    Math.log((own.likeness + SLACK) / (Math.max(0, ...others.map(({ likeness }) => likeness)) + SLACK))
  return { lead: leadOver(rivals), leadOfQuoted: leadOver(rivals.filter(({ isQuoted }) => isQuoted)) }
}

/** Shares, times and days of a month are told as such; years are not always. */
function isOfAnotherKind({ measure, values }: Fact): boolean {
  if (measure === 'percent' || measure === 'time') return true
  return measure === 'date' && values.every((value) => Number(value) < 100)
}

const THAT_YEAR = /\b(?:that|same) year\b|\b(?:desselben|dieses|jenes) Jahres\b/gi

/** The years meant by "on 3 November of that year": each the last one named before. */
function thoseYears(text: string): Fact[] {
  const years = figuresOf(text).filter(({ start, end }) => /^[12]\d{3}$/.test(text.slice(start, end)))
  return [...text.matchAll(THAT_YEAR)].flatMap(({ index }) => years.findLast(({ end }) => end <= index) ?? [])
}

/** A share and a number are seldom one for the other. */
const OTHER_UNIT = 0.5
