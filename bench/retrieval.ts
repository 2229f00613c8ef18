/**
 * How well search finds and quotes, on every question set that is there, and what it costs.
 *
 *     node bench/retrieval.ts [--typos] [--absent] [SET…]
 */
import { parseArgs } from 'node:util'
import { evaluate, type Scores, withTypingError } from '../src/search.ts'
import { indexDocuments, type QuestionSet, readSet, setNames } from './support/question-sets.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { typos: { type: 'boolean' }, absent: { type: 'boolean' } },
})
const names = positionals.length > 0 ? positionals : setNames()
if (names.length === 0) process.stdout.write('There are no question sets beside the project: nothing measured.\n')
for (const name of names) {
  const set = readSet(name)
  if (flags.absent) await measureAbsent(set)
  else if (flags.typos) await measureTypos(set)
  else await measure(set)
}

async function measure({ name, documents, questions }: QuestionSet): Promise<void> {
  await using corpus = await indexDocuments(documents)
  const startedAt = performance.now()
  const scores = await evaluate(documents, questions, corpus.answering)
  print(name, scores, {
    passages: corpus.passages,
    rate: Math.round((1000 * corpus.passages) / corpus.indexMs),
    seconds: ((performance.now() - startedAt) / 1000).toFixed(1),
  })
}

async function measureTypos({ name, documents, questions }: QuestionSet): Promise<void> {
  await using corpus = await indexDocuments(documents)
  const withAnswers = questions.filter((question) => question.answers.length > 0)
  const wrong = withAnswers.map((question, n) => ({ ...question, question: withTypingError(question.question, n) }))
  print(`${name} typos`, await evaluate(documents, wrong, corpus.answering), {})
}

/** Half of the documents are left out: their questions are about absent subjects. */
async function measureAbsent({ name, documents, questions }: QuestionSet): Promise<void> {
  const kept = documents.filter((_, index) => index % 2 === 0)
  const ids = new Set(kept.map((document) => document.id))
  await using corpus = await indexDocuments(kept)
  const asked = questions.map((question) =>
    question.docId === null || ids.has(question.docId) ? question : { ...question, answers: [], type: 'absent' },
  )
  print(`${name} half`, await evaluate(kept, asked, corpus.answering), {})
}

function print(name: string, scores: Scores, more: Record<string, unknown>): void {
  process.stdout.write(`${name.padEnd(16)} ${JSON.stringify(scores)} ${JSON.stringify(more)}\n`)
}
