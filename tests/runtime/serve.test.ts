/** `knowbot serve` with an application of somebody else: the runtime as operators meet it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { isAlive, text, until } from './support.ts'

const PROGRAM = resolve(import.meta.dirname, '../../src/bin/knowbot.ts')
const APP = resolve(import.meta.dirname, 'apps/hello.ts')

test('S7: --check-config ends with 2 and names the key, and a running server keeps what it has at HUP', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'))
  const file = join(folder, 'config')
  writeFileSync(file, 'KNOWBOT_TIMEOUT=20\n')
  await using server = await serve(folder, ['--config', file])
  writeFileSync(file, 'KNOWBOT_TIMEOUT=soon\n')
  const { status, stderr } = knowbot(['serve', '--check-config', '--config', file, '--data', folder])
  assert.equal(status, 2)
  assert.match(stderr, /KNOWBOT_TIMEOUT/)
  assert.equal(stderr.trim().split('\n').length, 1)

  const before = await text(`${server.url}/pid`)
  server.process.kill('SIGHUP')
  await until(() => server.log().includes('signal-refused'), 'the refusal')
  assert.equal(await text(`${server.url}/pid`), before)
})

test('S8: --workers auto prints how it counted, and starts as many', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'))
  await using server = await serve(folder, ['--workers', 'auto'], { KNOWBOT_MEMORY: '512MB' })
  assert.match(server.lines.join('\n'), /2 × \d+/)
  const { workersWanted } = JSON.parse(knowbot(['status', '--json', '--data', folder]).stdout)
  assert.equal(workersWanted, 1)
})

test('S40: USR2 at the command: the new one serves, the old one goes, and commands reach the new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'))
  await using server = await serve(folder, ['--pid', join(folder, 'pid')])
  server.process.kill('SIGUSR2')
  const second = await until(() => readPid(join(folder, 'pid.2')), 'the second pid file')
  const seen = new Set<string>()
  await until(
    async () => seen.add(await text(`${server.url}/pid`, { headers: { connection: 'close' } })).size === 2,
    'both',
  )
  server.process.kill('SIGTERM')
  await once(server.process, 'exit')
  try {
    assert.equal(await text(server.url), 'hello')
    const pidOf = () => JSON.parse(knowbot(['status', '--json', '--data', folder]).stdout || '{}').supervisor?.pid
    await until(() => pidOf() === second, 'the command at the new one')
    assert.equal(knowbot(['drain', '--data', folder]).status, 0)
  } finally {
    await until(() => !isAlive(second), 'its end').catch(() => process.kill(second, 'SIGKILL'))
  }
})

interface Serving extends AsyncDisposable {
  url: string
  lines: string[]
  process: ChildProcess
  log(): string
}

async function serve(folder: string, args: string[], variables: Record<string, string> = {}): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--bind', '127.0.0.1:0', '--data', folder, '--app', APP, ...args],
    {
      env: { PATH: process.env['PATH'], HOME: folder, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (part) => {
    log += part
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.startsWith('Ready')) break
  }
  child.stdout.resume()
  return {
    url: /http:\S+/.exec(lines.join('\n'))?.[0] ?? '',
    lines,
    process: child,
    log: () => log,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGQUIT')
        await exited
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function knowbot(args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
  })
}

function readPid(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
