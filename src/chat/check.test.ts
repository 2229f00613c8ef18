/**
 * How well the check of answers tells faithful statements from changed ones. Each run prints its figures; what they stand for,
 * and where the statements come from, is told in tests/fixtures/answers/README.md.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type MutationKind, mutate } from '../../tests/support/mutations.ts'
import { type CheckedSource, findUnsupported } from './check.ts'
import { locate } from './locate.ts'

const FOLDER = join(import.meta.dirname, '../../tests/fixtures/answers')
/** `tuned` was looked at while the check was written, `unseen` came afterwards and is only measured. */
const SETS = ['tuned', 'unseen'] as const

interface Case {
  n: number
  other: number
  claim: string
  text: string
}

interface AnswerSet {
  sources: CheckedSource[]
  cases: Case[]
}

function readSet(name: string, isWanted: (paper: string) => boolean = () => true): AnswerSet {
  const folder = join(FOLDER, name)
  const names = globSync('*.claims.txt', { cwd: folder })
    .map((file) => basename(file, '.claims.txt'))
    .filter(isWanted)
    .sort()
  const sources = names.map((file, index) => ({
    ...{ n: index + 1, name: `${file}.txt`, heading: '' },
    text: readFileSync(join(folder, `${file}.txt`), 'utf8'),
  }))
  const cases = sources.flatMap(({ n, text }, index) =>
    readFileSync(join(folder, `${names[index]}.claims.txt`), 'utf8')
      .trim()
      .split('\n')
      .map((claim) => ({ n, other: (n % sources.length) + 1, claim, text })),
  )
  return { sources, cases }
}

/** The papers of the beginning: what was promised on them holds while harder ones join. */
const FIRST = 'court ferry gemeinde history lease manual minutes museum policy recipe software study'.split(' ')

const sets = SETS.map((name) => readSet(name))
const firstSets = SETS.map((name) => readSet(name, (paper) => FIRST.includes(paper)))

/** What of changed statements must be marked at least. */
const CAUGHT_MIN: readonly (readonly [MutationKind, number, string, readonly AnswerSet[]])[] = [
  ['figure', 0.95, 'all papers', sets],
  ['date', 0.95, 'all papers', sets],
  ['source', 1, 'the first papers', firstSets],
  ['source', 0.98, 'all papers', sets],
  ['negation', 0.8, 'the first papers', firstSets],
  ['negation', 0.6, 'all papers', sets],
]

/** The share of marked statements over these sets, and what went wrong. */
async function measure(
  t: TestContext,
  from: readonly AnswerSet[],
  answersOf: (set: AnswerSet) => string[],
): Promise<{ share: number; marked: string[]; unmarked: string[] }> {
  const marked: string[] = []
  const unmarked: string[] = []
  for (const [index, set] of from.entries()) {
    const answers = answersOf(set)
    if (answers.length === 0) continue
    const before = marked.length
    for (const answer of answers) {
      const ranges = await findUnsupported(answer, set.sources, '')
      ;(ranges.length > 0 ? marked : unmarked).push(answer)
    }
    const share = (100 * (marked.length - before)) / answers.length
    t.diagnostic(`${SETS[index]}: ${share.toFixed(1)} % of ${answers.length} marked`)
  }
  assert.ok(marked.length + unmarked.length > 15, 'too few statements to say anything')
  return { share: marked.length / (marked.length + unmarked.length), marked, unmarked }
}

test('at most 3 % of faithful statements are marked', async (t) => {
  const { share, marked } = await measure(t, sets, ({ cases }) =>
    cases.map(({ claim, n }) => claim.replace(/\.$/, ` [${n}].`)),
  )
  assert.ok(share <= 0.03, `marked:\n${marked.join('\n')}`)
})

for (const [kind, shareMin, papers, from] of CAUGHT_MIN) {
  test(`of statements with a changed ${kind} at least ${100 * shareMin} % are marked on ${papers}`, async (t) => {
    const { share, unmarked } = await measure(t, from, ({ cases }) =>
      cases
        .flatMap(({ claim, text, n, other }) => mutate(claim, text, { n, other }))
        .filter((mutation) => mutation.kind === kind)
        .map(({ answer }) => answer),
    )
    assert.ok(share >= shareMin, `not marked:\n${unmarked.join('\n')}`)
  })
}

test('every statement of the first papers has a place in its passage', () => {
  for (const { claim, text } of firstSets.flatMap(({ cases }) => cases)) {
    assert.ok(locate(claim, text).places.length > 0, claim)
  }
})

test('every quote stands in its passage at the place that is given', () => {
  for (const { claim, text } of sets.flatMap(({ cases }) => cases)) {
    for (const { start, end, text: quote } of locate(claim, text).places) assert.equal(text.slice(start, end), quote)
  }
})

test('an answer of a hundred statements is checked in milliseconds', async () => {
  const { sources, cases } = sets[0]!
  const answer = cases
    .slice(0, 100)
    .map(({ claim, n }) => claim.replace(/\.$/, ` [${n}].`))
    .join(' ')
  const startedAt = performance.now()
  await findUnsupported(answer, sources, '')
  assert.ok(performance.now() - startedAt < 500)
})
