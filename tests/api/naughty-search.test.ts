import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RATES } from '../../src/app/rate-limits.ts'
import { freshApp, BOOTSTRAP_KEY as KEY } from '../support/app.ts'
import { NAUGHTY_STRINGS } from '../support/naughty-strings.ts'

/** All kinds; the rest are the same signs beside other words, which the test of the search itself asks too. */
const ASKED = 461

test('naughty strings over HTTP are answered, or told what is wrong with them, and never with what is not mine', async (t) => {
  const app = await freshApp(t)
  await app.upload(KEY, 'theirs.txt', 'The moon landing of somebody else: null undefined true SELECT rank title.\n')
  // Each asks as often as one person may at once.
  const { burst } = RATES.search
  for (let first = 0; first < ASKED; first += burst) {
    const { key } = await app.person(`Mia ${first}`)
    const mine = (await app.upload(key, 'moon.txt', `The moon landing of 1969, as number ${first} saw it.\n`)).body.id
    for (const query of NAUGHTY_STRINGS.slice(first, Math.min(ASKED, first + burst))) {
      const { status, body } = await app.call(key, 'POST', '/api/search', { body: { query } })
      const isTold = status === 400 && !/\S/.test(query)
      assert.ok(status === 200 || isTold, `${status}: ${JSON.stringify(query)}`)
      for (const hit of body.hits ?? []) assert.equal(hit.documentId, mine, query)
    }
  }
})
