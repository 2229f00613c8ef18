/** Anonymous memory of processes, from /proc (Linux): what a container pays for, file pages shared with others left out. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessMemory {
  pid: number
  /** The command line, shortened and without Node's own options. */
  command: string
  anonymousMb: number
}

/** The process and all that descends from it, parents before children. */
export function readTree(root: number): ProcessMemory[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const parent = Number.isInteger(pid) ? readParent(pid) : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const tree: ProcessMemory[] = []
  const visit = (pid: number) => {
    const memory = readProcess(pid)
    if (memory) tree.push(memory)
    for (const child of children.get(pid) ?? []) visit(child)
  }
  visit(root)
  return tree
}

export function sumMb(tree: readonly ProcessMemory[]): number {
  return tree.reduce((sum, { anonymousMb }) => sum + anonymousMb, 0)
}

/** `Anonymous` of smaps_rollup in MiB; undefined when the process is gone. */
export function readProcess(pid: number): ProcessMemory | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
    const kb = Number(/^Anonymous:\s+(\d+) kB/m.exec(rollup)?.[1])
    return {
      pid,
      command: command
        .filter((part) => !part.startsWith('--'))
        .map((part) => part.split('/').at(-1))
        .join(' ')
        .slice(0, 80),
      anonymousMb: kb / 1024,
    }
  } catch {
    return undefined // It ended between the listing and the reading.
  }
}

function readParent(pid: number): number | undefined {
  try {
    // "pid (name with spaces) state ppid …": the name may hold anything, so count from its last parenthesis (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
