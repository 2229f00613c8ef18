/** A disk that is quickly full: a small file system in memory. Needs the right to mount. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { MIB } from '../../src/lib/units.ts'

/** A file system of its own with so many megabytes; undefined where it cannot be mounted, and then the test is skipped. */
export function smallDisk(t: TestContext, megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    rmSync(folder, { recursive: true })
    t.skip('needs the right to mount a small file system (root)')
    return undefined
  }
  // Registered first, so it would run first: the mount is let go of lazily, whatever still has files open in it.
  t.after(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function fillUp(folder: string): void {
  for (const size of [MIB, 4096]) {
    try {
      for (;;) writeFileSync(join(folder, `filler-${randomBytes(8).toString('hex')}`), Buffer.alloc(size, 1))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
}

/** Takes away what `fillUp` made. */
export function makeRoom(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith('filler-')) rmSync(join(folder, name))
}
