/** A supervisor in a process of its own over a tiny application, as an operator would run it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { controlCall, type SuperviseOptions, type SupervisorStatus } from '../../src/runtime.ts'
import { endProcess } from '../support/process.ts'

export const APPS = resolve(import.meta.dirname, 'apps')
const MAIN = resolve(import.meta.dirname, 'supervisor-main.ts')

export type TestOptions = Partial<Omit<SuperviseOptions, 'log'>> & {
  app?: string
  variables?: Record<string, string>
  /** Before `node`, such as `unshare`. */
  prefix?: readonly string[]
  cwd?: string
  folder?: string
  /** Descriptors handed on as 3, 4, … */
  descriptors?: readonly number[]
}

export interface TestSupervisor extends AsyncDisposable {
  readonly url: string
  readonly process: ChildProcess
  readonly pid: number
  readonly folder: string
  readonly lines: readonly string[]
  log(): string
  status(): Promise<SupervisorStatus>
  control(command: string, args?: unknown): Promise<unknown>
  /** The pids of its web workers that serve. */
  workerPids(): Promise<number[]>
  /** Signals the supervisor and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export async function startSupervisor(options: TestOptions = {}): Promise<TestSupervisor> {
  const { app = 'hello.ts', variables = {}, prefix = [], folder: given, descriptors = [], cwd, ...rest } = options
  const folder = given ?? mkdtempSync(join(tmpdir(), 'runtime-'))
  const full = {
    binds: [{ label: 'public', address: '127.0.0.1:0' }],
    application: join(APPS, app),
    workers: 1,
    environment: { TEST_FOLDER: folder },
    lockFile: join(folder, 'lock'),
    controlSocket: join(folder, 'control.sock'),
    pidFile: join(folder, 'pid'),
    ...rest,
  }
  const command = [...prefix, process.execPath, MAIN, JSON.stringify(full)]
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    ...(cwd ? { cwd } : {}),
  })
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const lines: string[] = []
  let url = ''
  const reader = createInterface({ input: child.stdout! })
  for await (const line of reader) {
    lines.push(line)
    if (url === '' && line.startsWith('http')) url = line
    if (line === 'ready' || line.startsWith('refused')) break
  }
  child.stdout!.resume()
  const control = (name: string, args: unknown = null) => controlCall(full.controlSocket, name, args as null)
  const status = async () => (await control('status')) as unknown as SupervisorStatus
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => endProcess(child, signal)
  return {
    url,
    process: child,
    pid: prefix.length === 0 ? child.pid! : Number(readFileSync(full.pidFile, 'utf8')),
    folder,
    lines,
    log: () => log,
    status,
    control,
    async workerPids() {
      const { workers } = await status()
      return workers.filter(({ role, phase }) => role === 'web' && phase === 'ready').map(({ pid }) => pid)
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGQUIT')
      if (given === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Looks every 20 ms until the answer is truthy; fails after the time with what was last seen. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
  ms = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + ms
  for (;;) {
    const seen = await look()
    if (seen) return seen as Exclude<T, false | null | undefined>
    if (performance.now() > deadline)
      throw new Error(`waited ${ms} ms for: ${what}; last seen: ${JSON.stringify(seen)}`)
    await sleep(20)
  }
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}

export async function text(url: string, init?: RequestInit): Promise<string> {
  return (await fetch(url, init)).text()
}
