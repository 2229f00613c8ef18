/** `npm test` is believed: what fails, fails the run, and what was skipped is named. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freshFolder } from './support/folder.ts'

const RUNNER = join(import.meta.dirname, '../tools/test.ts')

const CASES: { what: string; file: string; exitCode: number; says: RegExp }[] = [
  {
    what: 'tests that pass, and one that is skipped for a reason',
    file: `test('a', () => {}); test('b', { skip: 'no moon' }, () => {}); test('c', (t) => t.skip('no sun'))`,
    exitCode: 0,
    says: /no moon\n.*: b\n *no sun\n.*: c\n.*\nℹ pass 1\nℹ fail 0\n.*\n1 passed, 0 failed, 2 skipped\n$/s,
  },
  {
    what: 'a test that fails after it said something',
    file: `test('a', () => {}); test('b', () => { console.log('so be it'); throw new Error('no') })`,
    exitCode: 1,
    says: /✖ b .*Error: no.*so be it.*\n1 passed, 1 failed, 0 skipped\n$/s,
  },
  {
    what: 'a file that does not load',
    file: `import './gone.ts'; test('a', () => {})`,
    exitCode: 1,
    says: /ERR_MODULE_NOT_FOUND.*\n0 passed, 1 failed, 0 skipped\n$/s,
  },
  {
    what: 'a file whose process ends before its tests do',
    file: `test('a', () => process.exit(3))`,
    exitCode: 1,
    says: /\n0 passed, 1 failed, 0 skipped\n$/s,
  },
]

for (const { what, file, exitCode, says } of CASES) {
  test(`${what}: exit code ${exitCode}, and the closing lines say so`, (t) => {
    const folder = freshFolder(t)
    writeFileSync(join(folder, 'some.test.mjs'), `import { test } from 'node:test'\n${file}`)
    const { status, stdout } = run(join(folder, 'some.test.mjs'))
    assert.match(stdout, says)
    assert.equal(status, exitCode)
  })
}

test('a name that no file has is an error, not a run of nothing', () => {
  const { status, stdout } = run('tests/no-such-thing.test.ts')
  assert.equal(status, 2)
  assert.match(stdout, /No test file matches/)
})

function run(file: string): { status: number | null; stdout: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return spawnSync(process.execPath, [RUNNER, file], { env, encoding: 'utf8' })
}
