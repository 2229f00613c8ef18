import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUnsupported } from './check.ts'

const text = `Annual report of the bakery

| | 2024 | 2023 |
| Staff costs (£m) | 9.4 | 8.7 |
| Employees | 412 | 398 |

The shop opens at 6:00. A loaf costs £3.20, a roll £0.80. The deposit for a cake stand is £45.`

const isMarked = async (statement: string, question = '') =>
  (await findUnsupported(`${statement} [1]`, [{ n: 1, name: 'report.txt', heading: '', text }], question)).length > 0

for (const [statement, expected] of [
  ['Staff costs rose by £0.7 million to £9.4 million.', false],
  ['Staff costs rose by £0.9 million to £9.4 million.', true],
  ['There were 412 employees, 14 more than a year before.', false],
  ['There were 412 employees, 17 more than a year before.', true],
  ['A loaf costs £2.40 more than a roll.', false],
  ['A loaf costs £2.90 more than a roll.', true],
  // Without a word that compares, a difference is a figure like others.
  ['A loaf costs £2.40.', true],
] as const) {
  test(`${statement} is ${expected ? 'marked' : 'borne out'}`, async () => {
    assert.equal(await isMarked(statement), expected)
  })
}

test('a figure of the question is borne out beside another, and no answer by itself', async () => {
  assert.equal(
    await isMarked('For 7 guests the deposit for the cake stand is £45.', 'What is the deposit for 7 guests?'),
    false,
  )
  assert.equal(
    await isMarked('Yes, the deposit for a cake stand is £90.', 'Is the deposit for a cake stand £90?'),
    true,
  )
})
