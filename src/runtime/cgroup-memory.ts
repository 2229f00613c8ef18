/** What the container allows and uses, from the files of cgroup v2 and v1. The folders can be exchanged for a fixture. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CgroupRoots } from '../lib/cgroup.ts'

export interface GroupMemory {
  version: 1 | 2
  /** The smallest of our group and those above it; undefined where none sets a limit. */
  limitBytes: number | undefined
  /** Of our group, file cache included. */
  usedBytes: number | undefined
  /** Of our group, without the file cache. */
  anonymousBytes: number | undefined
  /** Of what is used, what the kernel gives back when somebody needs memory: the file cache. */
  reclaimableBytes: number | undefined
  /** Share of the last ten seconds, in percent, in which all of the group stood still for want of memory (version 2). */
  stalledPercent: number | undefined
  /** When memory ends the kernel kills everything in the group at once, whatever `oom_score_adj` says (Kubernetes sets this). */
  diesTogether: boolean
}

const ROOTS: CgroupRoots = { sys: '/sys/fs/cgroup', membership: '/proc/self/cgroup' }
const V1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  anonymous: /^total_rss (\d+)/m,
  reclaimable: /^total_(?:in)?active_file (\d+)/gm,
} as const
const V2 = {
  limit: 'memory.max',
  used: 'memory.current',
  anonymous: /^anon (\d+)/m,
  reclaimable: /^(?:(?:in)?active_file|slab_reclaimable) (\d+)/gm,
} as const
/** Version 1 says "no limit" with the largest multiple of a page in 63 bits; nothing has this much memory. */
const NO_LIMIT_BYTES = 2 ** 60

/** Undefined where no memory controller is to be seen. About 0.1 ms. */
export function readGroupMemory(roots: CgroupRoots = ROOTS): GroupMemory | undefined {
  const membership = readText(roots.membership) ?? ''
  // Version 1 first: on a mixed machine the memory controller is there, and the tree of version 2 has none.
  const own1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(membership)?.[1]
  const own2 = /^0::(.*)$/m.exec(membership)?.[1]
  return (
    (own1 === undefined ? undefined : readGroup(1, join(roots.sys, 'memory'), own1)) ??
    (own2 === undefined ? undefined : readGroup(2, roots.sys, own2))
  )
}

function readGroup(version: 1 | 2, root: string, own: string): GroupMemory | undefined {
  const files = version === 1 ? V1 : V2
  const folders = upwards(root, own)
  const limits = folders.map((folder) => readNumber(join(folder, files.limit))).filter((bytes) => bytes !== undefined)
  // The root of version 2 has no limit and no usage, so that a group is known by its statistics.
  const nearest = folders.find((folder) => readText(join(folder, 'memory.stat')) !== undefined)
  if (nearest === undefined) return undefined
  const statistics = readText(join(nearest, 'memory.stat')) ?? ''
  const anonymous = files.anonymous.exec(statistics)?.[1]
  const reclaimable = [...statistics.matchAll(files.reclaimable)]
  return {
    version,
    limitBytes: limits.length === 0 ? undefined : Math.min(...limits),
    usedBytes: readNumber(join(nearest, files.used)),
    anonymousBytes: anonymous === undefined ? undefined : Number(anonymous),
    reclaimableBytes:
      reclaimable.length === 0 ? undefined : reclaimable.reduce((sum, [, bytes]) => sum + Number(bytes), 0),
    stalledPercent: readStalled(join(nearest, 'memory.pressure')),
    diesTogether: folders.some((folder) => readText(join(folder, 'memory.oom.group'))?.trim() === '1'),
  }
}

/** Our group and those above it, the nearest first. Inside a container the path may be the host's while the root shows our group. */
function upwards(root: string, own: string): string[] {
  const folders = [root]
  for (let path = own; path !== '/' && path !== '.' && path !== ''; path = dirname(path)) {
    folders.splice(folders.length - 1, 0, join(root, path))
  }
  return folders
}

/** Pressure stall information (Documentation/accounting/psi.rst); undefined where the kernel tells none. */
export function readStalled(path = '/proc/pressure/memory'): number | undefined {
  const percent = /^full avg10=([\d.]+)/m.exec(readText(path) ?? '')?.[1]
  return percent === undefined ? undefined : Number(percent)
}

/** Undefined for `max`, for the largest number there is, and where there is no such file. */
function readNumber(path: string): number | undefined {
  const bytes = Number.parseInt(readText(path) ?? '', 10)
  return Number.isNaN(bytes) || bytes >= NO_LIMIT_BYTES ? undefined : bytes
}

function readText(path: string): string | undefined {
  try {
    // As UTF-8 Node reads a file without a buffer of 64 kB for it.
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // Not this version, or not Linux.
  }
}
