import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../accounts.ts'
import type { KnowBotError } from '../errors.ts'
import { RATES, RateLimits } from './rate-limits.ts'

const { burst, perSecond } = RATES.search

test('a burst passes, the next waits, and time brings tokens back', () => {
  const clock = { now: 0 }
  const rates = new RateLimits(() => clock.now)
  const spend = () => rates.spend('search', person(1), '192.0.2.1')
  for (let n = 0; n < burst; n++) spend()
  assert.throws(spend, ({ code, retryAfterS }: KnowBotError) => code === 'rate_limited' && retryAfterS === 1)
  clock.now += 1000
  for (let n = 0; n < perSecond; n++) spend()
  assert.throws(spend)
})

test('people have buckets of their own, whatever their address; nobody shares one by network', () => {
  const rates = new RateLimits(() => 0)
  for (let n = 0; n < burst; n++) rates.spend('search', person(1), '192.0.2.1')
  rates.spend('search', person(2), '192.0.2.1')
  assert.throws(() => rates.spend('search', person(1), '192.0.2.2'))
  for (let n = 0; n < burst; n++) rates.spend('search', undefined, `2001:db8::${n.toString(16)}`)
  assert.throws(() => rates.spend('search', undefined, '2001:db8::ffff'))
  rates.spend('search', undefined, '2001:db8:0:1::1')
})

test('classes do not spend of each other, and the bootstrap key and the shell spend nothing', () => {
  const rates = new RateLimits(() => 0)
  for (let n = 0; n < burst; n++) rates.spend('search', person(1), undefined)
  rates.spend('read', person(1), undefined)
  for (const via of ['bootstrap', 'local'] as const)
    for (let n = 0; n < burst * 2; n++) rates.spend('search', person(3, via), undefined)
})

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
