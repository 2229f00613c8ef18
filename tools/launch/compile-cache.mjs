/**
 * Node's compile cache, warm: a process that strips the types of one file itself stays 11.5 MB larger for it, the whole
 * server 31 MB; with what is in the cache, none.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fingerprint, readNote, writeNote } from './fingerprint.mjs'
import { sayWhile } from './say.mjs'

export function compileCacheFolder(root) {
  return process.env.NODE_COMPILE_CACHE || path.join(root, '.cache/compile')
}

/** The step that warms it. It saves memory and nothing depends on it, so its failure is none of the launch. */
export function compileCache(root, node) {
  const folder = compileCacheFolder(root)
  const inputs = () => fingerprint(root, ['src', 'package-lock.json'], node, folder)
  return {
    isDone: () => existsSync(folder) && readNote(root, 'compile-cache') === inputs(),
    run: () =>
      sayWhile('compiling', 'done', () => {
        const env = { ...process.env, NODE_COMPILE_CACHE: folder }
        // Without its words: a file that does not compile says so again when the program itself loads it.
        const warm = spawnSync(node, [path.join(root, 'tools/warm-compile-cache.ts')], { env, stdio: 'ignore' })
        if (warm.status === 0) writeNote(root, 'compile-cache', inputs())
      }),
  }
}
