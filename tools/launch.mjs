#!/usr/bin/env node
/**
 * `npm start` and `npm test` from a checkout: makes ready what is missing or stale, then becomes the program asked for.
 *
 *   node tools/launch.mjs start [ARGS]   knowbot ARGS; without any, `knowbot serve`
 *   node tools/launch.mjs test [FILES]   tools/test.ts, the test runner
 *
 * Plain JavaScript without dependencies: it runs before anything is installed, on any Node from 18 on.
 * It speaks on standard error only, because standard output belongs to the program.
 */
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { become } from './launch/become.mjs'
import { compileCache, compileCacheFolder } from './launch/compile-cache.mjs'
import { alone } from './launch/lock.mjs'
import { bundledNode, chooseNode } from './launch/node.mjs'
import { packages } from './launch/packages.mjs'
import { page } from './launch/page.mjs'
import { say } from './launch/say.mjs'

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')

const [mode, ...rest] = process.argv.slice(2)
const args = mode === 'start' || mode === 'test' ? rest : process.argv.slice(2)

try {
  await (mode === 'test' ? test() : start(args.length > 0 ? args : ['serve']))
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

/** What serving and building the page need, and no tool of development. Only `serve` shows the page. */
async function start(command) {
  const node = chooseNode(ROOT)
  await prepare([
    bundledNode(ROOT, node),
    packages({ root: ROOT, node, withDev: false }),
    ...(command[0] === 'serve' ? [page(ROOT, node)] : []),
    compileCache(ROOT, node),
  ])
  run(node, ['src/bin/knowbot.ts', ...command])
}

async function test() {
  const node = chooseNode(ROOT)
  await prepare([
    bundledNode(ROOT, node),
    packages({ root: ROOT, node, withDev: true }),
    packages({ root: ROOT, folder: path.join(ROOT, 'web'), node, withDev: true }),
    page(ROOT, node),
  ])
  run(node, ['tools/test.ts', ...args])
}

/** Steps in order, each with `isDone()` and `run()`. Where nothing is to be done, nothing is written or locked. */
async function prepare(steps) {
  if (steps.every((step) => step.isDone())) return
  await alone(ROOT, async () => {
    for (const step of steps) if (!step.isDone()) await step.run()
  })
}

function run(node, [file, ...programArgs]) {
  become(node, [path.join(ROOT, file), ...programArgs], { NODE_COMPILE_CACHE: compileCacheFolder(ROOT) })
}
