import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MarkerReader } from './markers.ts'

const OFFERED = [1, 2, 3]

/** What a reader sees, and the numbers that were marked. */
function read(deltas: readonly string[]): { text: string; numbers: number[] } {
  const reader = new MarkerReader(OFFERED)
  const pieces = [...deltas.flatMap((delta) => reader.read(delta)), ...reader.end()]
  return {
    text: pieces
      .map((piece) => (piece.type === 'text' ? piece.text : piece.numbers.map((n) => `[${n}]`).join('')))
      .join(''),
    numbers: pieces.flatMap((piece) => (piece.type === 'markers' ? piece.numbers : [])),
  }
}

/** What the model writes, what is shown. */
const CASES: [string, string][] = [
  ['It has 42 seats [1].', 'It has 42 seats [1].'],
  ['It has 42 seats [9].', 'It has 42 seats.'],
  ['It has 42 seats [1, 7].', 'It has 42 seats [1].'],
  ['It has 42 seats [7, 9].', 'It has 42 seats.'],
  ['It has 42 seats[1][9] and [2].', 'It has 42 seats[1] and [2].'],
  ['Both [1,2] say so; all three [1–3], too [2-9].', 'Both [1][2] say so; all three [1][2][3], too [2][3].'],
  ['Seen [Source 1] and [source 2, 3] and [Quelle 8].', 'Seen [1] and [2][3] and.'],
  ['A footnote [^1] and another [^9].', 'A footnote [1] and another.'],
  ['As told 【1†source】 and 【7†source】.', 'As told [1] and.'],
  ['Full width [１] and [９].', 'Full width [1] and.'],
  ['[0] [00] [-1] [1] [01]', ' [-1] [1] [1]'],
  ['A list: [a], [x, y], [ ], [].', 'A list: [a], [x, y], [ ], [].'],
  ['An open bracket [1', 'An open bracket [1'],
  ['An open bracket [', 'An open bracket ['],
  ['See [the manual](x), or [1](http://example.org/?q=1).', 'See [the manual](x), or [1] (http://example.org/?q=1).'],
  ['[1]: http://example.org', '[1] : http://example.org'],
  ['Use `items[0]` and `items[9]`, says [2].', 'Use `items[0]` and `items[9]`, says [2].'],
  ['```js\nlet a = b[7]\n```\nas in [3] and [7].', '```js\nlet a = b[7]\n```\nas in [3] and.'],
  ['One ` tick.\n\nThen words[9] again.', 'One ` tick.\n\nThen words again.'],
  ['First.\n\n[9] Second.', 'First.\n\n Second.'],
  ['[[1]] and [[9]]', '[[1]] and []'],
]

for (const [written, shown] of CASES) {
  test(`"${written.replaceAll('\n', '⏎')}" is shown as "${shown.replaceAll('\n', '⏎')}", however it is cut`, () => {
    assert.equal(read([written]).text, shown)
    assert.equal(read([...written]).text, shown)
  })
}

test('no cut lets a number pass that was not offered, and every cut shows the same', () => {
  const word = fc.constantFrom('[', ']', '1', '9', '12', ', ', '–', ' ', 'a', '【', '†', '】', '\n', '^', '(')
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), fc.array(fc.nat({ max: 40 }), { maxLength: 8 }), (words, cuts) => {
      const written = words.join('')
      const at = [0, ...cuts.map((cut) => Math.min(cut, written.length)).sort((a, b) => a - b), written.length]
      const deltas = at.slice(1).map((end, index) => written.slice(at[index], end))
      const { text, numbers } = read(deltas)
      assert.equal(text, read([written]).text)
      assert.ok(numbers.every((n) => OFFERED.includes(n)))
      for (const [, n] of text.matchAll(/\[(\d+)\]/g)) assert.ok(OFFERED.includes(Number(n)), `[${n}] in ${text}`)
    }),
    { numRuns: 2000, seed: 7 },
  )
})

test('a model that writes nothing but brackets is read as fast as it writes', () => {
  const startedAt = performance.now()
  read(Array.from({ length: 200 }, () => '[1, '.repeat(250)))
  assert.ok(performance.now() - startedAt < 2000)
})
