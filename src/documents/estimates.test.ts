import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshStorage } from '../../tests/support/folder.ts'
import { factorOf, learn } from './estimates.ts'

test('what took more than reckoned counts at once, what took less by and by, and neither without a bound', async (t) => {
  const { database } = freshStorage(t)
  const reading = (took: number) => database.write((tx) => learn(tx, 'png', 100, took))
  const factor = () => factorOf(database, 'png')
  assert.equal(factor(), 1)
  await reading(120)
  assert.equal(factor(), 1.2)
  await reading(100)
  assert.ok(Math.abs(factor() - 1.16) < 1e-9)
  for (let n = 0; n < 50; n++) await reading(1)
  assert.equal(factor(), 0.7)
  await reading(900)
  assert.equal(factor(), 1.5)
  assert.equal(factorOf(database, 'pdf'), 1, 'each type learns for itself')
})

test('a reading that nobody could watch teaches nothing', async (t) => {
  const { database } = freshStorage(t)
  await database.write((tx) => learn(tx, 'png', 100, 0))
  assert.equal(factorOf(database, 'png'), 1)
})
