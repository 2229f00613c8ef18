/** Changed statements in the answers that were looked at while the check was written; the others are in src/chat/check.asked.test.ts. */
import { test } from 'node:test'
import { assertCaught, readAskedSets, STUDIED_SETS } from '../support/asked-sets.ts'

test('changed figures and dates are marked in answers that were looked at', (t) =>
  assertCaught(t, readAskedSets(STUDIED_SETS)))
