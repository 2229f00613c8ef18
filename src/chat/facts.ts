/**
 * What can be compared without understanding: the figures, dates, names and negations of a claim against those of the place
 * that it cites. "The rent is 165 euros" is not borne out by "the rent is 1,180 euros, the advance 165 euros" (`standings.ts`); what an
 * answer works out (`calculations.ts`, `reckoning.ts`) stands nowhere and may be right (`excuses.ts`).
 */
import { splitWords } from '../search.ts'
import { calculatedIn, isOfColumn, ofName, thoseYears } from './excuses.ts'
import { type Fact, isSame } from './fact.ts'
import { leadInOf } from './lists.ts'
import { codesOf, hasCode, hasName, namesOf } from './names.ts'
import { hasFlippedNegation } from './negations.ts'
import { isCount, isReckonedThere, isReckonedWithin } from './reckoning.ts'
import { type Found, measureFact, type Standing } from './standings.ts'
import { stemOf } from './stems.ts'
import { factsOf, likeness, type Surrounded, type Surroundings, surroundingsOf } from './surroundings.ts'

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
  /** The question and the passages of the same documents: names may come from all of it, because people say "she". */
  around: string
  /** Figures that the answer has worked out before our eyes. */
  worked: readonly Fact[]
  /** Of all sources: a calculation may take from several. */
  offered: () => readonly Fact[]
}

/** Another name than those of the passages. */
export function hasOtherName(claim: string, evidence: Evidence): boolean {
  const { about, around } = evidence
  const known = `${about}\n${around}`
  return (
    codesOf(claim).some((code) => !hasCode(code, known)) ||
    namesOf(claim, quotesOf(evidence), around).some((name) => !hasName(name, known))
  )
}

/** A negation that came or went. */
export function hasOtherDenial(claim: string, evidence: Evidence): boolean {
  return hasFlippedNegation(claim, quotesOf(evidence), evidence.question)
}

function quotesOf({ passages }: Evidence): string {
  return passages
    .flatMap(({ text, places }) =>
      places.map(({ start, end }) => `${leadInOf(text, start).replace(/[:：]$/, '')} ${text.slice(start, end)}`.trim()),
    )
    .join('\n')
}

/** How each figure and each date of the claim stands in the passages. */
export function measureFacts(claim: string, evidence: Evidence): Standing[] {
  const { passages, about, question, around, worked, offered } = evidence
  const named = [...factsOf(about), ...thoseYears(quotesOf(evidence), around)]
  const askedAround = surroundingsOf(question)
  const asked = askedAround.map(({ fact }) => fact)
  const isAsked = (fact: Fact) => asked.some((other) => isSame(fact, other))
  // "7 guests" of the question are not "seven courses".
  const isEchoed = ({ fact, words }: Surrounded) =>
    askedAround.some((other) => isSame(fact, other.fact) && likeness(words, other.words) >= ECHO_MIN)
  const claimed = surroundingsOf(claim).map((one) => ({ ...one, words: withAsked(one.words, question) }))
  const there = passages.flatMap(({ facts, places }) =>
    facts.map(
      (one): Found => ({
        ...one,
        isQuoted: places.some(({ start, end }) => start < one.fact.end && one.fact.start < end),
      }),
    ),
  )
  const calculated = calculatedIn(
    claim,
    claimed,
    there.map((one) => one.fact),
    () => [...offered(), ...asked, ...worked],
  )
  const told = { claim, claimed: claimed.map(({ fact }) => fact), asked }
  return claimed.map((one): Standing => {
    const { fact } = one
    // A question's own figure is no answer where the claim has another: "for the 8-year-old you pay £15".
    const isEcho = isEchoed(one) && claimed.some((other) => other.fact.isSure !== false && !isAsked(other.fact))
    const isExcused =
      fact.isSure === false ||
      isEcho ||
      calculated.some((other) => isSame(fact, other)) ||
      worked.some((other) => isSame(fact, other)) ||
      named.some((other) => isSame(fact, other)) ||
      isOfColumn(one, claimed, there) ||
      isReckonedWithin(one, claim, claimed) ||
      isCount(one, claim) ||
      isReckonedThere(one, told, there)
    if (isExcused) return { fact, standing: 'excused' }
    const name = ofName(fact, claim, around)
    if (name !== undefined) return { fact, standing: name }
    return { fact, standing: measureFact(one, claimed, there) ?? 'nowhere' }
  })
}

/** What was asked is meant, though an answer need not say it again. */
const ASKED_WEIGHT = 0.2

function withAsked(words: Surroundings, question: string): Surroundings {
  const all = new Map(words)
  for (const { text } of splitWords(question)) {
    const stem = stemOf(text)
    if (text.length > 3 && !all.has(stem)) all.set(stem, ASKED_WEIGHT)
  }
  return all
}

/** A word in common beside both. */
const ECHO_MIN = 0.2
