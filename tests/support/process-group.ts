/** A cgroup that bounds the number of processes and threads, made by hand: where no more can be started. Only root may make one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ProcessGroup extends AsyncDisposable {
  /** The command line that starts the program inside, under the same pid. */
  wrap(line: readonly string[]): string[]
  /** As many as there are now, and so many more; `none` holds also when some of them have ended. */
  allowMore(count: number | 'any' | 'none'): void
}

const V1 = '/sys/fs/cgroup/pids'
const V2 = '/sys/fs/cgroup'
const ROOT = existsSync(V1) ? V1 : V2
const REMOVALS_MAX = 50
const REMOVAL_PAUSE_MS = 100
let made = 0

/** Undefined where groups can be made. */
export function whyNoProcessGroups(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make a cgroup'
  try {
    const folder = makeFolder()
    const canLimit = existsSync(join(folder, 'pids.max'))
    rmdirSync(folder)
    return canLimit ? undefined : 'the pids controller is not there'
  } catch (error) {
    return `no cgroup can be made here: ${(error as Error).message}`
  }
}

export function makeProcessGroup(): ProcessGroup {
  const folder = makeFolder()
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  return {
    wrap: (line) => ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, ...line],
    allowMore(count) {
      const limits = { any: () => 'max', none: () => '1' }
      const limit = typeof count === 'number' ? String(Number(read('pids.current')) + count) : limits[count]()
      writeFileSync(join(folder, 'pids.max'), limit)
    },
    async [Symbol.asyncDispose]() {
      for (let tries = 1; ; tries++) {
        try {
          return rmdirSync(folder)
        } catch (error) {
          if (tries === REMOVALS_MAX) throw error
          await new Promise((resolve) => setTimeout(resolve, REMOVAL_PAUSE_MS))
        }
      }
    },
  }
}

function makeFolder(): string {
  const folder = join(ROOT, `knowbot-pids-${process.pid}-${++made}`)
  if (ROOT === V2) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+pids')
  mkdirSync(folder)
  return folder
}
