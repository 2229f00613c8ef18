import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshLibrary } from './support/search-library.ts'

const MOON = `The Moon is Earth's only natural satellite. Neil Armstrong was the first person to walk on its surface.`

test('an index whose parts were merged finds the same, and has fewer parts', async (t) => {
  const { search, storage, add, names } = await freshLibrary(t)
  const added: { readingId: number }[] = []
  for (let n = 0; n < 60; n++) added.push(await add(`note${n}.txt`, `${MOON} Note ${n} tells of crater c${n}r.`))
  await storage.database.write((tx) => search.remove(tx, added[7]!.readingId, 100))
  const parts = () => storage.database.get<{ n: number }>('SELECT count(DISTINCT segid) AS n FROM lexical_1_idx')!.n
  const questions = ['Armstrong crater c41r', 'c7r', '"natural satellite" c12r', 'surface -c3r', 'Armstrnog c9r']
  const [partsBefore, before] = [parts(), await Promise.all(questions.map(names))]
  assert.ok(partsBefore > 3, `${partsBefore} parts`)
  let merges = 0
  while (await storage.database.write((tx) => search.mergeSome(tx))) assert.ok(++merges < 1000)
  assert.ok(parts() < partsBefore / 2, `${parts()} of ${partsBefore} parts are left`)
  assert.deepEqual(await Promise.all(questions.map(names)), before)
})
