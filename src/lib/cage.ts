/**
 * Child processes that cannot outlive, outgrow or outrank their parent.
 *
 * - Every child leads a process group of its own, so that one signal ends it with all that it started.
 * - It dies with its parent (`setpriv --pdeathsig KILL`), where util-linux is there: a busy child outlives a killed parent otherwise.
 * - A *sacrificed* child, and what it starts, is what the kernel kills first when memory ends (`oom_score_adj` 1000), and what gets
 *   a processor last.
 * - `RLIMIT_DATA` bounds Buffers and WebAssembly too, which no heap flag does; an allocation beyond it fails inside the child.
 *
 * Outside Linux only the process group remains.
 */
import { type ChildProcess, execFile, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { env as inherited } from 'node:process'

export interface ChildOptions extends Pick<SpawnOptions, 'cwd' | 'stdio' | 'serialization'> {
  /** Added to the environment of this process, which is passed on. */
  environment?: Readonly<Record<string, string>>
  /** Passes on these variables alone: a child that handles foreign bytes must find no secret in its environment. */
  inherits?: readonly string[]
  /** What the kernel kills first when memory ends and serves last, together with its own children. */
  isSacrificed?: boolean
  /** Somebody waits for it: sacrificed or not, it gets a processor as soon as its parent does. */
  isAwaited?: boolean
  /** RLIMIT_DATA from the start on, for native programs. A Node process is limited relative to its base: see `limitData`. */
  dataBytesMax?: number
}

/** Starts a program as described above. Its pid leads its group. */
export function spawnChild(command: string, args: readonly string[], options: ChildOptions = {}): ChildProcess {
  const { environment, inherits, isSacrificed = false, isAwaited = false, dataBytesMax, ...rest } = options
  const line = [
    ...(diesWithParent() ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...(dataBytesMax !== undefined && canLimitData() ? ['prlimit', `--data=${dataBytesMax}`, '--'] : []),
    command,
    ...args,
  ]
  const passedOn = inherits ? Object.fromEntries(inherits.map((name) => [name, inherited[name]])) : inherited
  const child = spawn(line[0]!, line.slice(1), { ...rest, env: { ...passedOn, ...environment }, detached: true })
  if (child.pid === undefined) return child
  if (isSacrificed) sacrifice(child.pid)
  standBehind(child.pid, isSacrificed && !isAwaited ? constants.priority.PRIORITY_BELOW_NORMAL : getPriority())
  return child
}

/** Signals the child and everything in its group. Nothing happens when it has ended. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It ended by itself in between, or has not yet become the leader of its group.
    child.kill(signal)
  }
}

/**
 * Allows a running child this much more data than it has now; answers the limit set, or undefined where that cannot be done.
 * Relative, because the base differs by version (VmData of an idle Node 24: about 560 MB of mappings, most never touched).
 */
export async function limitData(pid: number, moreBytes: number): Promise<number | undefined> {
  const base = readDataBytes(pid)
  if (base === undefined || !canLimitData()) return undefined
  const limit = base + moreBytes
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  execFile('prlimit', [`--pid=${pid}`, `--data=${limit}`], (error) => resolve(error ? undefined : limit))
  return promise
}

let pdeathsig: boolean | undefined
/** Whether children end with this process, however it ends. Tried once: the setpriv of BusyBox does not know the option. */
export function diesWithParent(): boolean {
  pdeathsig ??= isLinux() && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0
  return pdeathsig
}

let prlimit: boolean | undefined
/** Whether a child's data can be limited from outside. */
export function canLimitData(): boolean {
  prlimit ??= isLinux() && spawnSync('prlimit', ['--data=unlimited', 'true'], { stdio: 'ignore' }).status === 0
  return prlimit
}

function sacrifice(pid: number): void {
  try {
    // Raising needs no privilege, and what the child starts inherits it (proc(5)).
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
  } catch {
    // Not Linux, or it has ended already.
  }
}

/**
 * Niceness from the first moment on: booting alone takes a quarter of a second of a processor. Where the kernel shares processors
 * among sessions (`sched_autogroup_enabled`, sched(7)), niceness counts only within one, and each child leads its own.
 */
function standBehind(pid: number, nice: number): void {
  if (nice === 0) return
  try {
    setPriority(pid, nice)
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // It has ended already, or there are no such sessions here.
  }
}

function readDataBytes(pid: number): number | undefined {
  try {
    return 1024 * Number(/^VmData:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1])
  } catch {
    return undefined // Not Linux, or it has ended.
  }
}

function isLinux(): boolean {
  return process.platform === 'linux'
}
