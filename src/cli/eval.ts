/** `knowbot eval`: asks the questions of a file against the documents of the folder, and prints how well they are answered. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { AnswerResult, DocumentAnswer, SearchAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import {
  type Answering,
  type EvaluationDocument,
  type EvaluationQuestion,
  type Expectation,
  evaluate,
  holds,
  judge,
  type Outcome,
  type Scores,
  type Verdict,
} from '../knowbot.ts'
import { reportFailures } from './ask.ts'
import { addFiles } from './files.ts'
import { type LocalServer, openLocalServer } from './local-server.ts'
import { printJson, printLine } from './print.ts'
import { createProgress } from './progress.ts'
import { type QuestionFile, readQuestionFile } from './question-file.ts'

const USAGE = 'Usage: knowbot eval FILE [--add]'
const HITS = 10

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new KnowBotError('usage', `Expected one file. ${USAGE}`)
  const file = readQuestionFile(path)
  await using server = await openLocalServer(config)
  return file.kind === 'tests' ? runTests(server, file.tests, flags) : runSet(server, file, flags)
}

/** 1 where a test failed, as whoever runs them in a script expects. */
async function runTests(
  server: LocalServer,
  tests: readonly Expectation[],
  flags: Invocation['flags'],
): Promise<ExitCode> {
  const outcomes = new Map<string, Outcome & { confidence: number }>()
  const results: { test: Expectation; verdict: Verdict }[] = []
  {
    using progress = createProgress()
    for (const [index, test] of tests.entries()) {
      progress.show('asking', index, tests.length)
      const outcome = outcomes.get(test.question) ?? (await ask(server, test.question))
      outcomes.set(test.question, outcome)
      results.push({ test, verdict: judge(test, outcome) })
    }
  }
  const scores = await scoresOf(results, outcomes)
  const failed = results.filter(({ verdict }) => !verdict.isPassed)
  if (flags['json']) {
    const rows = results.map(({ test, verdict }) => ({ ...test, ...verdict }))
    printJson({ passed: results.length - failed.length, failed: failed.length, ...scores, tests: rows })
  } else {
    for (const { test, verdict } of failed) {
      printLine(`FAILED  ${test.question}`)
      for (const reason of verdict.reasons) printLine(`        ${reason}`)
    }
    printLine(`${results.length - failed.length} of ${results.length} passed`)
    printScores(scores)
  }
  return failed.length === 0 ? 0 : 1
}

async function ask(server: LocalServer, question: string): Promise<Outcome & { confidence: number }> {
  const { hits } = await server.call<SearchAnswer>('POST', '/api/search', { query: question, limit: HITS })
  const answer = await server.call<AnswerResult>('POST', '/api/ask', { question, mode: 'quotes' })
  const quotes = answer.citations.map(({ name, quote }) => ({ name, text: quote }))
  return { hits, quotes, answer: answer.answer, notFound: answer.notFound, confidence: answer.confidence }
}

/** The same figures as for question sets, by the verdict's judgement of what is a hit. */
function scoresOf(
  results: readonly { test: Expectation }[],
  outcomes: ReadonlyMap<string, Outcome & { confidence: number }>,
): Promise<Scores> {
  const tests = new Map(results.map(({ test }, index) => [String(index), test]))
  const questions = [...tests].map(([id, { question, mustRefuse }]): EvaluationQuestion => {
    const answers = mustRefuse ? [] : [{ text: '', start: 0 }]
    return { id, question, type: mustRefuse ? 'mustRefuse' : 'answerable', docId: null, answers, passage: null }
  })
  const returned = (list: Outcome['hits']) => list.map(({ name, text }) => ({ docId: name, text }))
  const answering: Answering = {
    search: async (question) => returned(outcomes.get(question)!.hits),
    async ask(question) {
      const { quotes, confidence, notFound } = outcomes.get(question)!
      return { quotes: returned(quotes), confidence, notFound }
    },
  }
  return evaluate([], questions, answering, ({ id }, { docId: name, text }) => holds(tests.get(id)!, { name, text }))
}

async function runSet(
  server: LocalServer,
  { documents, questions }: Extract<QuestionFile, { kind: 'set' }>,
  flags: Invocation['flags'],
): Promise<ExitCode> {
  if (flags['add']) await addSet(server, documents)
  const setIds = await findSet(server, documents)
  using progress = createProgress()
  const onAsk = (asked: number) => progress.show('asking', asked, questions.length)
  const scores = await evaluate(documents, questions, answeringBy(server, setIds, onAsk))
  progress[Symbol.dispose]()
  if (flags['json']) printJson(scores)
  else printScores(scores)
  return 0
}

/** Written out as files, so that they are read as any other. */
async function addSet(server: LocalServer, documents: readonly EvaluationDocument[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'knowbot-eval-'))
  try {
    await mkdir(folder, { recursive: true })
    for (const { file, text } of documents) await writeFile(join(folder, basename(file)), text)
    reportFailures(await addFiles(server, [folder]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface DocumentPage {
  items: DocumentAnswer[]
  nextCursor: string | null
}

/** Ids of the set by ids of the folder; the documents are known by their names. */
async function findSet(server: LocalServer, documents: readonly EvaluationDocument[]): Promise<Map<string, string>> {
  const byName = new Map(documents.map(({ file, id }) => [basename(file), id]))
  const setIds = new Map<string, string>()
  const found = new Set<string>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`
    const page = await server.call<DocumentPage>('GET', `/api/documents?limit=200${from}`)
    for (const { id, name, status } of page.items) {
      const setId = status === 'ready' ? byName.get(name) : undefined
      if (setId === undefined) continue
      setIds.set(id, setId)
      found.add(setId)
    }
    cursor = page.nextCursor
  }
  if (found.size === documents.length) return setIds
  throw new KnowBotError(
    'usage',
    `Expected the ${documents.length} documents of the question set in the data folder, found ${found.size}. --add adds them first.`,
  )
}

function answeringBy(
  server: LocalServer,
  setIds: ReadonlyMap<string, string>,
  onAsk: (asked: number) => void,
): Answering {
  let asked = 0
  const idOf = (documentId: string | null) => setIds.get(documentId ?? '') ?? ''
  return {
    async search(query) {
      const { hits } = await server.call<SearchAnswer>('POST', '/api/search', { query, limit: HITS })
      return hits.map(({ documentId, text }) => ({ docId: idOf(documentId), text }))
    },
    async ask(question) {
      onAsk(++asked)
      const body = { question, mode: 'quotes' }
      const { citations, confidence, notFound } = await server.call<AnswerResult>('POST', '/api/ask', body)
      const quotes = citations.map(({ documentId, quote }) => ({ docId: idOf(documentId), text: quote }))
      return { quotes, confidence, notFound }
    },
  }
}

function printScores(scores: Scores): void {
  const percent = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} %`)
  const rows: [string, string][] = [
    ['questions with an answer', String(scores.questions)],
    ['  found first (recall@1)', percent(scores.recall1)],
    ['  among the first five (recall@5)', percent(scores.recall5)],
    ['  mean reciprocal rank (MRR@10)', percent(scores.mrr10)],
    ['  first quote is right (answer-hit@1)', percent(scores.answerHit1)],
    ['  one of three quotes is right (answer-hit@3)', percent(scores.answerHit3)],
    ['  answered at all', percent(scores.answered)],
    ...Object.entries(scores.refused).map(([type, value]): [string, string] => [
      `refused, of those without an answer (${type})`,
      percent(value),
    ]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  for (const [name, value] of rows) printLine(`${name.padEnd(width)}${value.padStart(8)}`)
}
