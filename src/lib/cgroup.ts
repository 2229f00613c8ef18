/** What the container counts, for cgroup v2 and v1. The folder of /sys and /proc can be exchanged for a fixture. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface CgroupRoots {
  /** `/sys/fs/cgroup` */
  sys: string
  /** `/proc/self/cgroup` */
  membership: string
}

const ROOTS: CgroupRoots = { sys: '/sys/fs/cgroup', membership: '/proc/self/cgroup' }

/** How many processes of our group the kernel has killed for memory; undefined where nobody counts. */
export function readOomKills(roots: CgroupRoots = ROOTS): number | undefined {
  for (const file of candidates(roots, 'memory.events', 'memory.oom_control')) {
    const count = /^oom_kill (\d+)/m.exec(readText(file) ?? '')?.[1]
    if (count !== undefined) return Number(count)
  }
  return undefined
}

/**
 * Whether the kernel ends our whole group at once when memory ends (`memory.oom.group`, which Kubernetes sets), so that a death of
 * all may be the fault of one. True where nobody can tell.
 */
export function diesTogether(roots: CgroupRoots = ROOTS): boolean {
  if (readOomKills(roots) === undefined) return true
  // Version 1 knows no such switch.
  return candidates(roots, 'memory.oom.group', '').some((file) => readText(file)?.trim() === '1')
}

/**
 * The files of our group, the nearest first. Inside a container the path in /proc may be the host's while /sys shows our group
 * as the root, so that the root comes last.
 */
function candidates({ sys, membership }: CgroupRoots, nameV2: string, nameV1: string): string[] {
  const lines = (readText(membership) ?? '').trim().split('\n')
  const groups = lines.map((line) => line.split(':') as [string, string, string])
  const v2 = groups.find(([hierarchy]) => hierarchy === '0')?.[2]
  const v1 = groups.find(([, controllers]) => controllers?.split(',').includes('memory'))?.[2]
  return [
    ...(v1 === undefined ? [] : [join(sys, 'memory', v1, nameV1), join(sys, 'memory', nameV1)]),
    ...(v2 === undefined ? [] : [join(sys, v2, nameV2), join(sys, nameV2)]),
  ]
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined // Not this version, or not Linux.
  }
}
