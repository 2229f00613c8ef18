/**
 * Fills Node's compile cache with every file of ours and all that they load, and runs none of them. The launcher does it
 * after an installation, an image when it is built; NODE_COMPILE_CACHE says where. Node keeps a cache for each set of flags of the
 * engine, so it is done once for each kind of process.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..')
const STOP = 'loaded, and that is all'
/** Commands; the supervisor (bin/knowbot.ts); web workers (runtime/crew.ts, budget.ts); job workers (crew.ts) and readers (extraction/extractor.ts). */
const KINDS = [
  [],
  ['--no-opt', '--no-maglev', '--no-sparkplug'],
  ['--expose-gc', '--no-flush-bytecode', '--always-sparkplug', '--heap-growing-percent=15'],
  ['--optimize-for-size'],
]
const ONE_KIND = 'one-kind'

if (process.argv[2] === ONE_KIND) {
  for (const file of globSync('src/**/*.ts', { cwd: ROOT, exclude: ['**/*.test.ts'] })) await load(join(ROOT, file))
  flushCompileCache()
} else {
  for (const flags of KINDS) {
    const { status } = spawnSync(process.execPath, [...flags, import.meta.filename, ONE_KIND], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}

/** A module loads all that it imports before any of it runs, and the first import ends the run: entries stay asleep. */
async function load(file: string): Promise<void> {
  const stop = asUrl(`throw ${JSON.stringify(STOP)}`)
  const both = asUrl(`import ${JSON.stringify(stop)}\nimport ${JSON.stringify(pathToFileURL(file).href)}`)
  await import(both).catch((reason: unknown) => {
    if (reason !== STOP) throw reason
  })
}

function asUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
