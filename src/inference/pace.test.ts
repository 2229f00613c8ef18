import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

test('with few answers each word goes on as it comes', () => {
  const pace = new Pace()
  const told: string[] = []
  const words = pace.begin((text) => told.push(text))
  for (const word of ['Forty', '-', 'two']) words.add(word)
  assert.deepEqual(told, ['Forty', '-', 'two'])
})

test('with a thousand answers the first word goes on at once, the next ones together, and none is lost', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pace = busyPace()
  const told: string[] = []
  const words = pace.begin((text) => told.push(text))
  for (const word of ['Forty', '-', 'two']) words.add(word)
  assert.deepEqual(told, ['Forty'])
  const until = performance.now() + 2 * pace.betweenMs
  while (told.length < 2 && performance.now() < until) t.mock.timers.tick(10)
  assert.deepEqual(told, ['Forty', '-two'])
  words.add(' seats')
  words.end()
  assert.deepEqual(told, ['Forty', '-two', ' seats'])
})

test('what one answer meets on its way is told to that answer, and the others go on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pace = busyPace()
  const told: string[] = []
  let isBroken = false
  const broken = pace.begin(() => {
    if (isBroken) throw new Error('no')
  })
  const whole = pace.begin((text) => told.push(text))
  for (const words of [broken, whole]) for (const word of ['Forty', '-two']) words.add(word)
  isBroken = true
  const until = performance.now() + 2 * pace.betweenMs
  while (told.length < 2 && performance.now() < until) t.mock.timers.tick(10)
  assert.deepEqual(told, ['Forty', '-two'])
  assert.throws(() => broken.add('.'), /no/)
  assert.throws(() => broken.end(), /no/)
})

test('the moment grows with the answers, stays below what anybody sees, and ends with them', () => {
  const pace = new Pace()
  const answers = Array.from({ length: 2000 }, () => pace.begin(() => undefined))
  assert.ok(pace.betweenMs > 40 && pace.betweenMs <= 50, `${pace.betweenMs} ms`)
  for (const answer of answers) answer.end()
  assert.equal(pace.betweenMs, 0)
})

function busyPace(): Pace {
  const pace = new Pace()
  for (let count = 0; count < 1000; count++) pace.begin(() => undefined)
  return pace
}
