import assert from 'node:assert/strict'
import test from 'node:test'
import { blocksOf, citationsBeside, flowing, piecesOf } from './answer-blocks.ts'
import type { Citation } from './wire.ts'

const seats: Citation = cite(1, 'The room has\n48 seats.')
const heating: Citation = cite(2, 'Heating is “shared” [7].')

test('an answer made of quotes is shown as the cards of these quotes', () => {
  const blocks = blocksOf('Quotes:\n\n“The room has 48 seats.” [1]\n\n“Heating is “shared” (7).” [2]', [seats, heating])
  assert.deepEqual(blocks, [
    { type: 'paragraph', text: 'Quotes:' },
    { type: 'quote', citation: seats },
    { type: 'quote', citation: heating },
  ])
  assert.deepEqual(citationsBeside(blocks, [seats, heating]), [])
})

test('a quote that is still being written is text until its citation has come', () => {
  const words = 'The room has 48'
  assert.deepEqual(blocksOf(words, []), [{ type: 'paragraph', text: words }])
})

test('markers in written text become buttons, and their quotes follow as cards', () => {
  const text = 'There are 48 seats [1], and it is warm [2].'
  assert.deepEqual(piecesOf(text, [seats, heating]), [
    { type: 'words', text: 'There are 48 seats' },
    { type: 'marker', citation: seats },
    { type: 'words', text: ', and it is warm' },
    { type: 'marker', citation: heating },
    { type: 'words', text: '.' },
  ])
  assert.deepEqual(citationsBeside(blocksOf(text, [seats, heating]), [seats, heating]), [seats, heating])
})

test('a number in brackets that cites nothing stays what was written', () => {
  assert.deepEqual(piecesOf('See note [7].', [seats]), [
    { type: 'words', text: 'See note' },
    { type: 'words', text: ' [7]' },
    { type: 'words', text: '.' },
  ])
})

test('a paragraph that ends in a marker and is no quote stays a paragraph', () => {
  const [block] = blocksOf('In other words: 48. [1]', [seats])
  assert.equal(block?.type, 'paragraph')
})

function cite(n: number, quote: string): Citation {
  return { n, documentId: 'd', name: 'lease.txt', page: 1, quote, start: 0, end: quote.length, verified: true }
}

const LINES: readonly [string, string, string][] = [
  ['lines of prose flow', 'has 42 seats, and\nsix desks', 'has 42 seats, and six desks'],
  ['three lines flow as well', 'one\ntwo\nthree', 'one two three'],
  ['paragraphs stay apart', 'one\n\ntwo\nthree', 'one\n\ntwo three'],
  ['rows of a table stay', '| Books | 28 |\n| Films | 14 |', '| Books | 28 |\n| Films | 14 |'],
  ['items stay', 'Bring:\n- a card\n2. a coin', 'Bring:\n- a card\n2. a coin'],
]

for (const [what, text, shown] of LINES) {
  test(`in a card ${what}`, () => assert.equal(flowing(text), shown))
}
