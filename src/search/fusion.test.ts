import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuse } from './fusion.ts'

const order = (scores: ReadonlyMap<number, number>) =>
  [...scores].toSorted((a, b) => b[1] - a[1]).map(([passageId]) => passageId)

test('where the words are sure, what is only near stays behind them', () => {
  const ranked = [
    { passageId: 1, score: 10 },
    { passageId: 2, score: 6 },
    { passageId: 3, score: 0 },
  ]
  const similarities = new Map([
    [1, 0.3],
    [2, 0.2],
    [3, 0.9],
  ])
  assert.deepEqual(order(fuse({ ranked, similarities, average: 0.1, confidence: 1 })), [1, 2, 3])
})

test('of two that the words cannot tell apart the nearer one comes first', () => {
  const ranked = [
    { passageId: 1, score: 10 },
    { passageId: 2, score: 9.5 },
  ]
  const similarities = new Map([
    [1, 0.1],
    [2, 0.8],
  ])
  assert.deepEqual(order(fuse({ ranked, similarities, average: 0.1, confidence: 0.9 })), [2, 1])
})

test('a model that agrees with the words has more of a say than one that puts quite other passages first', () => {
  const ranked = Array.from({ length: 30 }, (_, i) => ({ passageId: i + 1, score: 10 - i / 5 }))
  const near = (first: readonly number[]) => new Map(first.map((passageId, place) => [passageId, 0.9 - place * 0.01]))
  const rest = (from: number) => Array.from({ length: 9 }, (_, i) => from + i)
  const gain = (similarities: ReadonlyMap<number, number>) =>
    fuse({ ranked, similarities, average: 0.1, confidence: 0.95 }).get(3)! - ranked[2]!.score
  assert.ok(gain(near([3, ...rest(4)])) > 3 * gain(near([3, ...rest(20)])))
})

test('how far apart a model puts things makes no difference', () => {
  const ranked = [
    { passageId: 1, score: 10 },
    { passageId: 2, score: 8 },
  ]
  const wide = fuse({
    ranked,
    similarities: new Map([
      [1, 0.2],
      [2, 0.6],
    ]),
    average: 0.1,
    confidence: 0,
  })
  const narrow = fuse({
    ranked,
    similarities: new Map([
      [1, 0.82],
      [2, 0.86],
    ]),
    average: 0.81,
    confidence: 0,
  })
  assert.deepEqual(order(wide), order(narrow))
  assert.ok(Math.abs(wide.get(1)! - narrow.get(1)!) < 1e-6)
})

test('what has no vector yet loses nothing by it', () => {
  const ranked = [
    { passageId: 1, score: 10 },
    { passageId: 2, score: 9 },
  ]
  assert.deepEqual(order(fuse({ ranked, similarities: new Map([[2, 0.8]]), average: 0.1, confidence: 0.5 })), [1, 2])
})

test('what no word speaks for and what is not near is left out', () => {
  const ranked = [
    { passageId: 1, score: 0 },
    { passageId: 2, score: 0 },
  ]
  const similarities = new Map([
    [1, 0.9],
    [2, 0.2],
  ])
  assert.deepEqual(order(fuse({ ranked, similarities, average: 0.1, confidence: 0 })), [1])
})
