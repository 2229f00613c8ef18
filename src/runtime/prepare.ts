/** The one-shot child before the first worker: it may migrate, recover, and refuse the start. */
import { spawnChild } from '../lib/cage.ts'
import { SuperviseError } from './supervise-error.ts'

/** Runs the script to its end and answers the lines that it announces. Throws when it refuses or dies. */
export async function prepare(script: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const lines: string[] = []
  let refusal: { message: string; exitCode: number } | undefined
  const child = spawnChild(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], environment })
  child.on('message', (message: unknown) => {
    if (isAnnouncement(message)) lines.push(...message.lines)
    if (isRefusal(message)) refusal = message
  })
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>()
  // Not `exit`: messages may still be on their way then.
  child.once('close', (exitCode, signal) => resolve(signal ?? exitCode))
  child.once('error', reject)
  const status = await promise
  if (refusal) throw new SuperviseError('start_refused', refusal.message, { exitCode: refusal.exitCode })
  if (status !== 0) throw new SuperviseError('start_refused', `The preparation of the start ended with ${status}.`)
  return lines
}

function isAnnouncement(message: unknown): message is { lines: string[] } {
  return isTyped(message, 'announce') && Array.isArray((message as { lines?: unknown }).lines)
}

function isRefusal(message: unknown): message is { message: string; exitCode: number } {
  return isTyped(message, 'refuse') && typeof (message as { message?: unknown }).message === 'string'
}

function isTyped(message: unknown, type: string): boolean {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === type
}
