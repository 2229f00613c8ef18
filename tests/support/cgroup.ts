/** A memory cgroup of our own, version 1 or 2, for processes that shall believe in a small machine. Needs root. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MemoryGroup extends Disposable {
  /** `sh` with these and a command runs the command in the group, and everything that it starts. */
  shellArgs: readonly string[]
}

/** Undefined where no group can be made. Dispose of it after its processes have ended. */
export function makeMemoryGroup(bytes: number): MemoryGroup | undefined {
  const name = `knowbot-test-${process.pid}-${Date.now()}`
  const places = [
    {
      folder: join('/sys/fs/cgroup/memory', name),
      limit: 'memory.limit_in_bytes',
      needs: '/sys/fs/cgroup/memory/tasks',
    },
    { folder: join('/sys/fs/cgroup', name), limit: 'memory.max', needs: '/sys/fs/cgroup/cgroup.controllers' },
  ]
  const place = places.find(({ needs }) => existsSync(needs))
  if (!place || process.getuid?.() !== 0) return undefined
  try {
    mkdirSync(place.folder)
    writeFileSync(join(place.folder, place.limit), String(bytes))
  } catch {
    // Read-only in most containers, or the controller is not handed down.
    if (existsSync(place.folder)) rmdirSync(place.folder)
    return undefined
  }
  return {
    shellArgs: ['-c', 'echo $$ > "$0" && exec "$@"', join(place.folder, 'cgroup.procs')],
    [Symbol.dispose]: () => rmdirSync(place.folder),
  }
}
