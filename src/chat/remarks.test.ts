/** What an answer says beside what its sources say, through the door of the check. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUnsupported } from './check.ts'

const LEASE = {
  n: 1,
  name: 'lease.txt',
  heading: '',
  text: `The deposit is £1,100. The rent of £965 is due on the 1st of each month.
It is prohibited:
  (a) to keep dogs;
  (b) to smoke on the stairs.
The office is open Tuesday to Friday.`,
}
const MANUAL = {
  n: 2,
  name: 'anleitung.txt',
  heading: '',
  text: 'Der Tank fasst 3,5 Liter. Wenn er voll ist, schaltet das Gerät ab und die Anzeige blinkt. Leeren Sie ihn dann.',
}

for (const [answer, unsupported, question = ''] of [
  ['Yes. The deposit is £1,100 [1].', []],
  ['可以退。 The deposit is £1,100 [1].', []],
  ['Not found in your documents.', []],
  ['The sources do not say when it is returned. The deposit is £1,100 [1].', []],
  ['The landlord is not named there [1].', []],
  ['There are two payments [1]:\n- The deposit is £1,100 [1].', []],
  // What is not allowed stands before the list.
  ['Dogs must not be kept [1].', []],
  ['On Wednesday the office is open [1].', []],
  ['The office is open Wednesday to Friday [1].', ['The office is open Wednesday to Friday [1].']],
  // Of another language only figures can be compared.
  [
    'Your documents also have a German manual. There the tank holds 3.5 litres, and the device then stops by itself [2].',
    [],
  ],
  [
    'Your documents also have a German manual. There the tank holds 4.5 litres, and the device then stops by itself [2].',
    ['There the tank holds 4.5 litres, and the device then stops by itself [2].'],
  ],
  ['You pay £965 + £1,100 = £2,065 [1].', []],
  ['You pay £965 + £1,100 = £2,605 [1].', ['You pay £965 + £1,100 = £2,605 [1].']],
  // What was worked out may be said again.
  ['You pay £2,065 at first. That is £965 + £1,100 = £2,065 [1].', []],
  ['You pay £2,605 at first. That is £965 + £1,100 = £2,065 [1].', ['You pay £2,605 at first.']],
] as const) {
  test(`${answer.replaceAll('\n', ' ')} (${unsupported.length === 0 ? 'nothing' : 'something'} is marked)`, async () => {
    const ranges = await findUnsupported(answer, [LEASE, MANUAL], question)
    assert.deepEqual(
      ranges.map(({ start, end }) => answer.slice(start, end)),
      unsupported,
    )
  })
}
