/**
 * What stands around a server that is measured: a model double and the people who ask it, in processes of their own, pinned with whoever
 * imports this to the last processor, so that they take the same from the server in every phase.
 */
import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { BOOTSTRAP_KEY } from '../../tests/support/server.ts'
import type { Heard } from './asking-clients.ts'

const ANSWER = 'A full week is 36 hours, and everybody is in the house between ten and three [1].'
const ANSWER_MS = 1500
/** So that nobody comes to ask in step with others. */
const ANSWER_SPREAD = 0.2

// Asked before this process is pinned: afterwards it has one.
const processors = availableParallelism()
const hasTaskset = spawnSync('taskset', ['--version']).status === 0
pinToLast(process.pid)

/** The environment in which a server asks the model double, which answers over 1.2 to 1.8 s. */
export async function startModel(): Promise<{ environment: Record<string, string> } & Disposable> {
  const model = fork(join(import.meta.dirname, 'paced-model.ts'), [ANSWER, String(ANSWER_MS), String(ANSWER_SPREAD)])
  pinToLast(model.pid!)
  const [url] = (await once(model, 'message')) as [string]
  return {
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: url },
    [Symbol.dispose]: () => model.disconnect(),
  }
}

export interface People extends Disposable {
  readonly heard: Heard[]
  /** So many ask, one question after the other. */
  begin(clients: number): void
  /** Resolves after the answers in hand. */
  stop(): Promise<void>
}

export function openPeople(url: string): People {
  const child: ChildProcess = fork(join(import.meta.dirname, 'asking-clients.ts'), [url, BOOTSTRAP_KEY, ANSWER])
  pinToLast(child.pid!)
  const heard: Heard[] = []
  child.on('message', (message) => {
    if (message !== 'stopped') heard.push(message as Heard)
  })
  return {
    heard,
    begin: (clients) => void child.send({ clients }),
    async stop() {
      const stopped = new Promise<void>((resolve) => {
        child.on('message', (message) => message === 'stopped' && resolve())
      })
      child.send({ clients: 0 })
      await stopped
    },
    [Symbol.dispose]: () => child.disconnect(),
  }
}

/** A child would be pinned as this process is, and the server with it. */
export function onAllProcessors(line: readonly string[]): string[] {
  return hasTaskset ? ['taskset', '-c', `0-${processors - 1}`, ...line] : [...line]
}

function pinToLast(pid: number): void {
  if (hasTaskset) execFileSync('taskset', ['-a', '-cp', String(processors - 1), String(pid)], { stdio: 'ignore' })
}
