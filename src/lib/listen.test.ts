import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen } from './listen.ts'

const NEVER = new AbortController().signal

test('what is told comes in turn, and behind it what the telling came to', async () => {
  const items = listen<number, string>(async (tell) => {
    tell(1)
    await new Promise((resolve) => setImmediate(resolve))
    tell(2)
    tell(3)
    return 'done'
  }, NEVER)
  const heard: number[] = []
  let next = await items.next()
  for (; !next.done; next = await items.next()) heard.push(next.value)
  assert.deepEqual([heard, next.value], [[1, 2, 3], 'done'])
})

test('a telling that fails does so behind what it told before', async () => {
  const items = listen<number, void>(async (tell) => {
    tell(1)
    throw new Error('no')
  }, NEVER)
  assert.equal((await items.next()).value, 1)
  await assert.rejects(items.next(), /no/)
})

test('leaving the loop, and the signal, both abort the one who tells', async () => {
  for (const how of ['leaving', 'signal']) {
    const stop = new AbortController()
    const aborted = Promise.withResolvers<void>()
    const items = listen<number, void>(async (tell, signal) => {
      signal.addEventListener('abort', () => aborted.resolve())
      tell(1)
      await aborted.promise
    }, stop.signal)
    await items.next()
    if (how === 'leaving') await items.return()
    else stop.abort()
    await aborted.promise
  }
})
