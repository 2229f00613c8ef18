/** `knowbot eval`: tests and question sets in files, asked of the documents in the folder. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { freshFolder } from './support/folder.ts'
import { startServer } from './support/server.ts'

const PROGRAM = resolve(import.meta.dirname, '../src/bin/knowbot.ts')
const HOURS = 'Visitors are welcome.\n\nThe reading room opens at nine in the morning and closes at six.\n'
const SEATS = 'The reading room has 42 seats, six of them with a lamp.\n'
const OPENING = 'When does the reading room open?'

let folder: string
let data: string
before(async (t) => {
  folder = freshFolder(t as never)
  const server = await startServer()
  ;(t as unknown as { after(end: () => Promise<void>): void }).after(async () => server[Symbol.asyncDispose]())
  data = server.folder
  writeFileSync(join(folder, 'hours.txt'), HOURS)
  const { code, stderr } = await knowbot('add', join(folder, 'hours.txt'))
  assert.equal(code, 0, stderr)
})

test('tests that pass and fail are told with the reason, and the exit code says it too', async () => {
  const file = inFile('tests.jsonl', [
    { question: OPENING, document: 'hours.txt', passage: 'opens at nine in the morning', mustContain: ['nine'] },
    { question: 'Which zeppelin crossed the Atlantic?', mustRefuse: true },
  ])
  const passed = await knowbot('eval', file)
  assert.equal(passed.code, 0, passed.stderr)
  assert.match(passed.stdout, /^2 of 2 passed$/m)
  assert.match(passed.stdout, /recall@1\)\s+100\.0 %/)
  assert.match(passed.stdout, /\(mustRefuse\)\s+100\.0 %/)

  const failing = inFile('failing.jsonl', [{ question: OPENING, mustContain: ['noon'] }, { question: OPENING }])
  const failed = await knowbot('eval', failing)
  assert.equal(failed.code, 1)
  assert.match(failed.stdout, /^FAILED {2}When does the reading room open\?$/m)
  assert.match(failed.stdout, /Expected “noon” in the answer/)
  const { code, stdout } = await knowbot('eval', '--json', failing)
  const result = JSON.parse(stdout)
  assert.deepEqual([code, result.passed, result.failed, result.tests[1].isPassed], [1, 1, 1, true])
})

test('a question set is added and measured as the bench measures it', async () => {
  const [hours, seats] = [
    { id: 'h', title: 'Hours', file: 'set-hours.txt', text: `Hours. ${HOURS}` },
    { id: 's', title: 'Seats', file: 'set-seats.txt', text: SEATS },
  ]
  const start = hours.text.indexOf('nine')
  const questions = [
    { id: '1', question: OPENING, type: 'answerable', docId: 'h', answers: [{ text: 'nine', start }], passage: null },
    {
      id: '2',
      question: 'How many seats have a lamp?',
      type: 'answerable',
      docId: 's',
      answers: [{ text: 'six', start: SEATS.indexOf('six') }],
      passage: null,
    },
    { id: '3', question: 'Who is the king of Zembla?', type: 'offcorpus', docId: null, answers: [], passage: null },
  ]
  const file = inFile('small.questions.jsonl', questions)
  const missing = await knowbot('eval', file)
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /Expected the documents of the question set in .*small\.docs\.jsonl beside it/)
  writeFileSync(
    join(folder, 'small.docs.jsonl.gz'),
    gzipSync([hours, seats].map((row) => JSON.stringify(row)).join('\n')),
  )
  const absent = await knowbot('eval', file)
  assert.equal(absent.code, 2)
  assert.match(absent.stderr, /found 0\. --add adds them first/)
  const { code, stdout, stderr } = await knowbot('eval', '--json', '--add', file)
  assert.equal(code, 0, stderr)
  const scores = JSON.parse(stdout)
  assert.deepEqual([scores.questions, scores.answerHit3, scores.refused.offcorpus], [2, 100, 100])
  assert.equal((await knowbot('eval', file)).code, 0, 'they are there now')
})

test('a file that is none of this is refused with the line', async () => {
  const file = inFile('wrong.jsonl', [{ question: OPENING }, { frage: OPENING }])
  const { code, stderr, stdout } = await knowbot('eval', file)
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /Line 2: expected a "question"/)
  assert.equal((await knowbot('eval', join(folder, 'nowhere.jsonl'))).code, 2)
  assert.equal((await knowbot('eval')).code, 2)
})

function inFile(name: string, rows: readonly object[]): string {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}

function knowbot(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { promise, resolve: done } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>()
  const env = { PATH: process.env['PATH'], HOME: folder }
  execFile(process.execPath, [PROGRAM, ...args, '--data', data], { env, timeout: 60_000 }, (error, stdout, stderr) =>
    done({ code: error ? Number(error.code) : 0, stdout, stderr }),
  )
  return promise
}
