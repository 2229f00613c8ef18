import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdownOf, withFootnotes } from './chat-text.ts'
import type { Citation } from './wire.ts'

const cite = (n: number, name: string, quote: string) => ({ n, name, quote, page: 1 }) as Citation
const footnote = ({ name, quote }: Citation) => `${name}: “${quote}”`

test('a copied answer has its quotes below it', () => {
  assert.equal(
    withFootnotes('It opens at nine [1].', [cite(1, 'hours.txt', 'opens at nine')], footnote),
    'It opens at nine [1].\n\n[1] hours.txt: “opens at nine”',
  )
})

test('a chat in one file numbers its footnotes through', () => {
  const told = [
    { question: 'When?', answer: 'At nine [1].', citations: [cite(1, 'a.txt', 'at\nnine')] },
    { question: 'Where?', answer: 'Upstairs [1], not [7].', citations: [cite(1, 'b.txt', 'upstairs')] },
  ]
  assert.equal(
    markdownOf('Reading  room', told, footnote),
    '# Reading room\n\n## When?\n\nAt nine [^1].\n\n## Where?\n\nUpstairs [^2], not [7].\n\n[^1]: a.txt: “at nine”\n[^2]: b.txt: “upstairs”\n',
  )
})
