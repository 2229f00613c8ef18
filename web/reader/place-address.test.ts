/** A page in the address, there and back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOf, placeOfHash } from './place-address.ts'

const PLACE = { documentId: '0199b2a4-7c5e-7d1f-8a3b-6c9d0e1f2a3b', page: 3, mark: { start: 120, end: 164 } }

test('a place comes back from the address as it went in', () => {
  assert.equal(hashOf(PLACE), `#document=${PLACE.documentId}&page=3&start=120&end=164`)
  assert.deepEqual(placeOfHash(hashOf(PLACE)), PLACE)
  assert.deepEqual(placeOfHash(hashOf({ ...PLACE, mark: null })), { ...PLACE, mark: null })
})

const ODD: [hash: string, expected: ReturnType<typeof placeOfHash>][] = [
  ['', null],
  ['#', null],
  ['#setup=CODE', null],
  ['#page=3', null],
  ['#document=', null],
  ['#document=x', { documentId: 'x', page: 1, mark: null }],
  ['#document=x&page=0', { documentId: 'x', page: 1, mark: null }],
  ['#document=x&page=-1&start=1', { documentId: 'x', page: 1, mark: null }],
  ['#document=x&page=2&start=9&end=3', { documentId: 'x', page: 2, mark: null }],
  ['#document=x&page=1e9&start=a&end=b', { documentId: 'x', page: 1, mark: null }],
]
for (const [hash, expected] of ODD) {
  test(`of an address that ends in ${hash || 'nothing'} is kept what makes sense`, () => {
    assert.deepEqual(placeOfHash(hash), expected)
  })
}
