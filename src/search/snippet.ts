/** The part of a passage to show in a list of results, and what to mark in it. */
import type { QueryAnalysis } from './analysis.ts'
import { Matcher } from './matching.ts'
import { cutBefore } from './passages.ts'
import type { Range } from './sentences.ts'

/** Ranges of the passage's text. */
export interface Snippet extends Range {
  highlights: Range[]
}

const SNIPPET_LENGTH_MAX = 240
/** What stands before the first marked word, where the snippet does not begin with the passage. */
const LEAD = 40

export function makeSnippets(analysis: QueryAnalysis, texts: readonly string[]): Snippet[] {
  const matcher = new Matcher(analysis.terms)
  return texts.map((text) => {
    const { starts, ends, matches } = matcher.match(text)
    const marked = matches.filter(({ term }) => !analysis.terms[term]!.isFunctionWord)
    const places = marked.map(({ term, position }) => ({ start: starts[position]!, end: ends[position]!, term }))
    const { start, end } = densest(text, places, analysis)
    const inside = places.filter((place) => place.start >= start && place.end <= end)
    return { start, end, highlights: joined(inside) }
  })
}

/** The window in which the distinct marked words weigh most; the first of equals. */
function densest(text: string, places: readonly (Range & { term: number })[], { terms }: QueryAnalysis): Range {
  let best: Range & { weight: number } = { start: 0, end: windowEnd(text, 0), weight: -1 }
  for (const place of places) {
    const start = windowStart(text, place.start)
    const end = windowEnd(text, start)
    const inside = new Set(places.filter((other) => other.start >= start && other.end <= end).map(({ term }) => term))
    let weight = 0
    for (const term of inside) weight += terms[term]!.weight
    if (weight > best.weight) best = { start, end, weight }
  }
  return best
}

function windowStart(text: string, at: number): number {
  if (at <= LEAD) return 0
  const space = text.slice(at - LEAD, at).search(/\s\S/)
  return space === -1 ? at : at - LEAD + space + 1
}

function windowEnd(text: string, start: number): number {
  const limit = start + SNIPPET_LENGTH_MAX
  return limit >= text.length ? text.length : cutBefore(text, start, limit)
}

/** Overlapping n-grams, and a word with its prefix, are one mark. */
function joined(places: readonly Range[]): Range[] {
  const marks: Range[] = []
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start)) {
    const last = marks.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else marks.push({ start, end })
  }
  return marks
}
