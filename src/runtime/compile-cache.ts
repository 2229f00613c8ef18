/** Stripping types costs a cold process 31 MB and a warm one nothing: children share a cache, ours where we have one. */
import { lstatSync, mkdirSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function compileCacheVariable(): Record<string, string> {
  if (getCompileCacheDir()) return {} // Its variable is in the environment, which children inherit.
  const folder = join(tmpdir(), `node-compile-cache-${process.getuid?.() ?? 0}`)
  if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return isOursAlone(folder) ? { NODE_COMPILE_CACHE: folder } : {}
}

/** Whoever writes the cache decides what runs, and in a shared folder anybody may have made this one before us. */
function isOursAlone(folder: string): boolean {
  const found = lstatSync(folder)
  const isOwn = process.getuid === undefined || found.uid === process.getuid()
  return found.isDirectory() && isOwn && (found.mode & 0o022) === 0
}
