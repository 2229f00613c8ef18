/**
 * The numbered behaviours of the runtime, each with what its tests say: `node tools/scenarios.ts` runs the tests whose names
 * begin with a number and prints pass, fail, skip (why) or later for every one of the 103. `--list` runs nothing.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')
const LAST = 103
/** What waits for the ledger, the queue and the journal of answers. */
const LATER: readonly [from: number, to: number, why: string][] = [
  [48, 66, 'memory ledger'],
  [67, 87, 'jobs under the ledger'],
  [88, 96, 'journal of answers'],
]

type Verdict = { state: 'pass' | 'fail' | 'skip' | 'test'; why?: string }

const NAME = /(?:^|[\s'"`])((?:S\d+(?:, )?)+):/
const files = globSync('tests/**/*.test.ts', { cwd: ROOT }).filter((file) =>
  NAME.test(readFileSync(join(ROOT, file), 'utf8')),
)
const verdicts = new Map<number, Verdict>()

if (process.argv.includes('--list')) {
  for (const file of files) {
    for (const line of readFileSync(join(ROOT, file), 'utf8').split('\n'))
      for (const n of numbersOf(line)) verdicts.set(n, { state: 'test' })
  }
} else for (const file of files) await runFile(file)

for (let number = 1; number <= LAST; number += 1) {
  const { state, why } = verdicts.get(number) ?? later(number)
  process.stdout.write(`S${String(number).padEnd(4)}${state}${why ? ` (${why})` : ''}\n`)
}
if ([...verdicts.values()].some(({ state }) => state === 'fail')) process.exitCode = 1

async function runFile(file: string): Promise<void> {
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const [, not, name, directive, why] = /^\s*(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)(?: (.*))?)?$/.exec(line) ?? []
    if (name === undefined) continue
    for (const number of numbersOf(name))
      note(number, not ? { state: 'fail' } : directive ? { state: 'skip', why: why ?? '' } : { state: 'pass' })
  }
}

/** Of several tests with one number, the worst counts. */
function note(number: number, verdict: Verdict): void {
  const RANK = ['pass', 'test', 'skip', 'fail']
  const before = verdicts.get(number)
  if (!before || RANK.indexOf(verdict.state) > RANK.indexOf(before.state)) verdicts.set(number, verdict)
}

function numbersOf(text: string): number[] {
  return [...(NAME.exec(text)?.[1] ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits))
}

function later(number: number): { state: string; why: string } {
  const group = LATER.find(([from, to]) => number >= from && number <= to)
  return { state: 'later', why: group ? group[2] : 'no test yet' }
}
