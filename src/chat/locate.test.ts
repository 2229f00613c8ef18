import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locate, readText } from './locate.ts'

const PASSAGE = `The boiler was replaced in May. It cost 8,350 euros and heats the room to 20 degrees.
The roof was repaired in April. The repair cost 3,900 euros.
Members pay 18 euros a year.`

test('the sentence that shares most with the claim is the place, as it stands', () => {
  const { places, cover } = locate('Members pay 18 euros a year', readText(PASSAGE))
  assert.deepEqual(
    places.map(({ text }) => text),
    ['Members pay 18 euros a year.'],
  )
  assert.ok(cover > 0.9)
})

test('a wrong figure does not lead to the place where that figure stands', () => {
  const { places } = locate('The repair of the roof cost 8,350 euros', readText(PASSAGE))
  assert.match(places[0]!.text, /3,900 euros/)
})

test('a claim of two parts has two places', () => {
  const { places } = locate(
    'The boiler heats the room to 20 degrees, and members pay 18 euros a year',
    readText(PASSAGE),
  )
  assert.deepEqual(
    places.map(({ text }) => /boiler|Members/.exec(text)?.[0]),
    ['boiler', 'Members'],
  )
})

test('what the passage does not say has no place', () => {
  assert.deepEqual(locate('Zebras graze on wide savannahs', readText(PASSAGE)).places, [])
  assert.deepEqual(locate('', readText(PASSAGE)).places, [])
  assert.deepEqual(locate('Members pay', readText('')).places, [])
})

test('a sentence that is too long is cut between characters, and each quote stands where it says', () => {
  const text = `${'🦉'.repeat(700)} owl`
  for (const { start, end, text: quote } of locate('owl', readText(text)).places) {
    assert.equal(text.slice(start, end), quote)
    assert.ok(quote.isWellFormed() && quote.length <= 300)
  }
})
