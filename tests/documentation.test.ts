/** The pages that people read say what the code does: nothing missing, nothing that is gone. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { PAGES } from '../tools/reference.ts'

const ROOT = resolve(import.meta.dirname, '..')
const PAGES_WRITTEN_BY_HAND = globSync(['*.md', 'docs/**/*.md', 'bench/*.md'], { cwd: ROOT })

for (const [path, render] of Object.entries(PAGES)) {
  test(`${path} is what \`npm run reference\` writes`, async () => {
    assert.equal(read(path), await render())
  })
}

test('every path in the code spans of ARCHITECTURE.md exists', () => {
  const named = [...read('ARCHITECTURE.md').matchAll(/`((?:src|tests|tools|web|docs)\/[\w./-]*)`/g)].map(
    (match) => match[1]!,
  )
  assert.ok(named.length > 5)
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  )
})

test('every link from one page of the project to another leads somewhere', () => {
  const dead = PAGES_WRITTEN_BY_HAND.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
      .map((match) => match[1]!)
      .filter((target) => !existsSync(resolve(ROOT, dirname(page), target)))
      .map((target) => `${page} → ${target}`),
  )
  assert.deepEqual(dead, [])
})

test('every script that a page tells people to run exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const told = PAGES_WRITTEN_BY_HAND.flatMap((page) =>
    [...read(page).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!),
  )
  assert.deepEqual(
    told.filter((script) => !Object.hasOwn(scripts, script)),
    [],
  )
})

test('every benchmark that a page names exists', () => {
  const named = PAGES_WRITTEN_BY_HAND.flatMap((page) =>
    [...read(page).matchAll(/bench\/[a-z][\w-]*\.ts/g)].map((match) => match[0]),
  )
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  )
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
