import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calculationsIn } from './calculations.ts'
import { factsOf } from './surroundings.ts'

const verdictOf = (text: string) => calculationsIn(text, factsOf).map(({ comesOut }) => comesOut)

for (const [text, verdicts] of [
  ['£965 rent + £42 service charge = £1,007', [true]],
  ['£965 rent + £42 service charge = £1,070', [false]],
  ['312 − 312 × 20 / 100 = 249,60 €', [true]],
  ['312 € − 20 % = 249,60 €', [true]],
  ['163 200 × 1,8 % = 2 937,60 €', [true]],
  ['380.00 + 380.00 × 30% + (7 − 5) × 40.00 = 380 + 114 + 80 = 574元', [true]],
  ['Zwei Wochen wären 2 × 5 = 10 Arbeitstage', [true]],
  ['9,200 (basic pay) + 800 (travel) = 10,000', [true]],
  ['٦٫٣٠ − ٤٫٦٠ = ١٫٧٠ دينار', [true]],
  ['26 400 ÷ 251 300 ≈ 10,5 %', [true]],
  // Who writes 139.800 for a hundred thousand does so all along.
  ['139.800 − 136.903 = 2.900 kWh', [false]],
  ['20 cards: 600 ÷ 20 = 30; 50 cards: 1,350 ÷ 50 = 27', [true, true]],
  // Without an operator there is nothing to work out, and a range is none.
  ['The code is A = 7', []],
  ['Open 9-17 = all day', []],
  ['(3 + 4 = 9', [false]],
  ['3 + ) = 7 ( × = 2', []],
] as const) {
  test(`${text}: ${verdicts.length === 0 ? 'no calculation' : verdicts.join(', ')}`, () => {
    assert.deepEqual(verdictOf(text), verdicts)
  })
}
