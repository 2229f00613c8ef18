/**
 * `npm test`: types, form, then the tests that take seconds. `npm test -- FILES` runs those files alone, and
 * `npm run test:long` what lies in tests/long. What was skipped is listed with its reason before the closing lines.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

export interface Group {
  files: string[]
  /** Unit tests share one process, which is 14 times as fast; tests of processes have one each. */
  isolation: 'none' | 'process'
  concurrency: number
  timeoutMs: number
}

export interface GroupResult {
  /** Missing when the process ended before its tests did. */
  counts: Counts | undefined
  failed: string[]
  skipped: { file: string; name: string; reason: string }[]
}

interface Counts {
  tests: number
  suites: number
  passed: number
  failed: number
  cancelled: number
  skipped: number
  todo: number
}

const ROOT = join(import.meta.dirname, '..')
const TEST_MS_MAX = 2 * 60_000
const LONG_TEST_MS_MAX = 20 * 60_000

process.chdir(ROOT)
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const startedMs = Date.now()
  const isLong = args.includes('--long')
  const named = args.filter((arg) => arg !== '--long')
  const chosen = globSync(named)
  if (named.length > 0 && chosen.length === 0) {
    process.stdout.write(`No test file matches ${named.join(' ')}\n`)
    return 2
  }
  const results = isLong || named.length > 0 ? [] : checks()
  for (const group of named.length > 0 ? [alone(chosen)] : isLong ? [longTests()] : [unitTests(), processTests()]) {
    if (group.files.length > 0) results.push(await runGroup(group))
  }
  return summarize(results, Date.now() - startedMs)
}

function unitTests(): Group {
  const files = globSync(['src/**/*.test.ts', 'web/**/*.test.ts'], { exclude: ['web/node_modules/**'] }).sort()
  return { files, isolation: 'none', concurrency: 1, timeoutMs: TEST_MS_MAX }
}

function processTests(): Group {
  return alone(globSync('tests/**/*.test.ts', { exclude: ['tests/long/**'] }).sort())
}

function longTests(): Group {
  // One after the other: they measure memory and time.
  const files = globSync('tests/long/*.test.ts').sort()
  return { files, isolation: 'process', concurrency: 1, timeoutMs: LONG_TEST_MS_MAX }
}

function alone(files: string[]): Group {
  return { files, isolation: 'process', concurrency: availableParallelism(), timeoutMs: TEST_MS_MAX }
}

/** Types and form count as one test each. */
function checks(): GroupResult[] {
  const bin = join('node_modules', '.bin')
  return [
    check('types', join(bin, 'tsc'), ['--noEmit']),
    ...(existsSync('web/tsconfig.json')
      ? [check('types of the page', join(bin, 'tsc'), ['--noEmit', '-p', 'web'])]
      : []),
    check('form', join(bin, 'biome'), ['check', '--error-on-warnings']),
  ]
}

function check(name: string, file: string, args: string[]): GroupResult {
  const startedMs = Date.now()
  const { status } = spawnSync(file, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  const isGood = status === 0
  process.stdout.write(`${isGood ? '✔' : '✖'} ${name}  ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`)
  const counts = { ...noCounts(), tests: 1, passed: isGood ? 1 : 0, failed: isGood ? 0 : 1 }
  return { counts, failed: isGood ? [] : [name], skipped: [] }
}

async function runGroup(group: Group): Promise<GroupResult> {
  const child = fork(join(import.meta.dirname, 'test-group.ts'), {
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let result: GroupResult = { counts: undefined, failed: [], skipped: [] }
  child.on('message', (message) => {
    result = message as GroupResult
  })
  child.send(group)
  const [code, signal] = await once(child, 'exit')
  const { counts, failed, skipped } = result
  if (group.isolation === 'none' && counts) {
    process.stdout.write(
      `${counts.failed > 0 ? '✖' : '✔'} ${group.files.length} files beside the code  ${counts.passed} passed\n`,
    )
  }
  if (counts) return result
  if (failed.length === 0)
    failed.push(`the process of ${group.files.length} test files ended (${signal ?? code}) before they did`)
  return { counts: { ...noCounts(), tests: failed.length, failed: failed.length }, failed, skipped }
}

/** Settings of the developer's own server have no business in tests; KNOWBOT_TEST_… is meant for them. */
function environment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^(KNOWBOT_(?!TEST_)|PORT$|WEB_CONCURRENCY$|NODE_TEST_CONTEXT$)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)))
}

/** The exit code. The lines are those of Node's own test runner, and one that a person reads at a glance. */
function summarize(results: readonly GroupResult[], durationMs: number): number {
  const counts = noCounts()
  for (const result of results) for (const key of keysOf(counts)) counts[key] += result.counts?.[key] ?? 0
  const skipped = results.flatMap((result) => result.skipped)
  if (skipped.length > 0) process.stdout.write('\nSkipped:\n')
  for (const [reason, tests] of Map.groupBy(skipped, (test) => test.reason)) {
    process.stdout.write(`  ${reason}\n`)
    for (const { file, name } of tests) process.stdout.write(`    ${file}: ${name}\n`)
  }
  const failed = results.flatMap((result) => result.failed)
  if (failed.length > 0) process.stdout.write(`\nFailed:\n${failed.map((line) => `  ${line}\n`).join('')}`)
  process.stdout.write(`
ℹ tests ${counts.tests}
ℹ suites ${counts.suites}
ℹ pass ${counts.passed}
ℹ fail ${counts.failed}
ℹ cancelled ${counts.cancelled}
ℹ skipped ${counts.skipped}
ℹ todo ${counts.todo}
ℹ duration_ms ${durationMs}
${counts.passed} passed, ${counts.failed + counts.cancelled} failed, ${counts.skipped} skipped
`)
  return counts.failed + counts.cancelled + failed.length > 0 ? 1 : 0
}

function noCounts(): Counts {
  return { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
}

function keysOf(counts: Counts): (keyof Counts)[] {
  return Object.keys(counts) as (keyof Counts)[]
}
