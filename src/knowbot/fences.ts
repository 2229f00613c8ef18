/** What keeps one process from ending the others here, and what follows where a fence is missing: for `doctor` and for every start. */
import { readFileSync, writeFileSync } from 'node:fs'
import { canLimitData, diesWithParent } from '../lib/cage.ts'
import { diesTogether, readOomKills } from '../lib/cgroup.ts'
import type { Finding } from './examination.ts'

/** What this machine offers of each; told by whoever asks, so that every case can be shown. */
export interface Fences {
  isLinux: boolean
  /** `setpriv --pdeathsig` works. */
  diesWithParent: boolean
  /** `prlimit --data` works. */
  canLimitData: boolean
  /** A process may say that it is to be killed first. */
  canBeSacrificed: boolean
  /** The memory files of the container can be read. */
  isGroupReadable: boolean
  /** The kernel ends all at once. */
  diesTogether: boolean
}

export function examineFences(fences: Fences = lookAtFences()): Finding[] {
  const subject = 'processes'
  if (!fences.isLinux) {
    const text = 'outside Linux children can neither be caged nor tied to their parent: readers are watched instead'
    return [{ subject, state: 'note', text }]
  }
  const missing: [isMissing: boolean, text: string][] = [
    [
      !fences.diesWithParent,
      'setpriv is not there (Debian: util-linux; the one of BusyBox cannot do it): a busy child may outlive a killed server until the next start',
    ],
    [
      !fences.canLimitData,
      'prlimit is not there or not allowed (Debian: util-linux): a document that wants too much memory is noticed only after it has taken it',
    ],
    [
      !fences.canBeSacrificed,
      '/proc/self/oom_score_adj cannot be written: when memory ends, the kernel may end a process that serves people instead of one that reads documents',
    ],
    [
      !fences.isGroupReadable,
      'the memory files of the container cannot be read: a limit that is lowered while the server runs is not seen, and a process that the kernel ends is recorded as killed. Set KNOWBOT_MEMORY to what the container may use',
    ],
    [
      fences.isGroupReadable && fences.diesTogether,
      'memory.oom.group is set: when memory ends, the kernel ends the whole server at once. Documents are given a quarter less memory, so that it does not come to that',
    ],
  ]
  const found = missing.filter(([isMissing]) => isMissing)
  if (found.length > 0) return found.map(([, text]) => ({ subject, state: 'note', text }))
  return [
    {
      subject,
      state: 'good',
      text: 'children end with their parent, can be caged, and are what the kernel ends first',
    },
  ]
}

function lookAtFences(): Fences {
  return {
    isLinux: process.platform === 'linux',
    diesWithParent: diesWithParent(),
    canLimitData: canLimitData(),
    canBeSacrificed: canBeSacrificed(),
    isGroupReadable: readOomKills() !== undefined,
    diesTogether: diesTogether(),
  }
}

/** Says of itself what holds already, which needs no right but that to say it. */
function canBeSacrificed(): boolean {
  try {
    writeFileSync('/proc/self/oom_score_adj', readFileSync('/proc/self/oom_score_adj', 'utf8').trim())
    return true
  } catch {
    return false // Read-only, hidden, or not Linux.
  }
}
