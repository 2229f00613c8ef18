/** Tells the server when the disk is so full that nothing may be written any more, and when it may again. */
import { MIB, printBytes, SECOND_MS } from '../lib/units.ts'
import type { Storage } from '../storage.ts'

/** Uploads stop at 64 MB and reading at 32 MB, so that chats and deleting have room for long; here they have none. */
const FULL_BYTES = 16 * MIB
const ENOUGH_BYTES = 32 * MIB
const LOOK_EVERY_MS = 5 * SECOND_MS

export function watchDisk(space: Pick<Storage['space'], 'freeBytes'>, tell: (why: string | null) => void): () => void {
  let isFull = false
  const look = async () => {
    const bytes = await space.freeBytes().catch(() => undefined) // A folder that is gone is told by whoever needs it.
    if (bytes === undefined || bytes < (isFull ? ENOUGH_BYTES : FULL_BYTES) === isFull) return
    isFull = !isFull
    tell(isFull ? `the disk of the data folder is full: ${printBytes(bytes)} left` : null)
  }
  void look()
  const timer = setInterval(look, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}
