/**
 * What the runtime itself costs in memory: supervisor and worker at rest, and one idle stream of events. Anonymous memory from
 * `smaps_rollup`. `node bench/runtime-memory.ts [STREAMS]`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { controlCall, type SupervisorStatus } from '../src/runtime.ts'
import { readProcess } from './support/process-memory.ts'

const STREAMS = Number(process.argv[2] ?? 1000)
const SETTLE_MS = 5000
const SMALL = ['--max-semi-space-size=1', '--v8-pool-size=0']

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
// Twice, because the first run fills the compile cache, and who strips types keeps 31 MB.
await (await start())()
const stop = await start(true)
await stop()
rmSync(folder, { recursive: true, force: true })

async function start(isMeasured = false): Promise<() => Promise<unknown>> {
  const child = spawn(
    process.execPath,
    [...SMALL, resolve(import.meta.dirname, 'support/http-runtime.ts'), folder, '1'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'bench-compile-cache') },
    },
  )
  const [line] = await once(child.stdout, 'data')
  if (isMeasured) await measure(new URL(String(line).trim()))
  return () => {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    return exited
  }
}

async function measure(url: URL): Promise<void> {
  await sleep(SETTLE_MS)
  const status = (await controlCall(join(folder, 'control.sock'), 'status')) as unknown as SupervisorStatus
  const worker = status.workers[0]!.pid
  const read = (pid: number) => readProcess(pid)!.anonymousMb
  const [supervisor, empty] = [read(status.supervisor.pid), read(worker)]
  console.log(
    `supervisor ${supervisor.toFixed(1)} MB + worker ${empty.toFixed(1)} MB = ${(supervisor + empty).toFixed(1)} MB`,
  )
  await open(url, 50)
  await sleep(SETTLE_MS)
  const before = read(worker)
  await open(url, STREAMS)
  await sleep(SETTLE_MS)
  console.log(`one idle stream of ${STREAMS}: ${(((read(worker) - before) * 1024) / STREAMS).toFixed(1)} kB`)
}

async function open({ hostname, port }: URL, count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname)
      socket.write('GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n')
      await once(socket, 'data')
      return socket.unref()
    }),
  )
}
