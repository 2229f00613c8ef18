/**
 * How well the check tells faithful answers from changed ones where it counts: answers to KnowBot's own prompts over passages that its search
 * has found. Each run prints its figures; where the answers come from is told in tests/fixtures/answers/README.md. What is changed in the
 * sets that were looked at takes a minute: tests/long/answer-check.test.ts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCaught, BLIND_SETS, readAskedSets, STUDIED_SETS, tellShare } from '../../tests/support/asked-sets.ts'
import { findUnsupported } from './check.ts'
import { statementsOf } from './statements.ts'

/** As demanded. */
const FALSE_ALARMS_MAX = 0.03

for (const [what, names] of [
  ['that were looked at', STUDIED_SETS],
  ['that were never looked at', BLIND_SETS],
] as const) {
  test(`at most ${100 * FALSE_ALARMS_MAX} % of faithful statements are marked in answers ${what}`, async (t) => {
    const marked: string[] = []
    let count = 0
    for (const { name, answers } of readAskedSets(names)) {
      const before = [marked.length, count] as const
      for (const { answer, sources, question } of answers) {
        const ranges = await findUnsupported(answer, sources, question)
        marked.push(...ranges.map(({ start, end }) => answer.slice(start, end)))
        count += statementsOf(answer).length
      }
      tellShare(t, name, marked.length - before[0], count - before[1])
    }
    assert.ok(count > 500, 'too few statements to say anything')
    assert.ok(marked.length / count <= FALSE_ALARMS_MAX, `marked:\n${marked.join('\n')}`)
  })
}

test('changed figures and dates are marked in answers that were never looked at', (t) =>
  assertCaught(t, readAskedSets(BLIND_SETS)))
