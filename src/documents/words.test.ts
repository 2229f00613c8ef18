import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packWords, unpackWords } from './words.ts'

test('the boxes of words come back as they went in, to a thousandth of a unit', () => {
  const words = [
    { start: 0, end: 5, x: 12.3, y: 700.125, width: 44.5, height: 10, confidence: null },
    { start: 6, end: 4_000_000_000, x: -3.25, y: 3423.9, width: 0, height: 0.1, confidence: 96.4 },
  ]
  assert.deepEqual(unpackWords(packWords(words)), words)
})

test('a page without words takes no bytes', () => {
  assert.equal(packWords([]).byteLength, 0)
  assert.deepEqual(unpackWords(new Uint8Array()), [])
})
