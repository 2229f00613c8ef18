/**
 * USR2: the same command again, as a new supervisor on the same sockets. Both serve until one of them is told to stop: the old
 * one when the new one is good, the new one when it is not.
 */
import { spawn } from 'node:child_process'
import { env as inherited } from 'node:process'
import type { Binding } from './binding.ts'
import { PREDECESSOR_VARIABLE } from './inheritance.ts'
import { readState } from './process-memory.ts'

/** Answers the pid of the successor. Throws where the old process may not end without the container ending. */
export function startSuccessor(bindings: readonly Binding[]): number {
  if (process.pid === 1)
    throw new Error('The supervisor is process 1: its end ends the container, so it cannot be replaced by a new one.')
  // LISTEN_PID names the process that the descriptors are for (sd_listen_fds(3)), and only a shell knows its pid before it
  // becomes that process.
  const successor = spawn(
    'sh',
    ['-c', 'export LISTEN_PID=$$; exec "$@"', 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    {
      stdio: ['inherit', 'inherit', 'inherit', ...bindings.map(({ fd }) => fd)],
      env: { ...inherited, LISTEN_FDS: String(bindings.length), [PREDECESSOR_VARIABLE]: String(process.pid) },
      detached: true,
    },
  )
  successor.once('error', () => undefined)
  successor.unref()
  for (const binding of bindings) binding.share()
  return successor.pid ?? 0
}

const LOOK_MS = 100

/** Resolves when the process has ended. It is no child of ours, so that nobody tells us. */
export function endOf(pid: number): { ended: Promise<void> } & Disposable {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setInterval(() => {
    try {
      process.kill(pid, 0)
      if (readState(pid) !== 'Z') return
    } catch {
      // It is gone.
    }
    clearInterval(timer)
    resolve()
  }, LOOK_MS)
  return { ended: promise, [Symbol.dispose]: () => clearInterval(timer) }
}

/** Who reads our output may go away; that is no reason to stop serving. */
export function ignoreBrokenOutput(): Disposable {
  const ignore = () => undefined
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore)
  return {
    [Symbol.dispose]: () => {
      for (const stream of [process.stdout, process.stderr]) stream.off('error', ignore)
    },
  }
}
