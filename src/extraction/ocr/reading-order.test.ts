import assert from 'node:assert/strict'
import { test } from 'node:test'
import { composeText } from '../placed-text.ts'
import type { RecognisedWord } from './engine.ts'
import { placeWords } from './reading-order.ts'

/** One word a line, 40 px high: its text, top and left edge, and the block that recognition put it into. */
function page(...lines: readonly [text: string, y: number, x: number, block: number][]): RecognisedWord[] {
  return lines.map(([text, y, x, block], line) => ({
    text,
    x,
    y,
    width: 90,
    height: 40,
    confidence: 95,
    block,
    paragraph: 1,
    line,
  }))
}

const CASES: readonly [string, RecognisedWord[], string][] = [
  [
    'a block that begins in the middle of a paragraph goes on with it',
    page(['one', 0, 10, 1], ['two', 60, 10, 1], ['three', 122, 9, 2]),
    'one\ntwo\nthree',
  ],
  [
    'a block further below is a paragraph',
    page(['one', 0, 10, 1], ['two', 60, 10, 1], ['three', 150, 10, 2]),
    'one\ntwo\n\nthree',
  ],
  [
    'a block in the next column is a paragraph',
    page(['one', 0, 10, 1], ['two', 60, 10, 1], ['three', 0, 800, 2]),
    'one\ntwo\n\nthree',
  ],
  [
    'an indented line begins a paragraph',
    page(['one', 0, 10, 1], ['two', 60, 10, 1], ['three', 120, 70, 2]),
    'one\ntwo\n\nthree',
  ],
]

for (const [what, words, text] of CASES) {
  test(what, () => assert.equal(composeText(placeWords(words)).text, text))
}
