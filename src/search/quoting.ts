/** Quotes that may answer a question: the best sentences of the best passages, grown or cut to a readable length. */
import type { QueryAnalysis } from './analysis.ts'
import { Cover, type MatchedPassage, type MatchedSentence, Matcher } from './matching.ts'
import { cutBefore, isMostlyHan } from './passages.ts'
import { kindOf, kindScore } from './question-kind.ts'
import { nearness, nearnessMax, placesOf } from './ranking.ts'
import type { Range } from './sentences.ts'

/** A passage in the order of the search. */
export interface QuotablePassage {
  text: string
  heading: string
  title: string
  score: number
  /** Whether the document begins with it. */
  isFirst: boolean
}

export interface QuotedRange extends Range {
  /** Which passage. */
  passage: number
  score: number
}

const PASSAGES_READ = 8
const QUOTES_MAX = 3
const QUOTE_LENGTH_MAX = 300
const QUOTE_LENGTH_MAX_HAN = 120
/** What stands before the first word of the question in a quote that had to be cut. */
const CUT_LEAD = 60

// Fitted by a list-wise logistic model on eleven question sets, five-fold, then rounded.
const WEIGHTS = {
  sentence: 5.5,
  heading: 4.5,
  title: 4,
  neighbour: 0.8,
  restOfPassage: -2.5,
  nearness: 1.3,
  passage: 7,
  firstOfDocument: 0.8,
  early: 0.8,
  isQuestion: -4,
}

interface Sentence {
  passage: number
  sentence: MatchedSentence
  score: number
}

export function chooseQuotes(
  question: string,
  analysis: QueryAnalysis,
  passages: readonly QuotablePassage[],
): QuotedRange[] {
  const read = passages.slice(0, PASSAGES_READ)
  const matcher = new Matcher(analysis.terms)
  const matched = read.map((passage) => matcher.matchPassage(passage))
  const sentences = read.flatMap((passage, number) =>
    scoreSentences(question, analysis, matched[number]!, { ...passage, best: read[0]!.score }).map((scored) => ({
      passage: number,
      ...scored,
    })),
  )
  const quotes: QuotedRange[] = []
  for (const best of sentences.toSorted((a, b) => b.score - a.score)) {
    const passage = read[best.passage]!
    const quote = {
      ...fit(passage.text, best, sentences, matched[best.passage]!),
      passage: best.passage,
      score: best.score,
    }
    if (!quotes.some((other) => overlaps(other, quote, read))) quotes.push(quote)
    if (quotes.length === QUOTES_MAX) break
  }
  return quotes
}

function scoreSentences(
  question: string,
  { terms, content, total }: QueryAnalysis,
  { body, sentences, heading, title }: MatchedPassage,
  passage: QuotablePassage & { best: number },
): { sentence: MatchedSentence; score: number }[] {
  const cover = new Cover(terms)
  const kind = kindOf(question)
  const nearMax = nearnessMax(content, terms)
  return sentences.map((sentence, index) => {
    const [before, after] = [sentences[index - 1]?.matches ?? [], sentences[index + 1]?.matches ?? []]
    const share = (first: readonly MatchedSentence['matches'][], second: MatchedSentence['matches']) => {
      cover.reset()
      for (const matches of first) cover.add(matches)
      return total === 0 ? 0 : cover.add(second) / total
    }
    const own = sentence.matches
    const text = body.text.slice(sentence.start, sentence.end)
    const near = nearMax === 0 ? 0 : nearness(placesOf(own), content, terms) / nearMax
    const score =
      WEIGHTS.sentence * share([], own) +
      WEIGHTS.heading * share([own], heading.matches) +
      WEIGHTS.title * share([own], title.matches) +
      WEIGHTS.neighbour * (share([own], before) + share([own], after)) +
      WEIGHTS.restOfPassage * share([own, heading.matches, title.matches, before], body.matches) +
      WEIGHTS.nearness * near +
      WEIGHTS.passage * (passage.best > 0 ? passage.score / passage.best : 0) +
      (passage.isFirst && index === 0 ? WEIGHTS.firstOfDocument : 0) +
      WEIGHTS.early / (1 + index) +
      (/[?？؟]["'”’)*_]*$/.test(text) ? WEIGHTS.isQuestion : 0) +
      kindScore(kind, question, text)
    return { sentence, score }
  })
}

/** Grows a sentence by its better neighbours while it stays readable; cuts it where it is too long. */
function fit(text: string, best: Sentence, all: readonly Sentence[], { body }: MatchedPassage): Range {
  const lengthMax = isMostlyHan(text) ? QUOTE_LENGTH_MAX_HAN : QUOTE_LENGTH_MAX
  let { start, end } = best.sentence
  if (end - start > lengthMax) return densestWindow(text, best.sentence, lengthMax, body.words)
  const siblings = all.filter((other) => other.passage === best.passage)
  let first = best.sentence.index
  let last = first
  for (;;) {
    const options = [siblings[first - 1], siblings[last + 1]].filter((option) => option !== undefined)
    const fitting = options.filter(
      ({ sentence }) => Math.max(end, sentence.end) - Math.min(start, sentence.start) <= lengthMax,
    )
    const next = fitting.toSorted((a, b) => b.score - a.score)[0]
    if (!next) return { start, end }
    first = Math.min(first, next.sentence.index)
    last = Math.max(last, next.sentence.index)
    start = Math.min(start, next.sentence.start)
    end = Math.max(end, next.sentence.end)
  }
}

/** The window of a long sentence that holds most words of the question. */
function densestWindow(text: string, sentence: MatchedSentence, lengthMax: number, words: readonly Range[]): Range {
  let best: Range & { count: number } = { start: sentence.start, end: sentence.start, count: -1 }
  const starts = sentence.matches.map(({ position }) => words[position]!.start)
  for (const at of [sentence.start + CUT_LEAD, ...starts]) {
    const start = wordStart(text, sentence.start, at - CUT_LEAD)
    const end = start + lengthMax >= sentence.end ? sentence.end : cutBefore(text, start, start + lengthMax)
    const terms = new Set(
      sentence.matches
        .filter((match) => words[match.position]!.start >= start && words[match.position]!.end <= end)
        .map((match) => match.term),
    )
    if (terms.size > best.count) best = { start, end, count: terms.size }
  }
  return { start: best.start, end: best.end }
}

/** The beginning of the word at this place, or the place itself where words have no spaces. */
function wordStart(text: string, first: number, at: number): number {
  if (at <= first) return first
  const space = text.slice(at, at + 20).search(/\s/)
  const start = space === -1 ? at : at + space + 1
  return (text.charCodeAt(start) & 0xfc00) === 0xdc00 ? start - 1 : start
}

/** Two quotes of one passage, or of passages that repeat a sentence. */
function overlaps(a: QuotedRange, b: QuotedRange, passages: readonly QuotablePassage[]): boolean {
  if (a.passage === b.passage) return a.start < b.end && b.start < a.end
  const [textA, textB] = [
    passages[a.passage]!.text.slice(a.start, a.end),
    passages[b.passage]!.text.slice(b.start, b.end),
  ]
  return textA.includes(textB) || textB.includes(textA)
}
