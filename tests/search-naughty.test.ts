/** Whatever somebody types is a query: it answers, and with nothing that is another's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NAUGHTY_STRINGS } from './support/naughty-strings.ts'
import { freshLibrary, type SearchLibrary } from './support/search-library.ts'

const MINE = 'The moon landing of 1969 was broadcast. getMoonById costs 5kg of C++ for C#. 月の石は日本にある。'

async function assertOwn({ search }: SearchLibrary, text: string): Promise<void> {
  const result = await search.find({ text, collectionIds: [1], limit: 10 })
  for (const hit of result.hits) assert.equal(hit.name, 'mine.txt', text)
  assert.ok(result.facets.collections.length <= 1, text)
  for (const { quote, start, end } of search.quote(text, result).quotes) assert.equal(quote, MINE.slice(start, end))
  for (const { start, end, highlights } of search.snippets(result)) {
    assert.ok(start >= 0 && start <= end && end <= MINE.length)
    for (const mark of highlights) assert.ok(mark.start >= start && mark.start < mark.end && mark.end <= end)
  }
  assert.ok(result.confidence >= 0 && result.confidence <= 1)
}

async function filled(library: SearchLibrary): Promise<SearchLibrary> {
  await library.add('mine.txt', MINE, [], 1)
  await library.add('theirs.txt', `${MINE} null undefined true SELECT rank title scope AND OR NOT`, [], 2)
  return library
}

test('naughty strings are queries like any other, and find nothing that is not mine', async (t) => {
  const library = await filled(await freshLibrary(t))
  assert.ok(NAUGHTY_STRINGS.length >= 461)
  for (const text of NAUGHTY_STRINGS) await assertOwn(library, text)
})

test('random bytes are queries like any other, and find nothing that is not mine', async (t) => {
  const library = await filled(await freshLibrary(t))
  const bytes = fc.uint8Array({ maxLength: 300 }).map((list) => Buffer.from(list))
  const text = fc.oneof(
    bytes.map((buffer) => buffer.toString('utf8')),
    bytes.map((buffer) => buffer.toString('latin1')),
    bytes.map((buffer) => buffer.subarray(0, buffer.length & ~1).toString('utf16le')),
    fc
      .array(fc.constantFrom(...NAUGHTY_STRINGS.filter(({ length }) => length < 40)), { maxLength: 6 })
      .map((parts) => parts.join(' ')),
  )
  await fc.assert(
    fc.asyncProperty(text, (query) => assertOwn(library, query)),
    { numRuns: 500, seed: 11 },
  )
})
