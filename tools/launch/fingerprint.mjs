/** One hash over many files, and the note in .cache/ of what it was when a step last ended well. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const SKIPPED = new Set(['node_modules', 'dist', '.cache'])

/** Of the contents of `places`, files or folders: a fresh clone has new times and the same contents. */
export function fingerprint(root, places, ...more) {
  const hash = createHash('sha256').update(JSON.stringify(more))
  for (const place of places) {
    for (const file of filesOf(path.join(root, place))) {
      hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
    }
  }
  return hash.digest('hex')
}

export function readNote(root, name) {
  const file = noteFile(root, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export function writeNote(root, name, text) {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  writeFileSync(noteFile(root, name), text)
}

function noteFile(root, name) {
  return path.join(root, '.cache', `${name}.made-from`)
}

function filesOf(place) {
  if (!existsSync(place)) return []
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesOf(path.join(place, entry.name)))
}
