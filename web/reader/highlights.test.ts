/** Words as boxes, and which rectangles mark them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { around, type Box, boxesOf, type Word } from './highlights.ts'

/** Words 10 high, one behind the other in the text. */
function wordsAt(...places: [x: number, y: number, width: number][]): Word[] {
  return places.map(([x, y, width], index) => ({
    ...{ start: index * 6, end: index * 6 + 5, x, y, width, height: 10, confidence: null },
  }))
}

const LINES = wordsAt([10, 0, 30], [45, 0, 30], [80, 0, 30], [10, 20, 30], [45, 20, 30])

function withoutMargin({ x, y, width, height }: Box): number[] {
  return [x + 1.5, y + 1.5, width - 3, height - 3]
}

test('the words of one line are one rectangle, and each further line is one more', () => {
  assert.deepEqual(boxesOf(LINES, { start: 6, end: 23 }).map(withoutMargin), [
    [45, 0, 65, 10],
    [10, 20, 30, 10],
  ])
})

test('a word of which a part is quoted is marked, and its neighbours are not', () => {
  assert.deepEqual(boxesOf(LINES, { start: 8, end: 9 }).map(withoutMargin), [[45, 0, 30, 10]])
  assert.deepEqual(boxesOf(LINES, { start: 5, end: 6 }), [])
})

test('what lies between two columns is not marked', () => {
  const columns = wordsAt([10, 80, 60], [200, 0, 60], [265, 0, 40])
  assert.deepEqual(boxesOf(columns, { start: 0, end: 20 }).map(withoutMargin), [
    [10, 80, 60, 10],
    [200, 0, 105, 10],
  ])
  const beside = wordsAt([10, 0, 60], [200, 0, 60])
  assert.equal(boxesOf(beside, { start: 0, end: 20 }).length, 2)
})

test('lines of a page that lies on its side run down or up', () => {
  const turned = LINES.map((word) => ({ ...word, x: 100 - word.y - 10, y: word.x, width: 10, height: word.width }))
  assert.deepEqual(boxesOf(turned, { start: 6, end: 23 }).map(withoutMargin), [
    [90, 45, 10, 65],
    [70, 10, 10, 30],
  ])
})

test('letters of different height stand in one line', () => {
  const words = wordsAt([10, 0, 30], [45, 4, 30]).map((word, index) => ({ ...word, height: index === 0 ? 10 : 6 }))
  assert.equal(boxesOf(words, { start: 0, end: 20 }).length, 1)
})

test('a line that leans is marked in steps that leave the lines beside it free', () => {
  const leaning = LINES.map((word, index) => ({ ...word, x: 10 + index * 35, y: index * 3 }))
  const boxes = boxesOf(leaning, { start: 0, end: 30 })
  assert.equal(boxes.length, 5)
  const alittle = LINES.map((word, index) => ({ ...word, x: 10 + index * 35, y: index * 0.5 }))
  assert.equal(boxesOf(alittle, { start: 0, end: 30 }).length, 1)
})

test('what is around all of them is one box, or none', () => {
  assert.deepEqual(around(LINES), { x: 10, y: 0, width: 100, height: 30 })
  assert.equal(around([]), undefined)
})
