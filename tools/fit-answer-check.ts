/**
 * Fits the weights by which the check of answers decides that a figure is another's (`src/chat/facts.ts`), and tells what they are worth.
 *
 *     node tools/fit-answer-check.ts [FOLDER...]
 *
 * Over all papers of `tests/fixtures/answers` (or of these folders). Every figure and date of the faithful statements is an example, and
 * of the changed ones what was changed. What is printed was judged by weights that were fitted without the paper it is in.
 */
import { globSync } from 'node:fs'
import { type CheckedSource, judge } from '../src/chat/check.ts'
import type { Measures, Standing } from '../src/chat/standings.ts'
import { statementsOf } from '../src/chat/statements.ts'
import { factsOf } from '../src/chat/surroundings.ts'
import { ANSWERS_FOLDER, type AnswerSet, readAnswerSet } from '../tests/support/answer-sets.ts'
import { type AskedSet, changesIn, readAskedSet } from '../tests/support/asked-sets.ts'
import { mutate, withMarker } from '../tests/support/mutations.ts'

const FOLDS = 10
const ROUNDS = 30
/** Keeps the weights small where there are few examples. */
const RIDGE = 1
const DETECTION = [0.93, 0.94, 0.945, 0.95, 0.955, 0.96, 0.97]

interface Example {
  set: string
  paper: string
  kind: string
  language: string
  standings: (Standing & { isChanged: boolean })[]
  /** Marked whatever its figures: by a name, a negation, or because it shares too little with its source. */
  isMarked: boolean
  /** Whether the new figure stands elsewhere in the passage. */
  isThere: boolean
}

const NAMES = ['lead', 'step'] as const satisfies readonly (keyof Measures)[]
type Weights = readonly number[]

const folders = process.argv.slice(2)
const sets = folders.length > 0 ? folders : globSync(`${ANSWERS_FOLDER}/*/`).sort()
const examples: Example[] = []
for (const folder of sets) {
  const isAsked = globSync('*.asked.txt', { cwd: folder }).length > 0
  examples.push(...(isAsked ? await askedExamplesOf(readAskedSet(folder)) : await examplesOf(readAnswerSet(folder))))
}
const papers = [...new Set(examples.map(({ paper }) => paper))]
const foldOf = new Map(papers.map((paper, index) => [paper, index % FOLDS]))

const scores = new Map<Example, number>()
for (let fold = 0; fold < FOLDS; fold++) {
  const weights = fit(examples.filter(({ paper }) => foldOf.get(paper) !== fold))
  for (const example of examples.filter(({ paper }) => foldOf.get(paper) === fold)) {
    scores.set(example, scoreOf(example, weights))
  }
}
const figures = examples.filter(({ kind }) => kind === 'figure')
const faithful = examples.filter(({ kind }) => kind === 'faithful')
const weights = fit(examples)
console.log(`Over all: ${['bias', ...NAMES].map((name, index) => `${name} ${weights[index]!.toFixed(2)}`).join(', ')}`)
const isLost = ({ isMarked, standings }: Example) =>
  isMarked || standings.some(({ standing }) => standing === 'nowhere')
console.log(
  `Marked whatever the weights: ${((100 * faithful.filter(isLost).length) / faithful.length).toFixed(1)} % of the faithful`,
)
for (const wanted of DETECTION) {
  const sorted = figures
    .map((example) => (example.isMarked ? Number.NEGATIVE_INFINITY : scores.get(example)!))
    .toSorted((a, b) => a - b)
  const below = sorted[Math.ceil(wanted * sorted.length) - 1]!
  const share = (of: readonly Example[]) => {
    const marked = of.filter((example) => example.isMarked || scores.get(example)! <= below).length
    return `${((100 * marked) / of.length).toFixed(1)} %`
  }
  const bySet = [...new Set(examples.map(({ set }) => set))].map((name) => {
    const of = (all: readonly Example[]) => share(all.filter(({ set }) => set === name))
    return `${name} ${of(faithful)} / ${of(figures)}`
  })
  console.log(
    `From ${below.toFixed(2)}: false alarms ${share(faithful)}; figures ${share(figures)}, elsewhere in the passage ${share(figures.filter(({ isThere }) => isThere))}, nowhere ${share(figures.filter(({ isThere }) => !isThere))}, dates ${share(examples.filter(({ kind }) => kind === 'date'))} (${bySet.join('; ')})`,
  )
}

async function examplesOf(set: AnswerSet): Promise<Example[]> {
  const examples: Example[] = []
  for (const each of set.cases) {
    const { claim, text, question, n, other, language, paper } = each
    const trials = [{ kind: 'faithful', answer: withMarker(claim, n) }, ...mutate(claim, text, { n, other, language })]
    for (const { kind, answer } of trials) {
      const trial = { kind, answer, at: { start: 0, end: answer.length }, sources: set.sources, question, from: claim }
      examples.push(...(await exampleOf({ ...trial, paper: `${set.name}/${paper}`, set: set.name, language }, text)))
    }
  }
  return examples
}

async function askedExamplesOf({ name, answers }: AskedSet): Promise<Example[]> {
  const examples: Example[] = []
  for (const asked of answers) {
    const { paper, language, sources, question, answer } = asked
    const faithful = statementsOf(answer).map(({ start, end }) => ({ kind: 'faithful', answer, at: { start, end } }))
    for (const trial of [...faithful, ...changesIn(asked)]) {
      const place = { ...{ set: name, paper: `${name}/${paper}`, language, sources, question }, from: answer }
      examples.push(...(await exampleOf({ ...trial, ...place }, sources.map(({ text }) => text).join('\n'))))
    }
  }
  return examples
}

interface Trial extends Pick<Example, 'set' | 'paper' | 'kind' | 'language'> {
  answer: string
  at: { start: number; end: number }
  sources: readonly CheckedSource[]
  question: string
  /** What it was before the change. */
  from: string
}

async function exampleOf({ set, paper, kind, language, ...trial }: Trial, text: string): Promise<Example[]> {
  if (!['faithful', 'figure', 'date'].includes(kind)) return []
  const { answer, at, sources, question, from } = trial
  const original = factsOf(from)
  const isOneOf = (value: string, all: readonly { values: readonly string[] }[]) =>
    all.some(({ values }) => values[0] === value)
  const judgements = (await judge(answer, sources, question)).filter(
    ({ start, end }) => start < at.end && at.start < end,
  )
  const standings = judgements.flatMap((judgement) =>
    judgement.standings.map((each) => ({ ...each, isChanged: !isOneOf(each.fact.values[0]!, original) })),
  )
  const there = factsOf(text)
  return [
    {
      ...{ set, paper, kind, language, standings },
      isMarked: judgements.some(({ isUnsupported }) => isUnsupported),
      isThere: standings.some(({ fact, isChanged }) => isChanged && isOneOf(fact.values[0]!, there)),
    },
  ]
}

/** Of its least credible fact. */
function scoreOf({ standings }: Example, [bias, ...weights]: Weights): number {
  return Math.min(
    ...standings.map(({ standing }) => {
      if (standing === 'excused') return Number.POSITIVE_INFINITY
      if (standing === 'nowhere') return Number.NEGATIVE_INFINITY
      return measuresOf(standing).reduce((sum, measure, index) => sum + weights[index]! * measure, bias!)
    }),
  )
}

function measuresOf(measures: Measures): number[] {
  return NAMES.map((name) => measures[name])
}

/** Newton's method on the likelihood; both kinds of example weigh the same. */
function fit(of: readonly Example[]): number[] {
  const rows = of.flatMap(({ kind, standings }) =>
    standings.flatMap(({ standing, isChanged }) =>
      typeof standing === 'object' && (kind === 'faithful' || isChanged)
        ? [{ x: [1, ...measuresOf(standing)], y: kind === 'faithful' ? 1 : 0 }]
        : [],
    ),
  )
  const positives = rows.filter(({ y }) => y === 1).length
  const balance = [positives / (rows.length - positives), 1]
  let weights = [0, ...NAMES.map(() => 0)]
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map((weight, index) => (index === 0 ? 0 : -RIDGE * weight))
    const hessian = weights.map((_, i) => weights.map((_, j) => (i === j ? (i === 0 ? 1e-6 : RIDGE) : 0)))
    for (const { x, y } of rows) {
      const p = 1 / (1 + Math.exp(-x.reduce((sum, value, index) => sum + value * weights[index]!, 0)))
      for (const [i, a] of x.entries()) {
        gradient[i]! += balance[y]! * (y - p) * a
        for (const [j, b] of x.entries()) hessian[i]![j]! += balance[y]! * p * (1 - p) * a * b
      }
    }
    const step = solve(hessian, gradient)
    weights = weights.map((weight, index) => weight + step[index]!)
  }
  return weights
}

/** By elimination; the matrix is positive definite. */
function solve(matrix: number[][], vector: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, vector[index]!])
  for (const [at, pivot] of rows.entries()) {
    for (const [other, row] of rows.entries()) {
      if (other === at) continue
      const factor = row[at]! / pivot[at]!
      for (let column = at; column < row.length; column++) row[column]! -= factor * pivot[column]!
    }
  }
  return rows.map((row, index) => row.at(-1)! / row[index]!)
}
