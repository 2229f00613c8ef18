import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecognisedWord } from './engine.ts'
import { orderWords } from './word-order.ts'

const LINE = 30
const WORD = 40

/** Words of a line from `x` on. */
function line(text: string, x: number, y: number): RecognisedWord[] {
  return text.split(' ').map((word, index) => ({
    text: word,
    x: x + index * WORD,
    y,
    width: WORD - 10,
    height: 20,
    confidence: 90,
    block: 0,
    paragraph: 0,
    line: 0,
  }))
}

function read(words: readonly RecognisedWord[], slant = 0): string {
  return orderWords(
    words.toSorted((a, b) => a.text.localeCompare(b.text)),
    slant,
  )
    .map((word) => word.text)
    .join(' ')
}

const COLUMNS = [0, 1, 2].flatMap((row) => [
  ...line(`l${row}a l${row}b l${row}c l${row}d`, 0, 100 + row * LINE),
  ...line(`r${row}a r${row}b r${row}c r${row}d`, 300, 100 + row * LINE),
])
const IN_COLUMNS = 'l0a l0b l0c l0d l1a l1b l1c l1d l2a l2b l2c l2d r0a r0b r0c r0d r1a r1b r1c r1d r2a r2b r2c r2d'

test('a column is read to its end before the next one', () => {
  assert.equal(read(COLUMNS), IN_COLUMNS)
})

test('a heading over two columns comes before both', () => {
  const heading = line('h1 h2 h3 h4 h5 h6 h7 h8 h9 h9x', 50, 40)
  assert.equal(read([...COLUMNS, ...heading]), `h1 h2 h3 h4 h5 h6 h7 h8 h9 h9x ${IN_COLUMNS}`)
})

test('columns that lean are told apart', () => {
  const leaning = COLUMNS.map((word) => ({ ...word, x: word.x - 2 * word.y }))
  assert.equal(read(leaning, 2), IN_COLUMNS)
})

test('a row of a table is a line, however wide its cells stand apart', () => {
  const table = [0, 1, 2].flatMap((row) => [
    ...line(`${row}a`, 0, row * LINE),
    ...line(`${row}b`, 300, row * LINE + 3),
    ...line(`${row}c`, 600, row * LINE - 3),
  ])
  assert.equal(read(table), '0a 0b 0c 1a 1b 1c 2a 2b 2c')
})
