/**
 * A memory cgroup as a container would be one, made by hand: for programs that must show what they do when memory ends.
 * Version 1 where the memory controller is mounted by itself, version 2 where everything is one tree. Only root may make one.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MemoryGroup extends AsyncDisposable {
  readonly folder: string
  /** The command line that starts the program inside, under the same pid. */
  wrap(line: readonly string[]): string[]
  /** What the kernel counts as used, file cache included. */
  usedBytes(): number
  /** Its high-water mark. */
  peakBytes(): number
  /** Without the file cache, which the kernel takes back before it kills. */
  anonymousBytes(): number
  /** Processes that the kernel has killed for memory. */
  oomKills(): number
  limit(bytes: number): void
  /** From now on the kernel ends all of it at once (version 2, as Kubernetes sets it). */
  dieTogether(): void
}

const ROOT = '/sys/fs/cgroup'
const isV1 = existsSync(join(ROOT, 'memory/memory.limit_in_bytes'))
const V1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  events: 'memory.oom_control',
  anonymous: /^total_rss (\d+)/m,
}
const V2 = {
  limit: 'memory.max',
  used: 'memory.current',
  peak: 'memory.peak',
  events: 'memory.events',
  anonymous: /^anon (\d+)/m,
}
const FILES = isV1 ? V1 : V2
/** The kernel takes a moment to forget the dead. */
const REMOVALS_MAX = 50
const REMOVAL_PAUSE_MS = 100

/** Whether a group can be made to die as a whole. */
export const canDieTogether = !isV1

let made = 0

/** Undefined where groups can be made. */
export function whyNoMemoryGroups(): string | undefined {
  if (process.platform !== 'linux') return 'memory cgroups exist on Linux only'
  if (process.getuid?.() !== 0) return 'only root can make a memory cgroup'
  try {
    const folder = makeFolder()
    const canLimit = existsSync(join(folder, FILES.limit))
    rmdirSync(folder)
    return canLimit ? undefined : `the memory controller is not handed down below ${parent()}`
  } catch (error) {
    return `no memory cgroup can be made here: ${(error as Error).message}`
  }
}

export function makeMemoryGroup(bytes: number): MemoryGroup {
  const folder = makeFolder()
  const read = (name: string) => readFileSync(join(folder, name), 'latin1')
  const limit = (to: number) => writeFileSync(join(folder, FILES.limit), String(to))
  limit(bytes)
  // Swap would hide what does not fit. Where the kernel counts none there is no such file.
  for (const [name, value] of [['memory.memsw.limit_in_bytes', bytes] as const, ['memory.swap.max', 0] as const]) {
    if (existsSync(join(folder, name))) writeFileSync(join(folder, name), String(value))
  }
  return {
    folder,
    wrap: (line) => ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, ...line],
    usedBytes: () => Number(read(FILES.used)),
    peakBytes: () => Number(read(FILES.peak)),
    anonymousBytes: () => Number(FILES.anonymous.exec(read('memory.stat'))?.[1]),
    oomKills: () => Number(/^oom_kill (\d+)/m.exec(read(FILES.events))?.[1]),
    limit,
    dieTogether: () => writeFileSync(join(folder, 'memory.oom.group'), '1'),
    async [Symbol.asyncDispose]() {
      for (let tries = 1; ; tries++) {
        for (const pid of read('cgroup.procs').split('\n').filter(Boolean)) endIfAlive(Number(pid))
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

function endIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended in between.
  }
}

function makeFolder(): string {
  const folder = join(parent(), `knowbot-${process.pid}-${++made}`)
  // Version 2 hands a controller down only when told to, and only to groups that hold no process themselves.
  if (!isV1) writeFileSync(join(parent(), 'cgroup.subtree_control'), '+memory')
  mkdirSync(folder)
  return folder
}

/** Our own group under version 1; under version 2 the top, because a group with processes may have no limited ones below it. */
function parent(): string {
  if (!isV1) return ROOT
  const own = /^\d+:(?:\w+,)*memory(?:,\w+)*:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1] ?? '/'
  const folder = join(ROOT, 'memory', own)
  return existsSync(folder) ? folder : join(ROOT, 'memory')
}
