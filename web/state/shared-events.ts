/**
 * One stream of events for all windows of a browser, because a browser opens no more than six connections to one address and
 * a stream occupies one for good. The window that holds the lock reads and tells the others; when it closes, the next one does.
 * Web locks exist where the connection is trustworthy; elsewhere every window reads for itself.
 */
import { type Follower, followEvents } from '../event-stream.ts'

type Told =
  | { type: 'connect' }
  | { type: 'event'; event: string | undefined; data: string }
  | { type: 'trouble'; code: string; message: string }

/** `owner` keeps apart what belongs to different people who use this browser in turn. */
export async function followShared(
  path: string,
  owner: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  if (!('locks' in navigator)) return followEvents(path, follower, signal)
  const name = `knowbot.events.${owner}`
  const channel = new BroadcastChannel(name)
  const tell = (told: Told) => channel.postMessage(told)
  channel.addEventListener('message', ({ data }) => listen(follower, data as Told), { signal })
  // Another window may have been connected for long; this one has seen nothing yet.
  follower.onConnect()
  try {
    await navigator.locks.request(name, { signal }, () => followEvents(path, telling(follower, tell), signal))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    channel.close()
  }
}

function telling(follower: Follower, tell: (told: Told) => void): Follower {
  return {
    onConnect() {
      tell({ type: 'connect' })
      follower.onConnect()
    },
    onEvent({ event, data }) {
      tell({ type: 'event', event, data })
      follower.onEvent({ event, data })
    },
    onTrouble(error) {
      tell({ type: 'trouble', code: error.code, message: error.message })
      return follower.onTrouble(error)
    },
  }
}

function listen(follower: Follower, told: Told): void {
  switch (told.type) {
    case 'connect':
      follower.onConnect()
      return
    case 'event':
      follower.onEvent(told)
      return
    case 'trouble':
      follower.onTrouble(told)
  }
}
