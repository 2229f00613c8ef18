/**
 * Fits the weights by which the check of answers decides that a figure is another's (`src/chat/facts.ts`), and tells what they are worth.
 *
 *     node tools/fit-answer-check.ts [FOLDER...]
 *
 * Over all papers of `tests/fixtures/answers` (or of these folders). Every figure and date of the faithful statements is an example, and
 * of the changed ones what was changed. What is printed was judged by weights that were fitted without the paper it is in.
 */
import { globSync } from 'node:fs'
import { COVER_MIN } from '../src/chat/check.ts'
import { type Evidence, hasOtherNameOrDenial, type Measures, measureFacts, type Standing } from '../src/chat/facts.ts'
import { locate } from '../src/chat/locate.ts'
import { factsOf, surroundingsOf } from '../src/chat/surroundings.ts'
import { ANSWERS_FOLDER, type Case, readAnswerSet } from '../tests/support/answer-sets.ts'
import { mutate } from '../tests/support/mutations.ts'

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

const NAMES = ['lead', 'leadOfQuoted'] as const satisfies readonly (keyof Measures)[]
type Weights = readonly number[]

const folders = process.argv.slice(2)
const sets = (folders.length > 0 ? folders : globSync(`${ANSWERS_FOLDER}/*/`).sort()).map((folder) =>
  readAnswerSet(folder),
)
const examples = sets.flatMap(({ name, sources, cases }) =>
  cases.flatMap((each) => examplesOf(name, sources[each.n - 1]!.name, each)),
)
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
  const bySet = sets.map(({ name }) => {
    const of = (all: readonly Example[]) => share(all.filter(({ set }) => set === name))
    return `${name} ${of(faithful)} / ${of(figures)}`
  })
  console.log(
    `From ${below.toFixed(2)}: false alarms ${share(faithful)}; figures ${share(figures)}, elsewhere in the passage ${share(figures.filter(({ isThere }) => isThere))}, nowhere ${share(figures.filter(({ isThere }) => !isThere))}, dates ${share(examples.filter(({ kind }) => kind === 'date'))} (${bySet.join('; ')})`,
  )
}

function examplesOf(set: string, name: string, { claim, text, question, n, other, language, paper }: Case): Example[] {
  const facts = surroundingsOf(text)
  const original = factsOf(claim)
  const isOneOf = (value: string, all: readonly { values: readonly string[] }[]) =>
    all.some(({ values }) => values[0] === value)
  return [{ kind: 'faithful', answer: claim }, ...mutate(claim, text, { n, other, language })]
    .filter(({ kind }) => kind === 'faithful' || kind === 'figure' || kind === 'date')
    .map(({ kind, answer }) => {
      const statement = answer.replace(/ \[\d+\]/, '')
      const located = locate(statement, text)
      const evidence: Evidence = {
        ...{ passages: [{ text, facts, places: located.places }], about: `${name}\n`, question },
        around: `${question}\n${text}`,
      }
      const quotes = located.places.map((place) => place.text).join('\n')
      const standings = measureFacts(statement, evidence, quotes).map((each) => ({
        ...each,
        isChanged: !isOneOf(each.fact.values[0]!, original),
      }))
      return {
        ...{ set, paper: `${set}/${paper}`, kind, language, standings },
        isMarked: located.cover < COVER_MIN || hasOtherNameOrDenial(statement, evidence, quotes),
        isThere: standings.some(
          ({ fact, isChanged }) =>
            isChanged &&
            isOneOf(
              fact.values[0]!,
              facts.map(({ fact }) => fact),
            ),
        ),
      }
    })
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
