import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnowBotError } from '../errors.ts'
import { parseTests } from './test-file.ts'
import { type Expectation, judge, type Outcome } from './verdict.ts'

const PASSAGE = { name: 'guide.md', text: 'Opening hours. The library opens at nine\nin the morning.' }
const OTHER = { name: 'rules.md', text: 'The library closes at six.' }
const QUOTE = { name: 'guide.md', text: 'The library opens at nine in the morning.' }
const FOUND: Outcome = {
  hits: [OTHER, PASSAGE],
  quotes: [QUOTE],
  answer: '“The library opens at nine” [1]',
  notFound: false,
}
const NOTHING: Outcome = { hits: [], quotes: [], answer: 'Not found in your documents.', notFound: true }

const CASES: [name: string, expected: Omit<Expectation, 'question'>, outcome: Outcome, failsBecause: RegExp | null][] =
  [
    ['an answer is enough where nothing else is expected', {}, FOUND, null],
    ['no answer is not', {}, NOTHING, /got none/],
    [
      'words are the same across lines, case and signs',
      { passage: 'the library OPENS at "nine" in the morning' },
      FOUND,
      null,
    ],
    ['a quote within the expected passage counts', { passage: `Well: ${QUOTE.text} Come in.` }, FOUND, null],
    [
      'a passage that was found but not quoted does not',
      { passage: 'closes at six' },
      FOUND,
      /found at place 1, and other/,
    ],
    ['one that was not found does not', { passage: 'costs thirty cents' }, FOUND, /not among the passages/],
    ['the document has to be the one', { document: 'rules.md', passage: QUOTE.text }, FOUND, /not among/],
    ['the document alone may be expected', { document: 'guide.md' }, FOUND, null],
    ['words have to stand in the answer', { mustContain: ['Nine', 'library'] }, FOUND, null],
    [
      'each of them',
      { document: 'guide.md', passage: QUOTE.text, mustContain: ['noon'] },
      FOUND,
      /“noon” in the answer/,
    ],
    ['a number of a source is no word of the answer', { document: 'guide.md', mustContain: ['1'] }, FOUND, /“1”/],
    ['what is to be refused is refused', { mustRefuse: true }, NOTHING, null],
    ['and not answered', { mustRefuse: true }, FOUND, /got an answer/],
  ]

for (const [name, expected, outcome, because] of CASES) {
  test(`a verdict: ${name}`, () => {
    const { isPassed, reasons } = judge({ question: 'x', ...expected }, outcome)
    assert.equal(isPassed, because === null, reasons.join())
    if (because) assert.match(reasons.join(' '), because)
  })
}

test('ranks count from one', () => {
  const { rank, quoteRank } = judge({ question: 'x', passage: QUOTE.text }, FOUND)
  assert.deepEqual([rank, quoteRank], [2, 1])
})

test('a file of tests is read line by line, and what is wrong is told with its line', () => {
  const [first, second] = parseTests(
    '{"question":"a","passage":null,"id":"x"}\n\n{"question":"b","mustRefuse":true}\r\n',
  )
  assert.deepEqual([first?.question, first?.passage, second?.mustRefuse], ['a', undefined, true])
  for (const line of [
    'nonsense',
    '[]',
    '{}',
    '{"question":" "}',
    '{"question":"a","mustContain":"x"}',
    '{"question":"a","page":1,"passage":2}',
  ])
    assert.throws(
      () => parseTests(`{"question":"a"}\n${line}`),
      (error) => error instanceof KnowBotError && error.code === 'bad_request' && error.message.startsWith('Line 2: '),
      line,
    )
})
