import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { uuidv7 } from '../src/lib/uuid.ts'
import { freshLibrary, type SearchLibrary } from './support/search-library.ts'

const DAY_MS = 86_400_000
const at = (day: string) => Date.parse(day)

/** What each query finds among the documents below, in any order. */
const CASES: readonly (readonly [query: string, ...names: string[]])[] = [
  ['fox', 'fox.txt', 'Füchse 2026.pdf', 'Contract fox.docx', 'law.txt'],
  ['fox collection:laws', 'law.txt'],
  ['fox collection:"tax laws"', 'law.txt'],
  ['fox COLLECTION:LAWS collection:documents', 'fox.txt', 'Füchse 2026.pdf', 'Contract fox.docx', 'law.txt'],
  ['fox collection:nowhere'],
  ['fox after:2026-01-02', 'Füchse 2026.pdf', 'law.txt'],
  ['fox after:2026-01-01', 'Füchse 2026.pdf', 'Contract fox.docx', 'law.txt'],
  ['fox before:2026-01-01', 'fox.txt'],
  ['fox before:2026', 'fox.txt'],
  ['fox after:2026-01 before:2026-02', 'Füchse 2026.pdf', 'Contract fox.docx'],
  ['What does the fox do after:2026-02?', 'law.txt'],
  ['fox type:pdf', 'Füchse 2026.pdf'],
  ['fox type:.docx', 'Contract fox.docx'],
  ['fox type:text type:docx', 'fox.txt', 'Contract fox.docx', 'law.txt'],
  ['fox name:füchse', 'Füchse 2026.pdf'],
  ['fox name:FÜCHSE name:2026', 'Füchse 2026.pdf'],
  ['fox name:füchse name:2025'],
  ['fox -barks', 'Füchse 2026.pdf', 'Contract fox.docx', 'law.txt'],
  // What says nothing as a filter is words like any other.
  [
    'fox after:dinner before:2026-02-31 collection: type:""',
    'fox.txt',
    'Füchse 2026.pdf',
    'Contract fox.docx',
    'law.txt',
  ],
  ['fox nobody:knows', 'fox.txt', 'Füchse 2026.pdf', 'Contract fox.docx', 'law.txt'],
  // Filters alone list how the documents begin.
  ['type:text', 'law.txt', 'fox.txt'],
  ['after:2026-01-02 -court', 'Füchse 2026.pdf'],
  ['name:nowhere'],
]

for (const [query, ...names] of CASES) {
  test(`the query ${query} finds ${names.join(', ') || 'nothing'}`, async (t) => {
    const { names: find } = await filled(t)
    assert.deepEqual((await find(query)).toSorted(), names.toSorted())
  })
}

test('filters alone list the newest document first', async (t) => {
  const { names } = await filled(t)
  assert.deepEqual(await names('after:2000'), ['law.txt', 'Contract fox.docx', 'Füchse 2026.pdf', 'fox.txt'])
})

test('a filter finds nothing in collections that may not be read', async (t) => {
  const { names, add } = await filled(t)
  await add('secret.txt', 'A secret fox.', [], 2)
  for (const query of [
    'name:secret',
    'collection:Documents secret',
    'after:1970',
    'before:2100 fox',
    'type:txt secret',
  ])
    assert.ok(!(await names(query)).includes('secret.txt'), query)
})

test('facets count the documents of each collection and type among what was found', async (t) => {
  const { search, add } = await filled(t)
  await add('theirs.pdf', 'The fox of another.', [], 2, { type: 'application/pdf' })
  const { facets, hits } = await search.find({ text: 'fox', collectionIds: [1, 3], limit: 1 })
  assert.equal(hits.length, 1)
  assert.deepEqual(
    facets.collections.map(({ name, documents }) => [name, documents]),
    [
      ['Documents', 3],
      ['Tax Laws', 1],
    ],
  )
  assert.deepEqual(facets.types, [
    { type: 'text/plain', documents: 2 },
    { type: 'application/pdf', documents: 1 },
    { type: DOCX, documents: 1 },
  ])
})

test('a hit says of which kind, collection and day its document is', async (t) => {
  const { search } = await filled(t)
  const { hits } = await search.find({ text: 'fox collection:laws', collectionIds: [1, 3], limit: 5 })
  const { type, collection, createdAt, heading } = hits[0]!
  assert.deepEqual([type, collection, createdAt, heading], ['text/plain', 'Tax Laws', at('2026-02-01'), ''])
})

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

async function filled(t: TestContext): Promise<SearchLibrary> {
  const library = await freshLibrary(t)
  const { storage, search, add } = library
  await storage.database.write((tx) =>
    tx.run(
      `INSERT INTO collections (public_id, owner_id, name, created_at) SELECT ?, owner_id, 'Tax Laws', 0 FROM collections WHERE id = 1`,
      uuidv7(),
    ),
  )
  await add('fox.txt', 'The fox barks at night.', [], 1, { createdAt: at('2026-01-01') - 1 })
  // As macOS writes it, the mark apart from its letter.
  await add('Füchse 2026.pdf'.normalize('NFD'), 'The fox sleeps.', [], 1, {
    type: 'application/pdf',
    createdAt: at('2026-01-01') + DAY_MS,
  })
  await add('Contract fox.docx', 'The fox signs.', [], 1, { type: DOCX, createdAt: at('2026-01-01') })
  await add('law.txt', 'A fox in court.', [], 3, { createdAt: at('2026-02-01') })
  const names = async (text: string) =>
    (await search.find({ text, collectionIds: [1, 3], limit: 20 })).hits.map((hit) => hit.name.normalize('NFC'))
  return { ...library, names }
}
