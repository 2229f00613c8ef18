/**
 * Accidents on purpose, for a server that is being developed: at the rates that were asked for, a child is killed, hangs, or takes
 * all the memory that it can get. Every one is noted; what follows is the ordinary business of the supervisor.
 */
import type { Bind, ChaosRates } from '../runtime.ts'
import type { Child } from './child.ts'
import { readTree } from './process-tree.ts'
import { SuperviseError } from './supervise-error.ts'

export interface ChaosOptions {
  rates: ChaosRates
  children(): readonly Child[]
  note(event: string, details: Record<string, string | number>): void
}

const TICK_MS = 100
const TICKS_PER_SECOND = 1000 / TICK_MS

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$|^unix:/

/** Nobody but the developer may be meant. Throws `address_unusable`. */
export function assertLoopback(binds: readonly Bind[]): void {
  const open = binds.find(({ address }) => !LOOPBACK.test(address))
  if (!open) return
  const message = `Chaos is for development: it is refused on ${open.address}. Listen on 127.0.0.1 alone, or leave --chaos away.`
  throw new SuperviseError('address_unusable', message)
}

export function openChaos({ rates, children, note }: ChaosOptions): Disposable {
  const strike = (accident: keyof ChaosRates) => {
    const child = oneOf(children().filter(({ phase, role }) => phase !== 'ended' && role !== 'caretaker'))
    if (!child) return
    if (accident === 'kill') {
      // Readers of documents and their text recognition are children of children.
      const pid = oneOf(readTree(child.pid))
      if (pid === undefined) return
      note('chaos', { accident, role: child.role, pid })
      killIfAlive(pid)
    } else if (child.phase === 'ready') {
      note('chaos', { accident, role: child.role, pid: child.pid })
      child.send({ type: 'accident', accident })
    }
  }
  const timer = setInterval(() => {
    for (const accident of ['kill', 'hang', 'hog'] as const)
      if (Math.random() < rates[accident] / TICKS_PER_SECOND) strike(accident)
  }, TICK_MS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function oneOf<T>(among: readonly T[]): T | undefined {
  return among[Math.floor(Math.random() * among.length)]
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended in between.
  }
}

const HOG_STEP_BYTES = 16 * 1024 * 1024
const HOG_STEP_MS = 20
/** Without a container nothing else would end it. */
const HOG_BYTES_MAX = 1024 * 1024 * 1024

/** The child's side. */
export function haveAccident(accident: 'hang' | 'hog'): void {
  if (accident === 'hang') for (;;);
  const held: Buffer[] = []
  setInterval(() => {
    if (held.length * HOG_STEP_BYTES < HOG_BYTES_MAX) held.push(Buffer.alloc(HOG_STEP_BYTES, 1))
  }, HOG_STEP_MS)
}
