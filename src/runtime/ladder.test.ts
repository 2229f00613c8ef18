/** One step at a time, the chat last, and nothing is switched on and off again and again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../lib/units.ts'
import { type Judgement, judge, Ladder, STEPS, shortMark } from './ladder.ts'

const AMPLE: Judgement = { state: 'ample', why: null }
const ENOUGH: Judgement = { state: 'enough', why: null }
const SHORT: Judgement = { state: 'short', why: '9 MB left' }
const CRITICAL: Judgement = { state: 'critical', why: '4 MB left' }

const JUDGEMENTS: [availableMb: number, stalledPercent: number | undefined, expected: Judgement['state']][] = [
  [40, undefined, 'ample'],
  [15, undefined, 'ample'],
  [14, undefined, 'enough'],
  [10, 0, 'enough'],
  [9, 0, 'short'],
  [4, 0, 'critical'],
  [-3, undefined, 'critical'],
  [40, 4, 'ample'],
  [40, 7, 'enough'],
  [40, 12, 'short'],
  [40, 45, 'critical'],
]
for (const [megabytes, stalledPercent, expected] of JUDGEMENTS) {
  test(`${megabytes} MB left where 10 are wanted, and ${stalledPercent ?? 'no'} % stalled: ${expected}`, () => {
    const signs = { availableBytes: megabytes * MIB, shortBytes: 10 * MIB, stalledPercent }
    assert.equal(judge(signs).state, expected)
  })
}

test('the reason is the sign that is bad', () => {
  const signs = { availableBytes: 40 * MIB, shortBytes: 10 * MIB }
  assert.equal(
    judge({ ...signs, stalledPercent: 12.3 }).why,
    'processes stand still for want of memory 12 % of the time',
  )
  assert.equal(
    judge({ ...signs, availableBytes: 9 * MIB, stalledPercent: 12 }).why,
    '9 MB of memory left, 10 MB are wanted',
  )
})

test('the mark is half of what is never given away, and no more than 128 MB', () => {
  assert.deepEqual([shortMark(20 * MIB), shortMark(4096 * MIB)], [10 * MIB, 128 * MIB])
})

test('while memory is short a step is taken at each look, in order, and the model and the streams stay', () => {
  const ladder = new Ladder()
  const seen = [1, 2, 3, 4, 5, 6].map((second) => stepAfter(ladder, SHORT, second))
  assert.deepEqual(seen, ['no optional work', 'one job worker', 'jobs wait', 'jobs wait', 'jobs wait', 'jobs wait'])
  assert.equal(ladder.why, '9 MB left')
})

test('while it is critical the steps go on to the last, and none is left out', () => {
  const ladder = new Ladder()
  const seen = STEPS.map((_, second) => stepAfter(ladder, CRITICAL, second))
  assert.deepEqual(seen, [...STEPS.slice(1), 'essentials only'])
})

test('a step is taken back after every five seconds of plenty, in the reverse order, to the first', () => {
  const ladder = new Ladder()
  for (let second = 0; second < 5; second += 1) ladder.look(CRITICAL, second * 1000)
  const seen: string[] = []
  for (let second = 10; second <= 40; second += 1)
    if (ladder.look(AMPLE, second * 1000)) seen.push(`${second}: ${ladder.step}`)
  assert.deepEqual(seen, [
    '15: fewer streams',
    '20: jobs wait',
    '25: one job worker',
    '30: no optional work',
    '35: everything',
  ])
  assert.equal(ladder.why, null)
})

test('between the marks nothing changes, and the time of plenty begins anew', () => {
  const ladder = new Ladder()
  ladder.look(SHORT, 0)
  for (let second = 1; second < 60; second += 1) ladder.look(second % 4 === 0 ? ENOUGH : AMPLE, second * 1000)
  assert.equal(ladder.step, 'no optional work')
})

function stepAfter(ladder: Ladder, judgement: Judgement, second: number): string {
  ladder.look(judgement, second * 1000)
  return ladder.step
}
