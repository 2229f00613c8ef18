import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

test('batches grow to two hundred passages on a fast machine and shrink at once on a slow one', () => {
  const pace = new Pace()
  for (let n = 0; n < 10; n++) pace.note(pace.count, pace.count * 0.05)
  assert.equal(pace.count, 200)
  pace.note(200, 200)
  assert.equal(pace.count, 25)
})

test('batches are never smaller than ten passages, however slow the machine', () => {
  const pace = new Pace()
  pace.note(50, 10_000)
  assert.equal(pace.count, 10)
})

test('a batch smaller than it could be does not speed up the next one', () => {
  const pace = new Pace()
  pace.note(1, 0.01)
  assert.equal(pace.count, 50)
})
