/** A real server in a fresh folder, as `npm start` would start it, for tests that come in by the front door. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { endProcess } from './process.ts'

export const BOOTSTRAP_KEY = 'a-key-of-the-test-suite-0123456789'

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly folder: string
  /** The link that makes the first administrator. */
  readonly setupUrl: string | undefined
  readonly process: ChildProcess
  /** Everything the server wrote to standard error so far. */
  log(): string
  /** A request as the bootstrap key's user. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Stops the server and keeps the folder. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface ServerOptions {
  /** A folder to go on with; a fresh one otherwise, removed at the end. */
  folder?: string
  args?: readonly string[]
  environment?: Readonly<Record<string, string>>
  /** The command line by which the server starts elsewhere, under the same pid: in a memory cgroup. */
  wrap?(line: readonly string[]): string[]
}

const PROGRAM = resolve(import.meta.dirname, '../../src/bin/knowbot.ts')
const START_MS_MAX = 30_000

/** Resolves when the server has printed its address and a worker answers. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'knowbot-test-')))
  const own = [process.execPath, PROGRAM, 'serve', '--bind', '127.0.0.1:0', '--data', folder, ...(options.args ?? [])]
  const [command, ...args] = options.wrap?.(own) ?? own
  const child = spawn(command!, args, {
    env: { PATH: process.env['PATH'], HOME: folder, KNOWBOT_BOOTSTRAP_KEY: BOOTSTRAP_KEY, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const { url, setupUrl } = await readAddress(child, () => log)
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => endProcess(child, signal)
  return {
    url,
    folder,
    setupUrl,
    process: child,
    log: () => log,
    fetch: (path, init = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${BOOTSTRAP_KEY}`, ...init.headers } }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readAddress(
  child: ChildProcess,
  log: () => string,
): Promise<{ url: string; setupUrl: string | undefined }> {
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS_MAX)
  let url: string | undefined
  let setupUrl: string | undefined
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      setupUrl ??= /http:\S+#setup=\S+/.exec(line)?.[0]
      url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      // The last line of a start says that it is ready.
      if (/^ready\b/i.test(line)) break
    }
  } finally {
    clearTimeout(timer)
  }
  if (url === undefined) throw new Error(`the server printed no address; its log:\n${log()}`)
  child.stdout!.resume()
  return { url, setupUrl }
}

/** Uploads one file and waits until it is ready or failed. */
export async function upload(
  server: TestServer,
  name: string,
  bytes: Uint8Array | string,
): Promise<Record<string, unknown>> {
  const form = new FormData()
  form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form, headers: { prefer: 'wait=60' } })
  return (await response.json()) as Record<string, unknown>
}
