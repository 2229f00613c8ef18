/**
 * How well questions with known answers are answered. Everything is judged on the text that comes back, not on ids of
 * passages, so that any way of cutting can be compared.
 */
import { CoverJudge } from './evaluation-cover.ts'

export interface EvaluationDocument {
  id: string
  title: string
  file: string
  text: string
}

export interface EvaluationQuestion {
  id: string
  question: string
  /** `answerable`, or why it is not. */
  type: string
  docId: string | null
  answers: readonly { text: string; start: number }[]
  passage: readonly [number, number] | null
  mode?: string
}

/** What is judged, best first. `docId` names a document of the set. */
export interface Returned {
  docId: string
  text: string
}

export interface Answering {
  search(question: string): Promise<readonly Returned[]>
  ask(question: string): Promise<{ quotes: readonly Returned[]; confidence: number; notFound: boolean }>
}

/** Percent with one decimal; undefined where there was no question to tell. */
export interface Scores {
  questions: number
  recall1: number | undefined
  recall5: number | undefined
  mrr10: number | undefined
  answerHit1: number | undefined
  answerHit3: number | undefined
  answered: number | undefined
  /** By type of question that has no answer. */
  refused: Record<string, number>
  /** 0 to 1: how often an answerable question is surer than one of the type. */
  auc: Record<string, number>
}

const RESULTS = 10
const CITATIONS = 3
const CITATION_LENGTH = 300
/** Of the questions of one type without an answer, at equal steps. */
const UNANSWERABLE_MAX = 600

/** Whether what was returned holds the answer. */
export type IsHit = (question: EvaluationQuestion, returned: Returned) => boolean

/** By the documents, unless it is judged otherwise. */
export async function evaluate(
  documents: readonly EvaluationDocument[],
  questions: readonly EvaluationQuestion[],
  answering: Answering,
  isHit: IsHit = hitByCover(documents),
): Promise<Scores> {
  const withAnswers = questions.filter((question) => question.answers.length > 0)
  const ranks: number[] = []
  const quoteRanks: number[] = []
  const confidences: number[] = []
  let answered = 0
  for (const question of withAnswers) {
    const results = await answering.search(question.question)
    ranks.push(firstHit(isHit, question, results.slice(0, RESULTS)))
    const { quotes, confidence, notFound } = await answering.ask(question.question)
    const cut = quotes.slice(0, CITATIONS).map(({ docId, text }) => ({ docId, text: text.slice(0, CITATION_LENGTH) }))
    quoteRanks.push(firstHit(isHit, question, cut))
    confidences.push(confidence)
    if (!notFound) answered += 1
  }

  const refused: Record<string, number> = {}
  const auc: Record<string, number> = {}
  const unanswerable = Map.groupBy(
    questions.filter((question) => question.answers.length === 0),
    (question) => question.type,
  )
  for (const [type, all] of unanswerable) {
    const asked = atEqualSteps(all, UNANSWERABLE_MAX)
    const answers = []
    for (const { question } of asked) answers.push(await answering.ask(question))
    refused[type] = percent(answers.filter((answer) => answer.notFound).length, asked.length)!
    auc[type] = areaUnderCurve(
      confidences,
      answers.map((answer) => answer.confidence),
    )
  }

  const within = (list: readonly number[], k: number) =>
    percent(list.filter((rank) => rank <= k).length, withAnswers.length)
  return {
    questions: withAnswers.length,
    recall1: within(ranks, 1),
    recall5: within(ranks, 5),
    mrr10: percent(
      ranks.reduce((sum, rank) => sum + 1 / rank, 0),
      withAnswers.length,
    ),
    answerHit1: within(quoteRanks, 1),
    answerHit3: within(quoteRanks, 3),
    answered: percent(answered, withAnswers.length),
    refused,
    auc,
  }
}

function hitByCover(documents: readonly EvaluationDocument[]): IsHit {
  const judge = new CoverJudge(documents)
  return (question, { docId, text }) => docId === question.docId && judge.isHit(question, text)
}

/** Counted from 1; Infinity where nothing is a hit. */
function firstHit(isHit: IsHit, question: EvaluationQuestion, returned: readonly Returned[]): number {
  const index = returned.findIndex((one) => isHit(question, one))
  return index === -1 ? Infinity : index + 1
}

function atEqualSteps<T>(list: readonly T[], max: number): T[] {
  if (list.length <= max) return [...list]
  return Array.from({ length: max }, (_, i) => list[Math.floor((i * list.length) / max)]!)
}

function percent(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : Math.round((1000 * part) / whole) / 10
}

export function areaUnderCurve(positive: readonly number[], negative: readonly number[]): number {
  const sorted = negative.toSorted((a, b) => a - b)
  let sum = 0
  for (const value of positive) sum += (countBelow(sorted, value, false) + countBelow(sorted, value, true)) / 2
  return positive.length * sorted.length === 0 ? 0 : Math.round((1000 * sum) / (positive.length * sorted.length)) / 1000
}

function countBelow(sorted: readonly number[], value: number, orEqual: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1
    else high = middle
  }
  return low
}

/** One typing error in the longest word, always the same for the n-th question. */
export function withTypingError(question: string, n: number): string {
  let longest: { word: string; at: number } | undefined
  for (const { 0: word, index } of question.matchAll(/[\p{L}\p{M}]+/gu)) {
    if (word.length >= 5 && word.length > (longest?.word.length ?? 0)) longest = { word, at: index }
  }
  if (!longest) return question
  const { word, at } = longest
  const i = 1 + (n % (word.length - 2))
  const [before, letter, after] = [word.slice(0, i), word[i]!, word.slice(i + 1)]
  const wrong = [
    before + (after[0] ?? '') + letter + after.slice(1),
    before + after,
    before + letter + letter + after,
    `${before}e${after}`,
  ]
  return question.slice(0, at) + wrong[n % 4]! + question.slice(at + word.length)
}
