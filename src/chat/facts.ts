/**
 * What can be compared without understanding: the figures, dates, names and negations of a claim against those of the place
 * that it cites. That the same figure stands there somewhere is not enough. It must be the one whose surroundings are most like
 * those in the claim: "the rent is 165 euros" is not borne out by "the rent is 1,180 euros, the advance 165 euros".
 */
import { type Fact, isComparable, isSame } from './fact.ts'
import { figuresOf } from './figures.ts'
import { hasName, namesOf } from './names.ts'
import { hasFlippedNegation } from './negations.ts'
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
  /** The question and the passages: names may come from all of it, because people say "she". */
  around: string
}

/** Whether something in the claim stands otherwise, or not at all, where it should be borne out. */
export function contradicts(claim: string, evidence: Evidence): boolean {
  const { passages, about, around } = evidence
  const quotes = passages
    .flatMap(({ text, places }) => places.map(({ start, end }) => text.slice(start, end)))
    .join('\n')
  return (
    hasOtherFact(claim, evidence, quotes) ||
    namesOf(claim, quotes, around).some((name) => !hasName(name, `${about}\n${around}`)) ||
    hasFlippedNegation(claim, quotes)
  )
}

/** How near to the best surroundings those of the same figure must come: in what is quoted, and elsewhere in the passage. */
const LIKENESS_MIN = { quoted: 0.55, elsewhere: 0.9 }
/** Surroundings that are so little alike say nothing. */
const SLACK = 0.05

function hasOtherFact(claim: string, { passages, about, around }: Evidence, quotes: string): boolean {
  const named = [...factsOf(about), ...(quotes.search(THAT_YEAR) >= 0 ? thoseYears(around) : [])]
  const claimed = surroundingsOf(claim)
  const there = passages.flatMap(({ facts, places }) =>
    facts.map((one) => ({
      ...one,
      isQuoted: places.some(({ start, end }) => start < one.fact.end && one.fact.start < end),
    })),
  )
  return claimed.some((claimedOne) => {
    const { fact, words } = claimedOne
    if (isReckoned(fact, claimed)) return false
    if (fact.isSure === false || named.some((other) => isSame(fact, other))) return false
    // What the claim speaks of elsewhere is not what it should have said here: "8.5 minutes (p < 0.001)".
    const isElsewhere = (other: Surrounded) =>
      claimed.some(
        (further) =>
          further !== claimedOne &&
          isSame(further.fact, other.fact) &&
          likeness(further.words, other.words) > likeness(words, other.words),
      )
    const fitting = there
      .filter((other) => isComparable(other.fact, fact))
      .map((other) => {
        const isOtherUnit = !fact.measure && isOfAnotherKind(other.fact)
        return {
          likeness: likeness(words, other.words) * (isOtherUnit ? OTHER_UNIT : 1),
          isSame: isSame(fact, other.fact),
          isRival: other.fact.isSure !== false && !isElsewhere(other),
          isQuoted: other.isQuoted,
        }
      })
    const bestOf = (rivals: typeof fitting) =>
      Math.max(0, ...rivals.filter((other) => other.isSame || other.isRival).map((other) => other.likeness))
    const best = { quoted: bestOf(fitting.filter(({ isQuoted }) => isQuoted)), elsewhere: bestOf(fitting) }
    return !fitting.some((other) => {
      const where = other.isQuoted ? 'quoted' : 'elsewhere'
      return (
        other.isSame &&
        other.likeness + (other.isQuoted ? SLACK : 0) >= LIKENESS_MIN[where] * best[where] &&
        (other.isQuoted || other.likeness > 0)
      )
    })
  })
}

/** The sum or the difference of two others that the claim names: those are looked at themselves. */
function isReckoned(fact: Fact, claimed: readonly Surrounded[]): boolean {
  const numbers = claimed
    .filter(({ fact: other }) => other !== fact && isComparable(other, fact) && other.measure !== 'date')
    .map(({ fact: other }) => Number(other.values[0]))
  const value = Number(fact.values[0])
  return numbers.some((a, index) => numbers.slice(index + 1).some((b) => a + b === value || Math.abs(a - b) === value))
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
