/** Text in pieces: every character once, whatever is marked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Word } from './highlights.ts'
import { piecesOf } from './text-pieces.ts'

const TEXT = 'one two three four'

function word(start: number, end: number, confidence: number | null): Word {
  return { start, end, confidence, x: 0, y: 0, width: 1, height: 1 }
}

test('what is quoted is one piece where everything was read for certain', () => {
  const pieces = piecesOf(TEXT, { start: 4, end: 13 }, [word(0, 3, 90), word(4, 7, null)])
  assert.deepEqual(
    pieces.map(({ text, isQuoted }) => [text, isQuoted]),
    [
      ['one ', false],
      ['two three', true],
      [' four', false],
    ],
  )
})

test('a doubtful word is a piece of its own, inside a quote and across its edge', () => {
  const pieces = piecesOf(TEXT, { start: 4, end: 10 }, [word(4, 7, 20), word(8, 13, 59)])
  assert.deepEqual(
    pieces.map(({ text, isQuoted, isDoubtful }) => [text, isQuoted, isDoubtful]),
    [
      ['one ', false, false],
      ['two', true, true],
      [' ', true, false],
      ['th', true, true],
      ['ree', false, true],
      [' four', false, false],
    ],
  )
})

test('whatever is marked, no character is lost or said twice', () => {
  for (const mark of [null, { start: 0, end: 18 }, { start: 3, end: 400 }, { start: 0, end: 0 }]) {
    const pieces = piecesOf(TEXT, mark, [word(0, 3, 10), word(14, 18, 10)])
    assert.equal(pieces.map(({ text }) => text).join(''), TEXT)
  }
  assert.deepEqual(piecesOf('', null, null), [])
})
