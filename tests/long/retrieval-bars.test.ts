import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexDocuments, readSet, setNames } from '../../bench/support/question-sets.ts'
import { BARS, BARS_WITH_TYPOS, missedBars, SHARES } from '../../bench/support/retrieval-bars.ts'
import { evaluate, withTypingError } from '../../src/search.ts'

const present = new Set(setNames())
const skipOf = (set: string) => (present.has(set) ? false : `the question set ${set} is not there`)

for (const [set, bars] of BARS) {
  test(`questions of ${set} are answered as well as measured before`, { skip: skipOf(set) }, async () => {
    const { documents, questions } = readSet(set)
    await using corpus = await indexDocuments(documents)
    const answerable = questions.filter((question) => question.answers.length > 0)
    const scores = await evaluate(documents, answerable, corpus.answering)
    assert.deepEqual(missedBars(scores, bars), [], JSON.stringify(scores))
  })
}

for (const [set, bars] of BARS_WITH_TYPOS) {
  test(`a typing error costs little on ${set}`, { skip: skipOf(set) }, async () => {
    const { documents, questions } = readSet(set)
    await using corpus = await indexDocuments(documents)
    const answerable = questions.filter((question) => question.answers.length > 0)
    const wrong = answerable.map((question, n) => ({ ...question, question: withTypingError(question.question, n) }))
    const scores = await evaluate(documents, wrong, corpus.answering)
    assert.deepEqual(missedBars(scores, bars), [], JSON.stringify(scores))
  })
}

test('what the documents do not speak of is refused', { skip: skipOf('squad2') }, async () => {
  const { documents, questions } = readSet('squad2')
  await using corpus = await indexDocuments(documents)
  const asked = questions.filter(
    (question, n) => question.type === 'offcorpus' || (question.answers.length > 0 && n % 8 === 0),
  )
  const { answered, refused, auc } = await evaluate(documents, asked, corpus.answering)
  assert.ok(answered! >= SHARES.answered, `answered ${answered}`)
  assert.ok(refused['offcorpus']! >= SHARES.refused, `refused ${refused['offcorpus']}`)
  assert.ok(auc['offcorpus']! >= 0.96, `AUC ${auc['offcorpus']}`)
})
