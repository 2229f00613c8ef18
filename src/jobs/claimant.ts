/** Who runs a job: a process id and the time its process started, because ids are used again. */
import { readFileSync } from 'node:fs'
import { isAlive } from '../lib/pid.ts'

export class Claimant {
  readonly name = nameOf(process.pid) ?? `${process.pid}.`

  /** The process id in a name. */
  static pidOf(name: string): number {
    return Number(name.split('.')[0])
  }

  /** Whether the process behind a name is still there. */
  isAlive(name: string): boolean {
    if (name === this.name) return true
    const pid = Claimant.pidOf(name)
    const now = nameOf(pid)
    if (now !== undefined) return now === name
    return !name.endsWith('.') ? false : isAlive(pid)
  }
}

/** `PID.START`, with the start in clock ticks since boot (proc(5), field 22); undefined without such a process, or without /proc. */
function nameOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the command in parentheses, and may hold both of them and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const isDead = fields[0] === 'Z' || fields[0] === 'X'
    return isDead ? undefined : `${pid}.${fields[19]}`
  } catch {
    return undefined
  }
}
