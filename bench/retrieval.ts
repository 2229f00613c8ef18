/**
 * How well search finds and quotes, on every question set that lies beside the project, and what it costs.
 *
 *     node bench/retrieval.ts [SET…]             recall, quotes, refusals; size, rate, time and memory; the bars and which are missed
 *     node bench/retrieval.ts --typos [SET…]     with one typing error in the longest word of each question
 *     node bench/retrieval.ts --absent [SET…]    what is there answered, what is not there refused
 *     node bench/retrieval.ts --scale 100000 [SET…]    the sets together, repeated up to so many passages: time and memory
 *
 * Sizes are MB of 10⁶ bytes, times wall milliseconds of one search without others at once, memory the anonymous part of this
 * process, which holds the documents and questions too. Ends with 1 where a bar is missed.
 *
 * Absent is asked for in two ways. Other subjects: the questions of squad2 about articles that no set holds, for the sets in English (xquad-en has
 * some of these articles). Left out: the documents are cut in two, each half is asked the questions about the other. Where each document is a subject
 * of its own that is an absent subject too; where all are about one (covidqa, faq, awsdocs) only the answer is absent. So the
 * guides of awsdocs are left out one by one as well.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type Answering,
  areaUnderCurve,
  type EvaluationQuestion,
  evaluate,
  type Scores,
  withTypingError,
} from '../src/search.ts'
import { type Corpus, indexDocuments, type QuestionSet, readSet, setNames } from './support/question-sets.ts'
import { BARS, BARS_WITH_TYPOS, missedBars, SHARES } from './support/retrieval-bars.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { typos: { type: 'boolean' }, absent: { type: 'boolean' }, scale: { type: 'string' } },
})
/** The set whose questions ask about articles that are not there. */
const OTHER_SUBJECTS = 'squad2'
const HAS_SOME_OF_THEM = 'xquad-en'

const names = positionals.length > 0 ? positionals : setNames()
if (names.length === 0) print('There are no question sets beside the project: nothing was measured.')
else if (flags.scale !== undefined) await measureScale(Number(flags.scale), names.map(readSet))
else if (flags.absent) await measureRefusals(names.map(readSet))
else await measureAll()

async function measureAll(): Promise<void> {
  const columns = ['set', 'language', 'questions', 'r@1', 'r@5', 'MRR', 'hit@1', 'hit@3', 'answered', 'refused', 'AUC']
  const costs = ['passages', 'index MB', 'passages/s', 'p50 ms', 'p95 ms', 'memory MB']
  print(row([...columns, ...costs, 'below its bar']))
  print(row([...columns, ...costs, ''].map(() => '---')))
  for (const name of names) await measure(readSet(name))
}

async function measure(set: QuestionSet): Promise<void> {
  const { documents, questions } = flags.typos ? withErrors(set) : set
  await using corpus = await indexDocuments(documents)
  const times: number[] = []
  const scores = await evaluate(documents, questions, timed(corpus.answering, times))
  const bars = (flags.typos ? BARS_WITH_TYPOS : BARS).get(set.name)
  const missed = missedBars(scores, bars)
  if (missed && missed.length > 0) process.exitCode = 1
  const verdict = missed?.map((figure) => `${figure} ${scores[figure]} < ${bars![figure]}`).join(', ')
  print(row([set.name, set.language, ...printScores(scores), ...printCosts(corpus, times), verdict ?? 'no bars']))
}

function withErrors(set: QuestionSet): QuestionSet {
  const withAnswers = set.questions.filter((question) => question.answers.length > 0)
  const questions = withAnswers.map((question, n) => ({ ...question, question: withTypingError(question.question, n) }))
  return { ...set, questions }
}

async function measureRefusals(sets: readonly QuestionSet[]): Promise<void> {
  const others = setNames().includes(OTHER_SUBJECTS) ? readSet(OTHER_SUBJECTS).questions : []
  const offCorpus = others.filter(({ type }) => type === 'offcorpus')
  print(row(['set', 'language', 'what is absent', 'answered', 'refused', 'AUC', `demanded`]))
  print(row(['---', '---', '---', '---', '---', '---', '---']))
  for (const set of sets) {
    const asked = set.questions.filter(({ answers }) => answers.length > 0)
    const hasOthers = set.language === 'en' && set.name !== HAS_SOME_OF_THEM && offCorpus.length > 0
    if (hasOthers) await measureRefusal(set, 'other subjects', [{ ...set, questions: [...asked, ...offCorpus] }])
    const half = (_: string, index: number) => String(index % 2)
    await measureRefusal(set, 'each half', leftOut({ ...set, questions: asked }, half))
    const guide = (id: string) => id.split('/')[1]!
    if (set.name === 'awsdocs') await measureRefusal(set, 'each guide', leftOut({ ...set, questions: asked }, guide))
  }
}

async function measureRefusal(set: QuestionSet, absent: string, parts: readonly QuestionSet[]): Promise<void> {
  const confidences = { present: [] as number[], absent: [] as number[] }
  const counts = { answered: 0, refused: 0 }
  for (const { documents, questions } of parts) {
    await using corpus = await indexDocuments(documents)
    for (const { question, answers } of questions) {
      const { confidence, notFound } = await corpus.answering.ask(question)
      confidences[answers.length > 0 ? 'present' : 'absent'].push(confidence)
      if (answers.length > 0 && !notFound) counts.answered++
      if (answers.length === 0 && notFound) counts.refused++
    }
  }
  const answered = (100 * counts.answered) / confidences.present.length
  const refused = (100 * counts.refused) / confidences.absent.length
  const answeredMin = set.language === 'en' ? SHARES.answered : SHARES.answeredElsewhere
  const isMet = answered >= answeredMin && refused >= SHARES.refused
  const figures = [answered.toFixed(1), refused.toFixed(1), areaUnderCurve(confidences.present, confidences.absent)]
  const demanded = `${answeredMin} and ${SHARES.refused}: ${isMet ? 'met' : 'missed'}`
  print(row([set.name, set.language, absent, ...figures.map(String), demanded]))
}

/** For each group of documents the set without it: what is asked about the group is absent. Every question about the others is asked too. */
function leftOut(set: QuestionSet, groupOf: (id: string, index: number) => string): QuestionSet[] {
  const groups = new Map(set.documents.map(({ id }, index) => [id, groupOf(id, index)]))
  return [...new Set(groups.values())].map((group) => ({
    ...set,
    documents: set.documents.filter(({ id }) => groups.get(id) !== group),
    questions: set.questions.map((question) => (groups.get(question.docId!) === group ? asAbsent(question) : question)),
  }))
}

function asAbsent(question: EvaluationQuestion): EvaluationQuestion {
  return { ...question, answers: [], type: 'absent' }
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
