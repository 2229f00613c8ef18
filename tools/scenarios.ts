/**
 * The numbered behaviours of the runtime, each with what its tests say: `node tools/scenarios.ts` runs the tests whose names
 * begin with a number and prints pass, fail, skip (why) or later (why) for every one of the 103. With files it runs those
 * alone; `--list` runs nothing and says where a test is.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')
const LAST = 103
/** What a number without a test waits for. */
const LATER: readonly [from: number, to: number, why: string][] = [[57, 58, 'pictures in a container']]
/** Proven for requests, whatever the tests say: the rest belongs to other components. */
const PARTLY: Readonly<Record<number, string>> = {
  19: 'for requests; orphaned jobs with the jobs',
  30: 'for requests; jobs and streams with theirs',
  41: 'for requests; jobs and streams with theirs',
}
type Verdict = { state: 'pass' | 'fail' | 'skip' | 'test'; why?: string }

const NAME = /(?:^|[\s'"`])((?:S\d+(?:, )?)+):/
/** From the mildest to the worst. */
const RANK = ['pass', 'test', 'skip', 'fail']
const verdicts = new Map<number, Verdict>()

const args = process.argv.slice(2)
const isListing = args.includes('--list')
const named = args.filter((arg) => arg !== '--list')
for (const file of globSync(named.length > 0 ? named : '{src,tests}/**/*.test.ts', { cwd: ROOT }).sort()) {
  const promised = new Set(readFileSync(join(ROOT, file), 'utf8').split('\n').flatMap(numbersOf))
  if (isListing) for (const number of promised) note(number, { state: 'test', why: file })
  else if (promised.size > 0) await runFile(file, promised)
}

for (let number = 1; number <= LAST; number += 1) {
  const { state, why } = tell(number)
  process.stdout.write(`S${String(number).padEnd(4)}${state}${why ? ` (${why})` : ''}\n`)
}
const count = (state: string) =>
  Iterator.from(verdicts.values())
    .filter((verdict) => verdict.state === state)
    .toArray()
process.stdout.write(`${count('pass').length} pass, ${count('fail').length} fail, ${count('skip').length} skip\n`)
if (count('fail').length > 0) process.exitCode = 1

async function runFile(file: string, promised: ReadonlySet<number>): Promise<void> {
  process.stderr.write(`${file}\n`)
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen = new Set<number>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [, not, name, directive, why] = /^\s*(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)(?: (.*))?)?$/.exec(line) ?? []
    if (name === undefined) continue
    for (const number of numbersOf(name)) {
      seen.add(number)
      note(
        number,
        not ? { state: 'fail', why: file } : directive ? { state: 'skip', why: why ?? '' } : { state: 'pass' },
      )
    }
  }
  // A file that does not load, or whose process ended early, reports none of its tests.
  for (const number of promised) if (!seen.has(number)) note(number, { state: 'fail', why: `${file} did not run it` })
}

/** Of several tests with one number, the worst counts. */
function note(number: number, verdict: Verdict): void {
  const before = verdicts.get(number)
  if (!before || RANK.indexOf(verdict.state) > RANK.indexOf(before.state)) verdicts.set(number, verdict)
}

function numbersOf(text: string): number[] {
  return [...(NAME.exec(text)?.[1] ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits))
}

function tell(number: number): { state: string; why: string } {
  const verdict = verdicts.get(number)
  if (verdict) return { state: verdict.state, why: verdict.why ?? PARTLY[number] ?? '' }
  const [, , why] = LATER.find(([from, to]) => number >= from && number <= to) ?? [0, 0, 'no test yet']
  return { state: 'later', why }
}
