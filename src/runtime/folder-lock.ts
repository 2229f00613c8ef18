/** One server per lock file. It names a process by pid and start time, because a pid alone may long belong to somebody else. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { SuperviseError } from './supervise-error.ts'

/** Takes the lock, or throws `folder_in_use` with the pid of its holder. The lock of a dead process is swept. */
export function lockFolder(lockFile: string): Disposable {
  // Written aside and linked into place: whoever reads the lock reads a whole one, and link(2) fails when there is one.
  const aside = `${lockFile}.${process.pid}`
  writeFileSync(aside, `${process.pid} ${startTimeOf(process.pid) ?? ''}\n`)
  try {
    while (!tryLink(aside, lockFile)) {
      const holder = readHolder(lockFile)
      if (holder !== undefined && isAlive(holder)) {
        throw new SuperviseError(
          'folder_in_use',
          `Another server already runs here (pid ${holder.pid}; its lock is ${lockFile}). Stop it first, or choose another folder.`,
        )
      }
      rmSync(lockFile, { force: true })
    }
  } finally {
    rmSync(aside, { force: true })
  }
  return { [Symbol.dispose]: () => rmSync(lockFile, { force: true }) }
}

interface Holder {
  pid: number
  startTime: string
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function readHolder(lockFile: string): Holder | undefined {
  try {
    const [pid, startTime] = readFileSync(lockFile, 'utf8').trim().split(' ')
    return Number(pid) > 0 ? { pid: Number(pid), startTime: startTime ?? '' } : undefined
  } catch {
    return undefined // Gone in between.
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  // In a container every supervisor has the same pid, so that its own may stand in the lock of the one before it.
  if (pid === process.pid) return startTime !== '' && startTime === startTimeOf(pid)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startTimeOf(pid)
  return now === undefined || startTime === '' || now === startTime
}

/** Ticks since boot at which the process started (field 22 of proc(5) stat); undefined outside Linux or when it is gone. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'zombie' : fields[19]
  } catch {
    return undefined
  }
}
