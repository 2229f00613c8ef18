import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexDocuments, readSet, setNames } from '../../bench/support/question-sets.ts'
import { evaluate, type Scores, withTypingError } from '../../src/search.ts'

/** Percent at least: recall@1, recall@5, MRR@10, answer-hit@1, answer-hit@3, answered. The sets lie beside the project. */
const BARS: readonly [set: string, ...bars: number[]][] = [
  ['squad2', 86.5, 96.5, 91, 81, 91.5, 95],
  ['xquad-en', 93, 97.5, 95, 80.5, 93, 97],
  ['xquad-es', 91.5, 97.5, 94, 76, 90, 95.5],
  ['xquad-de', 90, 96.5, 93, 73, 89, 90.5],
  ['xquad-zh', 89.5, 97.5, 93, 75, 90.5, 90],
  ['xquad-ar', 87.5, 95.5, 91, 73, 89.5, 94],
  ['covidqa', 59.5, 80, 68, 50.5, 65, 98.5],
  ['faq', 50, 77.5, 62, 50.5, 65.5, 91],
]
/** The same with a typing error in the longest word: recall@1, recall@5, MRR@10, answer-hit@1. */
const BARS_WITH_TYPOS: readonly [set: string, ...bars: number[]][] = [
  ['squad2', 86, 96, 0, 80],
  ['faq', 49.5, 77.5, 0, 50],
  ['xquad-es', 90.5, 97, 0, 75],
]

const present = new Set(setNames())
const skipOf = (set: string) => (present.has(set) ? false : `the question set ${set} is not there`)

for (const [set, ...bars] of BARS) {
  test(`questions of ${set} are answered as well as measured before`, { skip: skipOf(set) }, async () => {
    const { documents, questions } = readSet(set)
    await using corpus = await indexDocuments(documents)
    const answerable = questions.filter((question) => question.answers.length > 0)
    assertAtLeast(bars, await evaluate(documents, answerable, corpus.answering))
  })
}

for (const [set, ...bars] of BARS_WITH_TYPOS) {
  test(`a typing error costs little on ${set}`, { skip: skipOf(set) }, async () => {
    const { documents, questions } = readSet(set)
    await using corpus = await indexDocuments(documents)
    const answerable = questions.filter((question) => question.answers.length > 0)
    const wrong = answerable.map((question, n) => ({ ...question, question: withTypingError(question.question, n) }))
    assertAtLeast(bars, await evaluate(documents, wrong, corpus.answering))
  })
}

test('what the documents do not speak of is refused', { skip: skipOf('squad2') }, async () => {
  const { documents, questions } = readSet('squad2')
  await using corpus = await indexDocuments(documents)
  const asked = questions.filter(
    (question, n) => question.type === 'offcorpus' || (question.answers.length > 0 && n % 8 === 0),
  )
  const { answered, refused, auc } = await evaluate(documents, asked, corpus.answering)
  assert.ok(answered! >= 95, `answered ${answered}`)
  assert.ok(refused['offcorpus']! >= 80, `refused ${refused['offcorpus']}`)
  assert.ok(auc['offcorpus']! >= 0.96, `AUC ${auc['offcorpus']}`)
})

function assertAtLeast(bars: readonly number[], scores: Scores): void {
  const names = ['recall1', 'recall5', 'mrr10', 'answerHit1', 'answerHit3', 'answered'] as const
  const below = names.filter((name, index) => (scores[name] ?? 0) < (bars[index] ?? 0))
  assert.deepEqual(below, [], JSON.stringify(scores))
}
