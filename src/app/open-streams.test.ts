import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../accounts.ts'
import type { KnowBotError } from '../errors.ts'
import { OpenStreams } from './open-streams.ts'

for (const [webWorkers, perWorker] of [
  [1, 80],
  [2, 40],
  [3, 27],
] as const) {
  test(`a person has 80 streams of events; each of ${webWorkers} web workers gives ${perWorker} of them`, () => {
    const streams = new OpenStreams({ streamsMax: () => 1000, webWorkers: () => webWorkers })
    const open = () => {
      streams.assertRoom(person(1))
      return streams.enter(person(1))
    }
    const leave = Array.from({ length: perWorker }, open)
    assert.throws(open, ({ code }: KnowBotError) => code === 'rate_limited')
    streams.assertRoom(person(2))
    leave[0]!()
    open()
  })
}

test('all people together have as many as there is memory for', () => {
  const streams = new OpenStreams({ streamsMax: () => 2, webWorkers: () => 1 })
  for (const userId of [1, 2]) streams.enter(person(userId))
  assert.throws(
    () => streams.assertRoom(person(3)),
    ({ code }: KnowBotError) => code === 'overloaded',
  )
})

function person(userId: number): Principal {
  return {
    userId,
    userPublicId: '',
    name: '',
    kind: 'person',
    role: 'member',
    scopes: new Set(),
    via: 'session',
    readableCollections: [],
    homeCollection: 0,
  }
}
