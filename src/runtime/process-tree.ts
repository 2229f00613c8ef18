/** Who descends from a process (Linux). Children of children lead groups of their own, so that the tree is what is counted. */
import { readFileSync } from 'node:fs'
import { readAnonymousBytes } from './process-memory.ts'

/** Far more than a server has. A child that starts children without end shall not keep the supervisor busy. */
const PROCESSES_MAX = 512

/** Anonymous memory of all that descends from the process, without its own. About 60 µs for each. */
export function readDescendantBytes(root: number): number {
  let sum = 0
  for (const pid of readTree(root)) if (pid !== root) sum += readAnonymousBytes(pid) ?? 0
  return sum
}

/** Parents before children. */
export function readTree(root: number): number[] {
  const tree = [root]
  for (let index = 0; index < tree.length && tree.length < PROCESSES_MAX; index++)
    tree.push(...readChildren(tree[index]!))
  return tree
}

/** Of the main thread, which is the one that starts processes in Node; most kernels are built with this file (proc(5)). */
function readChildren(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return [] // It has ended, or the kernel does not tell.
  }
}
