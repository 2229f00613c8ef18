import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../accounts.ts'
import type { KnowBotError } from '../errors.ts'
import type { JsonValue } from '../lib/json.ts'
import { type Messages, openMessages } from '../lib/messages.ts'
import { RATES, RateLimits } from './rate-limits.ts'

const { burst, perSecond } = RATES.search

test('a burst passes, the next waits, and time brings tokens back', () => {
  const clock = { now: 0 }
  const rates = new RateLimits({ now: () => clock.now })
  const spend = () => rates.spend('search', person(1), '192.0.2.1')
  for (let n = 0; n < burst; n++) spend()
  assert.throws(spend, ({ code, retryAfterS }: KnowBotError) => code === 'rate_limited' && retryAfterS === 1)
  clock.now += 1000
  for (let n = 0; n < perSecond; n++) spend()
  assert.throws(spend)
})

test('people have buckets of their own, whatever their address; nobody shares one by network', () => {
  const rates = new RateLimits({ now: () => 0 })
  for (let n = 0; n < burst; n++) rates.spend('search', person(1), '192.0.2.1')
  rates.spend('search', person(2), '192.0.2.1')
  assert.throws(() => rates.spend('search', person(1), '192.0.2.2'))
  for (let n = 0; n < burst; n++) rates.spend('search', undefined, `2001:db8::${n.toString(16)}`)
  assert.throws(() => rates.spend('search', undefined, '2001:db8::ffff'))
  rates.spend('search', undefined, '2001:db8:0:1::1')
})

test('classes do not spend of each other, and the bootstrap key and the shell spend nothing', () => {
  const rates = new RateLimits({ now: () => 0 })
  for (let n = 0; n < burst; n++) rates.spend('search', person(1), undefined)
  rates.spend('read', person(1), undefined)
  for (const via of ['bootstrap', 'local'] as const)
    for (let n = 0; n < burst * 2; n++) rates.spend('search', person(3, via), undefined)
})

test('web workers tell each other what was spent: a person has one bucket, and pays back what was spent in between', () => {
  const clock = { now: 0 }
  const [one, two] = connected().map((messages) => {
    return new RateLimits({ now: () => clock.now, others: { messages, areThere: () => true } })
  })
  for (let n = 0; n < burst; n++) one!.spend('search', person(1), undefined)
  one!.tellOthers()
  assert.throws(() => two!.spend('search', person(1), undefined))
  two!.spend('search', person(2), undefined)
  clock.now += 1000
  for (const rates of [one!, two!]) {
    for (let n = 0; n < perSecond; n++) rates.spend('search', person(1), undefined)
    assert.throws(() => rates.spend('search', person(1), undefined))
  }
  one!.tellOthers()
  two!.tellOthers()
  clock.now += 1000
  // Both have spent what came back once: now it is owed.
  for (const rates of [one!, two!]) assert.throws(() => rates.spend('search', person(1), undefined))
  clock.now += 1000
  for (const rates of [one!, two!]) rates.spend('search', person(1), undefined)
})

test('what another version says about spending changes nothing', () => {
  const [other, own] = connected()
  const rates = new RateLimits({ now: () => 0, others: { messages: own!, areThere: () => true } })
  for (const said of [null, 7, { spent: 3 }, { spent: [['search 1']] }, { spent: [['nothing 1', 900]] }] as const)
    other!.publish('tokens-spent', said as never)
  for (let n = 0; n < burst; n++) rates.spend('search', person(1), undefined)
})

/** Two processes that hear each other. */
function connected(): Messages[] {
  const receivers: ((topic: string, data: JsonValue) => void)[] = []
  return [0, 1].map((own) =>
    openMessages({
      send: (topic, data) => receivers[1 - own]!(topic, structuredClone(data)),
      receive(listener) {
        receivers[own] = listener
      },
    }),
  )
}

function person(userId: number, via: Principal['via'] = 'session'): Principal {
  return {
    userId,
    userPublicId: '',
    name: '',
    kind: 'person',
    role: 'member',
    scopes: new Set(),
    via,
    readableCollections: [],
    homeCollection: 0,
  }
}
