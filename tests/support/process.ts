/** Processes that a test has started. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Signals it and waits for its end; answers its exit code. Nothing happens to one that has ended. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
  return child.exitCode
}
