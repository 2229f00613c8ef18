import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addPerson, freshStorage } from '../../tests/support/folder.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import * as queue from './queue.ts'

test('S87: with ten thousand queued jobs, and as many delayed ones, a claim takes less than five milliseconds', async (t) => {
  const storage = freshStorage(t)
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => addPerson(storage, `person ${n}`)))
  const now = Date.now()
  const times = await storage.database.write((tx) => {
    for (let n = 0; n < 10_000; n++) {
      const { userId: ownerId } = people[n % people.length]!
      const key = `document:${n}`
      queue.enqueue(tx, { task: 'read', payload: n, key, ownerId, costMs: (n % 300) * SECOND_MS }, now)
      queue.enqueue(tx, { task: 'purge', payload: n, key, runAt: now + 10 * MINUTE_MS }, now)
    }
    return Array.from({ length: 500 }, () => {
      const startedAt = performance.now()
      assert.ok(queue.isAnyClaimable(tx, now))
      assert.equal(queue.claim(tx, 'somebody', now)?.task, 'read')
      return performance.now() - startedAt
    })
  })
  const sorted = times.toSorted((a, b) => a - b)
  const [median, p99] = [sorted[250]!, sorted[495]!]
  t.diagnostic(`claim: median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`)
  assert.ok(median < 5, `median ${median.toFixed(2)} ms`)
})
