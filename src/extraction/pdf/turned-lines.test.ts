import assert from 'node:assert/strict'
import { test } from 'node:test'
import { composeText, type PlacedWord } from '../placed-text.ts'
import { orderTurnedLines } from './turned-lines.ts'

/** Words of lines, from left to right, 10 wide; each word is 40 long, and `step` says where the next one stands. */
function place(lines: readonly string[], { step, pitch = 14 }: { step: 1 | -1; pitch?: number }): PlacedWord[] {
  return lines.flatMap((line, column) =>
    line.split(' ').map((text, index): PlacedWord => {
      const gap = index > 0 ? ' ' : column > 0 ? '\n' : ''
      return { text, gap, x: 100 + column * pitch, y: 300 + step * index * 50, width: 10, height: 40, confidence: null }
    }),
  )
}

const CASES: [what: string, words: PlacedWord[], text: string][] = [
  [
    'lines that run downwards are read from right to left',
    place(['the third', 'the second', 'the first'], { step: 1 }),
    'the first\nthe second\nthe third',
  ],
  [
    'lines that run upwards are read from left to right',
    place(['the first', 'the second'], { step: -1 }),
    'the first\nthe second',
  ],
  [
    'one word in between goes with them',
    place(['the third', 'second', 'the first'], { step: 1 }),
    'the first\nsecond\nthe third',
  ],
  ['words alone stay where they are', place(['one', 'two'], { step: 1 }), 'one\ntwo'],
  [
    'lines that stand apart are paragraphs',
    place(['the second', 'the first'], { step: 1, pitch: 40 }),
    'the first\n\nthe second',
  ],
  [
    'what stands before and behind in ordinary lines stays there',
    [
      { text: 'Title', gap: '', x: 100, y: 20, width: 80, height: 10, confidence: null },
      ...place(['the second', 'the first'], { step: 1 }).map(
        (word, index): PlacedWord => (index === 0 ? { ...word, gap: '\n\n' } : word),
      ),
      { text: 'Page 3', gap: '\n\n', x: 100, y: 700, width: 80, height: 10, confidence: null },
    ],
    'Title\n\nthe first\nthe second\n\nPage 3',
  ],
]

for (const [what, words, text] of CASES) {
  test(what, () => assert.equal(composeText(orderTurnedLines(words)).text, text))
}
