/** Whether memory holds one worker more. The full ledger of shares comes on top of this; here only what is free counts. */
import { totalmem } from 'node:os'

export interface Room {
  freeBytes: number
  neededBytes: number
  isEnough: boolean
}

/** Never given away: the kernel needs some, and estimates err. */
const RESERVE_SHARE = 0.08
const RESERVE_BYTES_MIN = 16 * 1024 * 1024
/** A successor boots to about what its predecessor holds, and a little more while it boots. */
const BOOT_FACTOR = 1.2

/** `totalBytesMax` 0: what the container or the machine has. */
export function measureRoom(totalBytesMax: number, heldBytes: number, workerBytes: number): Room {
  const limit = totalBytesMax || Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  const reserve = Math.max(RESERVE_BYTES_MIN, limit * RESERVE_SHARE)
  // Where a limit is set by hand only our own processes count; otherwise everything in the container does.
  const free = totalBytesMax ? limit - heldBytes : Math.min(process.availableMemory(), limit - heldBytes)
  const freeBytes = Math.round(free - reserve)
  const neededBytes = Math.round(workerBytes * BOOT_FACTOR)
  return { freeBytes, neededBytes, isEnough: freeBytes >= neededBytes }
}
