/**
 * How well search finds and quotes, on every question set that lies beside the project, and what it costs.
 *
 *     node bench/retrieval.ts [SET…]             recall, quotes, refusals; size, rate, time and memory
 *     node bench/retrieval.ts --typos [SET…]     with one typing error in the longest word of each question
 *     node bench/retrieval.ts --absent [SET…]    half of the documents left out: their questions are to be refused
 *     node bench/retrieval.ts --scale 100000 [SET…]    the sets together, repeated up to so many passages: time and memory
 *
 * Sizes are MB of 10⁶ bytes, times wall milliseconds of one search without others at once, memory the anonymous part of this
 * process, which holds the documents and questions too.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Answering, evaluate, type Scores, withTypingError } from '../src/search.ts'
import { type Corpus, indexDocuments, type QuestionSet, readSet, setNames } from './support/question-sets.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { typos: { type: 'boolean' }, absent: { type: 'boolean' }, scale: { type: 'string' } },
})
const names = positionals.length > 0 ? positionals : setNames()
if (names.length === 0) print('There are no question sets beside the project: nothing was measured.')
else if (flags.scale !== undefined) await measureScale(Number(flags.scale), names.map(readSet))
else await measureAll()

async function measureAll(): Promise<void> {
  const columns = ['set', 'questions', 'r@1', 'r@5', 'MRR', 'hit@1', 'hit@3', 'answered', 'refused', 'AUC']
  const costs = ['passages', 'index MB', 'passages/s', 'p50 ms', 'p95 ms', 'memory MB']
  print(row([...columns, ...costs]))
  print(row([...columns, ...costs].map(() => '---')))
  for (const name of names) await measure(readSet(name))
}

async function measure(set: QuestionSet): Promise<void> {
  const { documents, questions } = flags.absent ? withoutHalf(set) : flags.typos ? withErrors(set) : set
  await using corpus = await indexDocuments(documents)
  const times: number[] = []
  const scores = await evaluate(documents, questions, timed(corpus.answering, times))
  print(row([set.name, ...printScores(scores), ...printCosts(corpus, times)]))
}

function withErrors(set: QuestionSet): QuestionSet {
  const withAnswers = set.questions.filter((question) => question.answers.length > 0)
  const questions = withAnswers.map((question, n) => ({ ...question, question: withTypingError(question.question, n) }))
  return { ...set, questions }
}

/** Every second document is left out: what is asked about it is an absent subject. */
function withoutHalf(set: QuestionSet): QuestionSet {
  const documents = set.documents.filter((_, index) => index % 2 === 0)
  const kept = new Set(documents.map((document) => document.id))
  const questions = set.questions
    .filter((question) => question.docId !== null)
    .map((question) => (kept.has(question.docId!) ? question : { ...question, answers: [], type: 'absent' }))
  return { ...set, documents, questions }
}

/** All sets in one index, the larger ones again and again until there are enough passages. */
async function measureScale(passages: number, sets: readonly QuestionSet[]): Promise<void> {
  await using corpus = await indexDocuments(
    sets.flatMap((set) => set.documents),
    passages,
  )
  const times: number[] = []
  const { search } = timed(corpus.answering, times)
  for (const { questions } of sets) {
    for (const { question } of questions.filter((_, index) => index % Math.ceil(questions.length / 50) === 0)) {
      await search(question)
    }
  }
  print(row(['passages', 'index MB', 'passages/s', 'p50 ms', 'p95 ms', 'memory MB', 'longest ms']))
  print(row(['---', '---', '---', '---', '---', '---', '---']))
  print(row([...printCosts(corpus, times), Math.max(...times).toFixed(1)]))
}

function timed(answering: Answering, times: number[]): Answering {
  return {
    ...answering,
    async search(question) {
      const startedAt = performance.now()
      const results = await answering.search(question)
      times.push(performance.now() - startedAt)
      return results
    },
  }
}

function printScores(scores: Scores): string[] {
  const { recall1, recall5, mrr10, answerHit1, answerHit3, answered } = scores
  const figures = [recall1, recall5, mrr10, answerHit1, answerHit3, answered].map((figure) => figure?.toFixed(1) ?? '–')
  const byType = (figuresByType: Record<string, number>) =>
    Object.entries(figuresByType)
      .map(([type, figure]) => `${type} ${figure}`)
      .join(', ') || '–'
  return [String(scores.questions), ...figures, byType(scores.refused), byType(scores.auc)]
}

function printCosts({ storage, passages, indexMs }: Corpus, times: number[]): string[] {
  const index = storage.database.get<{ bytes: number }>(
    `SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE 'lexical_1%'`,
  )!
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(1)
  const rate = Math.round((1000 * passages) / indexMs)
  return [String(passages), (index.bytes / 1e6).toFixed(1), String(rate), at(0.5), at(0.95), anonymousMb()]
}

function anonymousMb(): string {
  try {
    const kilobytes = /^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]
    return String(Math.round(Number(kilobytes) / 1000))
  } catch {
    return '–' // Not Linux.
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
