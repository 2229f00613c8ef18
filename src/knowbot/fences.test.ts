/** A fence that is missing is named, with what follows from it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examineFences, type Fences } from './fences.ts'

const ALL: Fences = {
  isLinux: true,
  diesWithParent: true,
  canLimitData: true,
  canBeSacrificed: true,
  isGroupReadable: true,
  diesTogether: false,
}

test('where nothing is missing one line says what there is', () => {
  const findings = examineFences(ALL)
  assert.deepEqual(
    findings.map(({ state }) => state),
    ['good'],
  )
})

const MISSING: [Partial<Fences>, RegExp][] = [
  [{ diesWithParent: false }, /setpriv.*may outlive a killed server/],
  [{ canLimitData: false }, /prlimit.*noticed only after/],
  [{ canBeSacrificed: false }, /oom_score_adj.*instead of one that reads documents/],
  [{ isGroupReadable: false, diesTogether: true }, /cannot be read.*KNOWBOT_MEMORY/],
  [{ diesTogether: true }, /memory\.oom\.group.*quarter less/],
  [{ isLinux: false }, /outside Linux/],
]
for (const [missing, expected] of MISSING) {
  test(`${JSON.stringify(missing)} is told once, with the consequence`, () => {
    const findings = examineFences({ ...ALL, ...missing })
    assert.equal(findings.length, 1)
    assert.equal(findings[0]!.state, 'note')
    assert.match(findings[0]!.text, expected)
  })
}

test('everything that is missing is named', () => {
  const none = { diesWithParent: false, canLimitData: false, canBeSacrificed: false, isGroupReadable: false }
  assert.equal(examineFences({ ...ALL, ...none }).length, 4)
})
