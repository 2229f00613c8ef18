/** The JavaScript stack of a running process, fetched by a helper that lives for this one question. */
import { fileURLToPath } from 'node:url'
import { spawnChild } from '../lib/cage.ts'

const STACK_MS_MAX = 3000
const STACK_CHARS_MAX = 8192

/** Undefined when it cannot be had in time: a stopped process answers nothing. */
export async function readStack(pid: number, timeoutMs = STACK_MS_MAX): Promise<string | undefined> {
  const entry = fileURLToPath(new URL('./stack-main.ts', import.meta.url))
  const helper = spawnChild(process.execPath, [entry, String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  helper.stdout!.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < STACK_CHARS_MAX) text += part
  })
  const timer = setTimeout(() => helper.kill('SIGKILL'), timeoutMs)
  const { promise, resolve } = Promise.withResolvers<void>()
  helper.once('close', resolve)
  helper.once('error', () => resolve())
  await promise
  clearTimeout(timer)
  const stack = text.trimEnd().slice(0, STACK_CHARS_MAX)
  return stack === '' ? undefined : stack
}
