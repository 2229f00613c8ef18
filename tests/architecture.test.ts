/** The shape of src/ is a promise to the reader; these tests keep it, and plant a violation of each rule to see it caught. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { countEdges, RULES, type Rule, readTree, shapeOf } from './support/shape.ts'

/** An empty graph keeps every rule: fewer edges than this mean that the reading of imports is broken. */
const EDGES_MIN = 50

const real = shapeOf(readTree(join(import.meta.dirname, '../src')))

for (const [promise, rule] of Object.entries(RULES)) {
  test(promise, () => assert.deepEqual(rule(real), []))
}

test(`the reading of imports sees at least ${EDGES_MIN} edges`, () => {
  assert.ok(countEdges(real) >= EDGES_MIN, `only ${countEdges(real)} imports were found in ${real.tree.size} files`)
})

/** A small tree that keeps every rule. */
const SOUND: Record<string, string> = {
  'bin/knowbot.ts': `import { main } from '../cli.ts'`,
  'bin/web-worker.ts': `import { createApp } from '../app.ts'\nimport { openKnowBot } from "../knowbot.ts"`,
  'cli.ts': `export const main = () => import('./cli/serve.ts')`,
  'cli/serve.ts': `import { supervise } from '../runtime.ts'\nimport {\n  loadConfig,\n} from '../config.ts'`,
  'runtime.ts': `export { supervise } from './runtime/supervisor.ts'`,
  'runtime/supervisor.ts': `import net from 'node:net'\nimport { log } from '../lib/log.ts'`,
  'config.ts': `export const loadConfig = () => process.env`,
  'lib/log.ts': `process.stderr.write('')`,
  'api.ts': '',
  'app.ts': `import type { Answer } from './api.ts'\nimport { search } from './search.ts'\nimport { Hono } from 'hono'`,
  'knowbot.ts': `import { search } from './search.ts'`,
  'search.ts': `import { fuse } from './search/fusion.ts'`,
  'search/fusion.ts': `import type { Hit } from '../search.ts'`,
  'extraction/child.ts': `import sharp from 'sharp'`,
}

/** Rule, file, and what is planted at its end. */
const PLANTED: [keyof typeof RULES, string, string][] = [
  ['a component imports only the components it may', 'search.ts', `import { x } from './app.ts'`],
  ['a component imports only the components it may', 'runtime.ts', `import type { C } from "./errors.ts"`],
  ['a component imports only the components it may', 'plugins.ts', `import { x } from './lib/log.ts'`],
  [
    'other components are entered by their door: search.ts, never search/fusion.ts',
    'app.ts',
    `import('./search/fusion.ts')`,
  ],
  ['what is loaded forms no cycle', 'search/fusion.ts', `import {\n  search,\n} from '../search.ts'`],
  ['what is loaded forms no cycle', 'search/fusion.ts', `import { type Hit } from '../search.ts'`],
  ['every import leads to a file', 'search.ts', `export * from './search/gone.ts'`],
  ['every file is reached from a process', 'search/forgotten.ts', ''],
  ['the supervisor loads neither the application nor HTTP nor a package', 'cli.ts', `import { a } from './knowbot.ts'`],
  [
    'the supervisor loads neither the application nor HTTP nor a package',
    'cli/serve.ts',
    `import http from 'node:http'`,
  ],
  ['the supervisor loads neither the application nor HTTP nor a package', 'config.ts', `import * as v from "valibot"`],
  ['what parses the bytes of strangers is loaded by the extractor alone', 'search.ts', `import('sharp')`],
  ['search, chat, documents and the ground know no HTTP', 'search.ts', `import type { Context } from 'hono'`],
  ['only config reads the environment', 'search.ts', 'const home = process.env.HOME'],
  ['only config reads the environment', 'search.ts', `import { argv, env } from 'node:process'`],
  ['only lib/log.ts writes to the console, and cli its results', 'search.ts', `console.log('here')`],
  ['only lib/log.ts writes to the console, and cli its results', 'lib/units.ts', `process.stdout.write('here')`],
  ['no upload is held in memory: nothing calls formData()', 'app.ts', 'const form = await request.formData()'],
]

test('a sound tree keeps every rule', () => {
  const shape = shapeOf(new Map(Object.entries(SOUND)))
  for (const rule of Object.values(RULES) as Rule[]) assert.deepEqual(rule(shape), [])
})

for (const [promise, file, text] of PLANTED) {
  test(`caught when planted: ${promise} (${file}: ${text.replaceAll('\n', ' ')})`, () => {
    const tree = new Map(Object.entries({ ...SOUND, [file]: `${SOUND[file] ?? ''}\n${text}` }))
    assert.notDeepEqual(RULES[promise](shapeOf(tree)), [])
  })
}

test('each rule has a planted violation', () => {
  assert.deepEqual(new Set(PLANTED.map(([promise]) => promise)), new Set(Object.keys(RULES)))
})
