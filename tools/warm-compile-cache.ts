/**
 * Fills Node's compile cache with every file of ours and all that they load, and runs none of them. The launcher does it
 * after an installation, an image when it is built; NODE_COMPILE_CACHE says where.
 */
import { globSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..')
const STOP = 'loaded, and that is all'

for (const file of globSync('src/**/*.ts', { cwd: ROOT, exclude: ['**/*.test.ts'] })) await load(join(ROOT, file))
flushCompileCache()

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
