/**
 * What the check of an answer costs: processor time for each statement, by the length of what it is compared with.
 *
 *     node bench/answer-check.ts
 *
 * The answer is a hundred faithful statements of `tests/fixtures/answers/tuned`, each with its marker, checked over and over in this process. Sources
 * are its passages, or those repeated up to the length of a long passage.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findUnsupported } from '../src/chat/check.ts'
import { withMarker } from '../tests/support/mutations.ts'

const STATEMENTS = 100
const WARM_UP_ROUNDS = 5
const ROUNDS = 20
const PASSAGE_LENGTHS = [0, 2000, 4000]

const folder = join(import.meta.dirname, '../tests/fixtures/answers/tuned')
const papers = globSync('*.claims.txt', { cwd: folder }).sort()
const claims = papers.flatMap((paper, index) =>
  readFileSync(join(folder, paper), 'utf8')
    .trim()
    .split('\n')
    .map((claim) => withMarker(claim, index + 1)),
)
const answer = claims.slice(0, STATEMENTS).join(' ')

for (const length of PASSAGE_LENGTHS) {
  const sources = papers.map((paper, index) => {
    const text = readFileSync(join(folder, paper.replace('.claims', '')), 'utf8')
    return { n: index + 1, name: paper, heading: '', text: length === 0 ? text : text.repeat(9).slice(0, length) }
  })
  // As another answer would have them: what was read of a source is kept with it.
  const fresh = () => sources.map((source) => ({ ...source }))
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await findUnsupported(answer, fresh(), '')
  const before = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) await findUnsupported(answer, fresh(), '')
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1000 / ROUNDS / STATEMENTS
  console.log(`${length === 0 ? 'as they are' : `${length} characters`}: ${ms.toFixed(2)} ms a statement`)
}
