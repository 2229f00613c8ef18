/** Quotes that may answer a question: the best sentences of the best passages, grown or cut to a readable length. */
import type { QueryAnalysis } from './analysis.ts'
import { Cover, type MatchedPassage, type MatchedSentence, type MatchedText, Matcher } from './matching.ts'
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
  /** Where it stands: passages of one page may share sentences. */
  readingId: number
  page: number
  start: number
}

export interface QuotedRange extends Range {
  /** Which passage. */
  passage: number
  score: number
}

const PASSAGES_READ = 8
const QUOTES_MAX = 3
/**
 * A further quote may score so much less than the first. Scores are those of a logistic model, so this is odds of 1 to 150; measured on
 * four question sets it costs 0 to 0.7 points of hits among three, and spares people quotes about something else.
 */
const FURTHER_SCORE_MAX = 5
const QUOTE_LENGTH_MAX = 300
const QUOTE_LENGTH_MAX_HAN = 120
/** What stands before the first word of the question in a quote that had to be cut. */
const CUT_LEAD = 60

/** What speaks for a sentence. Shares are of the question's whole weight. */
interface Features {
  sentence: number
  /** In the heading or the title, and not in the sentence. */
  heading: number
  title: number
  /** In the sentences before and after, and not in it. */
  neighbour: number
  /** In the rest of the passage alone: then the answer is rather there. */
  restOfPassage: number
  /** How near the question's words stand, of what is possible. */
  nearness: number
  /** The passage's score against that of the best. */
  passage: number
  firstOfDocument: number
  /** Earlier sentences of a passage introduce what the later ones detail. */
  early: number
  isQuestion: number
  /** A line that is only a link, as in a table of contents: it points to an answer. */
  isLink: number
  /** Whether it has the kind of thing that is asked for. */
  kind: number
}

// Fitted by a list-wise logistic model on eleven question sets, five-fold, then rounded.
const WEIGHTS: Features = {
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
  isLink: -4,
  kind: 1,
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
  const isTaken = (passage: number, range: Range) => quotes.some((quote) => overlap(read, quote, { ...range, passage }))
  for (const best of sentences.toSorted((a, b) => b.score - a.score)) {
    const { passage, score } = best
    if (quotes.length > 0 && score < quotes[0]!.score - FURTHER_SCORE_MAX) break
    if (isTaken(passage, best.sentence)) continue
    const free = sentences.filter((other) => other.passage === passage && !isTaken(passage, other.sentence))
    quotes.push({ ...fit(read[passage]!.text, best, free, matched[passage]!), passage, score })
    if (quotes.length === QUOTES_MAX) break
  }
  return quotes
}

/** Whether two ranges of passages share text of their page. */
function overlap(
  passages: readonly QuotablePassage[],
  a: Range & { passage: number },
  b: Range & { passage: number },
): boolean {
  const [first, second] = [passages[a.passage]!, passages[b.passage]!]
  if (first.readingId !== second.readingId || first.page !== second.page) return false
  return first.start + a.start < second.start + b.end && second.start + b.start < first.start + a.end
}

function scoreSentences(
  question: string,
  analysis: QueryAnalysis,
  matched: MatchedPassage,
  passage: QuotablePassage & { best: number },
): { sentence: MatchedSentence; score: number }[] {
  return featuresOfSentences(question, analysis, matched, passage).map((features, index) => {
    let score = 0
    for (const name of FEATURE_NAMES) score += WEIGHTS[name] * features[name]
    return { sentence: matched.sentences[index]!, score }
  })
}
const FEATURE_NAMES = Object.keys(WEIGHTS) as (keyof Features)[]

export function featuresOfSentences(
  question: string,
  { terms, content, total }: QueryAnalysis,
  { body, sentences, heading, title }: MatchedPassage,
  passage: QuotablePassage & { best: number },
): Features[] {
  const cover = new Cover(terms)
  const kind = kindOf(question)
  const nearMax = nearnessMax(content, terms)
  const share = (first: readonly MatchedSentence['matches'][], second: MatchedSentence['matches']) => {
    cover.reset()
    for (const matches of first) cover.add(matches)
    return total === 0 ? 0 : cover.add(second) / total
  }
  return sentences.map(({ matches: own, start, end }, index) => {
    const [before, after] = [sentences[index - 1]?.matches ?? [], sentences[index + 1]?.matches ?? []]
    const text = body.text.slice(start, end)
    return {
      sentence: share([], own),
      heading: share([own], heading.matches),
      title: share([own], title.matches),
      neighbour: share([own], before) + share([own], after),
      restOfPassage: share([own, heading.matches, title.matches, before], body.matches),
      nearness: nearMax === 0 ? 0 : nearness(placesOf(own), content, terms) / nearMax,
      passage: passage.best > 0 ? passage.score / passage.best : 0,
      firstOfDocument: passage.isFirst && index === 0 ? 1 : 0,
      early: 1 / (1 + index),
      isQuestion: ENDS_AS_QUESTION.test(text) ? 1 : 0,
      isLink: ONLY_A_LINK.test(text) ? 1 : 0,
      kind: kindScore(kind, question, text),
    }
  })
}
const ENDS_AS_QUESTION = /[?？؟]["'”’)*_]*$/
const ONLY_A_LINK = /^(?:[-*+•]|\d{1,3}[.)])?\s*(?:\[[^\]]*\]\([^)]*\)|https?:\/\/\S+)\s*$/

/** Grows a sentence by its better neighbours among those that are free, while it stays readable; cuts it where it is too long. */
function fit(text: string, best: Sentence, free: readonly Sentence[], { body }: MatchedPassage): Range {
  const lengthMax = isMostlyHan(text) ? QUOTE_LENGTH_MAX_HAN : QUOTE_LENGTH_MAX
  let { start, end } = best.sentence
  if (end - start > lengthMax) return densestWindow(text, best.sentence, lengthMax, body)
  const byIndex = new Map(free.map((one) => [one.sentence.index, one]))
  let first = best.sentence.index
  let last = first
  const told = isRunInHeading(text, best.sentence) ? byIndex.get(last + 1) : undefined
  if (told && told.sentence.end - start <= lengthMax) {
    last++
    end = told.sentence.end
  }
  for (;;) {
    const options = [byIndex.get(first - 1), byIndex.get(last + 1)].filter((option) => option !== undefined)
    const fitting = options.filter(
      ({ sentence }) => Math.max(end, sentence.end) - Math.min(start, sentence.start) <= lengthMax,
    )
    const next = fitting.toSorted((a, b) => b.score - a.score)[0]
    if (!next) break
    first = Math.min(first, next.sentence.index)
    last = Math.max(last, next.sentence.index)
    start = Math.min(start, next.sentence.start)
    end = Math.max(end, next.sentence.end)
  }
  while (last > best.sentence.index && isRunInHeading(text, byIndex.get(last)!.sentence)) {
    last--
    end = (byIndex.get(last) ?? best).sentence.end
  }
  return { start, end }
}

/** "The roof." at the beginning of a paragraph says what is told behind it, and nothing by itself. */
const RUN_IN_HEADING = /^(?:\p{Lu}|\p{Lo})[^.:!?\d]{0,39}[.:]$/u
const RUN_IN_WORDS_MAX = 4

function isRunInHeading(text: string, { start, end }: Range): boolean {
  const beginsParagraph = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === ''
  const isFollowed = /^[^\S\n]+\S/.test(text.slice(end, end + 20))
  const sentence = text.slice(start, end)
  return (
    beginsParagraph && isFollowed && RUN_IN_HEADING.test(sentence) && sentence.split(/\s+/).length <= RUN_IN_WORDS_MAX
  )
}

/** The window of a long sentence that holds most words of the question. */
function densestWindow(
  text: string,
  sentence: MatchedSentence,
  lengthMax: number,
  { starts, ends }: MatchedText,
): Range {
  let best: Range & { count: number } = { start: sentence.start, end: sentence.start, count: -1 }
  const matched = sentence.matches.map(({ position }) => starts[position]!)
  for (const at of [sentence.start + CUT_LEAD, ...matched]) {
    const start = wordStart(text, sentence.start, at - CUT_LEAD)
    const end = start + lengthMax >= sentence.end ? sentence.end : cutBefore(text, start, start + lengthMax)
    const terms = new Set(
      sentence.matches
        .filter((match) => starts[match.position]! >= start && ends[match.position]! <= end)
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
