/** What the data folder lies on, read from /proc/self/mountinfo (proc(5)); on other systems little is known. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'

// SQLite's WAL needs shared memory between processes, which these do not give across machines (sqlite.org/wal.html).
const NETWORK = /^(nfs|nfs4|cifs|smb3?|smbfs|9p|afs|ceph|glusterfs|fuse\.(sshfs|glusterfs|s3fs|rclone))$/
// What a container loses when it is replaced.
const EPHEMERAL = /^(overlay|aufs|tmpfs|ramfs)$/

export interface Volume {
  /** As the kernel names it, `unknown` where it does not say. */
  fileSystem: string
  mountPoint: string
  isNetwork: boolean
  /** The folder goes away with the container: it lies on the container's own layer or in memory. */
  isEphemeral: boolean
}

export function inspectVolume(folder: string, mountInfo: string | undefined = readMountInfo()): Volume {
  const path = realpathSync(folder)
  const mount = mountInfo === undefined ? undefined : mountOf(path, mountInfo)
  const fileSystem = mount?.fileSystem ?? 'unknown'
  return {
    fileSystem,
    mountPoint: mount?.mountPoint ?? sep,
    isNetwork: NETWORK.test(fileSystem),
    isEphemeral: EPHEMERAL.test(fileSystem),
  }
}

/** Whether this process runs in a container, as far as its files tell. */
export function isContainer(): boolean {
  return ['/.dockerenv', '/run/.containerenv'].some((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** The mount with the longest point that contains the path; of equals the last, which lies on top. */
function mountOf(path: string, mountInfo: string): { mountPoint: string; fileSystem: string } | undefined {
  let best: { mountPoint: string; fileSystem: string } | undefined
  for (const line of mountInfo.split('\n')) {
    // "36 35 98:0 /root /mount/point options tags - type source options"; octal escapes stand for spaces.
    const [left, right] = line.split(' - ')
    const mountPoint = left
      ?.split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    const fileSystem = right?.split(' ')[0]
    if (!mountPoint || !fileSystem) continue
    const contains = path === mountPoint || path.startsWith(mountPoint.endsWith(sep) ? mountPoint : mountPoint + sep)
    if (contains && mountPoint.length >= (best?.mountPoint.length ?? 0)) best = { mountPoint, fileSystem }
  }
  return best
}

function readMountInfo(): string | undefined {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return undefined // No Linux, or no /proc: then nothing is known, and nothing is claimed.
  }
}
