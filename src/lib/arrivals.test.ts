import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arrivals } from './arrivals.ts'

/** So long that no machine is too slow for it, but where a test waits for its end. */
const PATIENCE = { recentMs: 600_000, waitMsMax: 600_000 }

/** Whether it has settled when everything else that is ready has run. */
async function hasSettled(settled: Promise<void>): Promise<boolean> {
  let is = false
  void settled.then(() => {
    is = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return is
}

test('nobody waits where no upload is coming in', async () => {
  assert.ok(await hasSettled(new Arrivals().settle(PATIENCE)))
})

test('an answer begins when the uploads that have just come are received', async () => {
  const arrivals = new Arrivals()
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  const received = [arrivals.receive(() => first.promise), arrivals.receive(() => second.promise)]
  const settled = arrivals.settle(PATIENCE)
  first.resolve('first')
  await received[0]
  assert.ok(!(await hasSettled(settled)))
  second.resolve('second')
  assert.equal(await received[1], 'second')
  await settled
})

test('an upload that fails keeps nobody waiting', async () => {
  const arrivals = new Arrivals()
  await assert.rejects(arrivals.receive(() => Promise.reject(new Error('broke off'))))
  assert.ok(await hasSettled(arrivals.settle(PATIENCE)))
})

test('an upload over a slow line is not waited for to its end', async () => {
  const arrivals = new Arrivals()
  const slow = Promise.withResolvers<void>()
  const received = arrivals.receive(() => slow.promise)
  // It goes on, and still these resolve.
  await arrivals.settle({ ...PATIENCE, waitMsMax: 1 })
  await arrivals.settle({ ...PATIENCE, recentMs: -1 })
  slow.resolve()
  await received
})
