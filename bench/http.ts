/**
 * The same application on bare node:http and under the runtime, in one run: requests per second, p99 and processor time of the
 * process that answers, the median of alternating rounds. `node bench/http.ts [ROUNDS] [SECONDS]`. Servers are pinned to core 0 and the clients to core 1 where
 * `taskset` is there, except for the round with two workers, which needs both.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { controlCall, type SupervisorStatus } from '../src/runtime.ts'
import { readProcess } from './support/process-memory.ts'

const ROUNDS = Number(process.argv[2] ?? 9)
const SECONDS = Number(process.argv[3] ?? 2)
const HERE = import.meta.dirname
const CLIENTS = resolve(HERE, 'support/http-clients.ts')
const hasTaskset = spawnSync('taskset', ['--version']).status === 0

interface Result {
  perSecond: number
  p99Ms: number
  /** User and system, per request. */
  processorUs: number
}

interface Server {
  url: string
  /** Of the process that answers, or one of them. */
  pid: number
  stop(): Promise<void>
  memory?(): Promise<string>
}

for (const [path, what] of [
  ['/json', 'small JSON'],
  ['/work', 'JSON after 1 ms of work'],
] as const) {
  const results: Record<'bare' | 'runtime', Result[]> = { bare: [], runtime: [] }
  // Both stay, one of them idle, so that a pair is a few seconds apart and the compiler is done with both.
  const servers = { bare: await startBare(), runtime: await startRuntime(1, 0) }
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? (['bare', 'runtime'] as const) : (['runtime', 'bare'] as const)
    for (const name of order) results[name].push(await measure(servers[name], path))
  }
  for (const server of Object.values(servers)) await server.stop()
  const [bare, runtime] = [medianOf(results.bare), medianOf(results.runtime)]
  print(`${what}, bare node:http`, bare)
  print(`${what}, runtime, 1 worker`, runtime)
  const more = medianNumber(
    results.runtime.map((result, round) => result.processorUs / results.bare[round]!.processorUs),
  )
  console.log(
    `  ${((runtime.perSecond / bare.perSecond) * 100).toFixed(1)} % of the requests, ${(more * 100).toFixed(1)} % of the processor time (median of ${ROUNDS} pairs)`,
  )
}

const scaling: Record<1 | 2, Result[]> = { 1: [], 2: [] }
for (let round = 0; round < ROUNDS; round += 1) {
  for (const workers of [1, 2] as const) {
    const server = await startRuntime(workers)
    scaling[workers].push(await measure(server, '/cpu', 8))
    await server.stop()
  }
}
print('10 ms of CPU, 1 worker', medianOf(scaling[1]))
print('10 ms of CPU, 2 workers', medianOf(scaling[2]))
console.log(`  ${(medianOf(scaling[2]).perSecond / medianOf(scaling[1]).perSecond).toFixed(2)} times one worker`)

const idle = await startRuntime(1)
console.log(await idle.memory!())
await idle.stop()

async function measure(server: Server, path: string, clients = 16): Promise<Result> {
  const child = spawn(
    ...pinned(1, [
      process.execPath,
      CLIENTS,
      `${server.url}${path}`,
      String(clients),
      String(SECONDS),
      String(server.pid),
    ]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = await once(child.stdout!, 'data')
  return JSON.parse(String(line))
}

async function startBare(): Promise<Server> {
  const child = spawn(
    ...pinned(0, [process.execPath, '--max-semi-space-size=2', resolve(HERE, 'support/http-bare.ts')]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // `taskset` becomes the program that it starts.
  return { url: await firstLine(child), pid: child.pid!, stop: () => end(child) }
}

async function startRuntime(workers: number, core?: number): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const command = [process.execPath, resolve(HERE, 'support/http-runtime.ts'), folder, String(workers)]
  const child = spawn(...(core === undefined ? ([command[0]!, command.slice(1)] as const) : pinned(core, command)), {
    stdio: ['ignore', 'pipe', 'inherit'],
    // As the launcher starts it: what strips types in a cold process stays in it (31 MB).
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'bench-compile-cache') },
  })
  const url = await firstLine(child)
  const statusNow = async () =>
    (await controlCall(join(folder, 'control.sock'), 'status')) as unknown as SupervisorStatus
  return {
    url,
    pid: (await statusNow()).workers[0]!.pid,
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
    async memory() {
      const status = await statusNow()
      const worker = readProcess(status.workers[0]!.pid)!.anonymousMb
      const supervisor = readProcess(status.supervisor.pid)!.anonymousMb
      return `anonymous memory: supervisor ${supervisor.toFixed(1)} MB, worker with an empty application ${worker.toFixed(1)} MB`
    },
  }
}

function pinned(core: number, command: string[]): [string, string[]] {
  const whole = hasTaskset ? ['taskset', '-c', String(core), ...command] : command
  return [whole[0]!, whole.slice(1)]
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(child.stdout!, 'data')
  return String(line).trim()
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  child.kill('SIGQUIT')
  await exited
}

function medianOf(results: readonly Result[]): Result {
  return {
    perSecond: medianNumber(results.map(({ perSecond }) => perSecond)),
    p99Ms: medianNumber(results.map(({ p99Ms }) => p99Ms)),
    processorUs: medianNumber(results.map(({ processorUs }) => processorUs)),
  }
}

function medianNumber(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}

function print(what: string, { perSecond, p99Ms, processorUs }: Result): void {
  const rate = `${perSecond.toFixed(0).padStart(7)} requests/s`
  console.log(
    `${what.padEnd(42)} ${rate}  p99 ${p99Ms.toFixed(1)} ms  ${processorUs.toFixed(1)} µs of processor time each`,
  )
}
