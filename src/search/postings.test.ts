import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addUp, bestFirst, countAbove, parseIds, type WeighedIds, within } from './postings.ts'

const FAR = 1 << 18
const lists = fc.array(
  fc.record({
    ids: fc
      .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: FAR })), { maxLength: 60 })
      .map((ids) => Uint32Array.from(ids).sort()),
    weight: fc.integer({ min: 1, max: 16 }),
  }),
  { maxLength: 6 },
)

/** The same by way of a map. */
function slowly(all: readonly WeighedIds[]): [number, number][] {
  const sums = new Map<number, number>()
  for (const { ids, weight } of all) for (const id of ids) sums.set(id, (sums.get(id) ?? 0) + weight)
  return [...sums].sort((a, b) => a[0] - b[0])
}

test('what several lists hold is added up, in the order of the passages', () => {
  fc.assert(
    fc.property(lists, (all) => {
      const { ids, scores } = addUp(all)
      assert.deepEqual(
        Array.from(ids, (id, index) => [id, scores[index]]),
        slowly(all),
      )
    }),
  )
})

test('the highest score comes first, of equals the lowest passage, or the newest where that is asked for', () => {
  fc.assert(
    fc.property(lists, fc.boolean(), (all, isNewestFirst) => {
      const expected = slowly(all).sort((a, b) => b[1] - a[1] || (isNewestFirst ? b[0] - a[0] : a[0] - b[0]))
      assert.deepEqual(
        Array.from(bestFirst(addUp(all), isNewestFirst)),
        expected.map(([id]) => id),
      )
    }),
  )
})

test('only what is allowed is left, and those are counted that reach a share of the best', () => {
  const postings = addUp([
    { ids: Uint32Array.of(1, 70_000, 140_000), weight: 4 },
    { ids: Uint32Array.of(1, 9), weight: 1 },
  ])
  const { ids, scores } = within(postings, Uint32Array.of(1, 8, 9, 140_000))
  assert.deepEqual(
    [Array.from(ids), Array.from(scores)],
    [
      [1, 9, 140_000],
      [5, 1, 4],
    ],
  )
  assert.equal(countAbove(postings, 0.5), 3)
})

test('a list of ids is read from its text', () => {
  const read = (text: string) => Array.from(parseIds(new TextEncoder().encode(text)))
  assert.deepEqual(read(''), [])
  assert.deepEqual(read('7'), [7])
  assert.deepEqual(read('1,20,4294967295'), [1, 20, 4_294_967_295])
})
