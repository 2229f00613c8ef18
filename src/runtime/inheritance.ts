/** What the environment says about sockets that were opened for this process: systemd's protocol (sd_listen_fds(3)), and ours. */

/** Set beside LISTEN_FDS by a supervisor that is to be followed. */
export const PREDECESSOR_VARIABLE = 'LISTEN_PREDECESSOR'

const FIRST = 3
const COUNT_MAX = 64

export interface Inheritance {
  descriptors?: number[]
  predecessor?: number
}

/** Nothing where the descriptors are meant for another process. */
export function inheritedDescriptors(environment: Readonly<Record<string, string | undefined>>): Inheritance {
  const count = Number(environment['LISTEN_FDS'] ?? 0)
  if (environment['LISTEN_PID'] !== String(process.pid) || !(count > 0 && count <= COUNT_MAX)) return {}
  const descriptors = Array.from({ length: count }, (_, index) => FIRST + index)
  const predecessor = Number(environment[PREDECESSOR_VARIABLE] ?? 0)
  return predecessor > 0 ? { descriptors, predecessor } : { descriptors }
}
