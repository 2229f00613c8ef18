import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { nextPiece } from './pieces.ts'

test('pieces that have gathered come one by one, as they were written, and nothing behind the end', async () => {
  const stream = new PassThrough()
  for (const text of ['one', 'two', 'three']) stream.write(text)
  stream.end()
  for (const text of ['one', 'two', 'three']) assert.equal(String(await nextPiece(stream)), text)
  assert.equal(await nextPiece(stream), undefined)
  assert.equal(await nextPiece(stream), undefined)
})

test('between two pieces the stream stands still, and nobody listens to it', async () => {
  const stream = new PassThrough()
  stream.write('one')
  await nextPiece(stream)
  stream.write('two')
  assert.ok(stream.isPaused())
  assert.deepEqual([stream.listenerCount('data'), stream.listenerCount('close')], [0, 0])
  assert.equal(String(await nextPiece(stream)), 'two')
})

test('a stream that fails, or is closed before its end, fails for whoever waits and for whoever comes later', async () => {
  const [failing, closing] = [new PassThrough(), new PassThrough()]
  const waiting = [nextPiece(failing), nextPiece(closing)]
  failing.destroy(new Error('reset'))
  closing.destroy()
  await assert.rejects(waiting[0]!, /reset/)
  await assert.rejects(waiting[1]!, /before its end/)
  await assert.rejects(nextPiece(failing), /reset/)
  await assert.rejects(nextPiece(closing), /before its end/)
})

test('where somebody else has taken the stream over, only its end is told', async () => {
  const stream = new PassThrough()
  const others: string[] = []
  stream.on('data', (piece) => others.push(String(piece)))
  const next = nextPiece(stream)
  stream.write('one')
  stream.end('two')
  assert.equal(await next, undefined)
  assert.deepEqual(others, ['one', 'two'])
})
