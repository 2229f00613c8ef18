/**
 * Room on the disk. A reserve file of 16 MB lies beside the database; when the disk is full it is given back, so that
 * deleting still works. Uploads are refused earlier, at the low-water mark.
 */
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { KnowBotError } from '../errors.ts'
import { MIB, printBytes } from '../lib/units.ts'

const RESERVE_BYTES = 16 * MIB
/** Below this much free space no upload is taken. */
export const LOW_WATER_BYTES = 64 * MIB

export interface Space {
  freeBytes(): Promise<number>
  /** Throws `disk_full` when keeping this many bytes would go below the low-water mark. */
  assertRoom(bytes: number): Promise<void>
  /** Gives the reserve back to the file system; false when it was not there. */
  releaseReserve(): boolean
  /** Lays the reserve aside where it is missing and there is room for it again. */
  restoreReserve(): Promise<void>
}

export function openSpace(folder: string): Space {
  const reserve = join(folder, 'reserve')
  // Free for us, not for root: bavail.
  const look = async () => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  }
  // Who asks while somebody looks gets the same answer: twenty uploads at once are not twenty journeys to a thread and back.
  let looking: Promise<number> | undefined
  const freeBytes = () => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  return {
    freeBytes,
    async assertRoom(bytes) {
      const free = await freeBytes()
      if (free - bytes >= LOW_WATER_BYTES) return
      const message = `Expected room for ${printBytes(bytes)} and ${printBytes(LOW_WATER_BYTES)} in reserve, but the data folder has ${printBytes(free)} left. Delete documents or enlarge the volume.`
      throw new KnowBotError('disk_full', message)
    },
    releaseReserve() {
      if (!exists(reserve)) return false
      rmSync(reserve, { force: true })
      return true
    },
    async restoreReserve() {
      if (exists(reserve) || (await freeBytes()) < LOW_WATER_BYTES + RESERVE_BYTES) return
      writeReserve(reserve)
    },
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Real bytes, not a hole: a sparse file reserves nothing. */
function writeReserve(path: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    const block = Buffer.alloc(MIB, 0xa5)
    for (let written = 0; written < RESERVE_BYTES; written += block.length) writeSync(file, block)
    fsyncSync(file)
  } catch {
    // A quota says no where the file system has room. Work goes on without a reserve, and half of one would look like a whole.
    rmSync(path, { force: true })
  } finally {
    closeSync(file)
  }
}
