/** Boot, death and end of the processes of one server. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAlive, startSupervisor, text, until } from './support.ts'

test('S9: after a kill -9 of the only worker another serves within a second, on the same socket', async () => {
  await using server = await startSupervisor()
  const first = Number(await text(`${server.url}/pid`))
  process.kill(first, 'SIGKILL')
  const second = Number(
    await text(`${server.url}/pid`, { headers: { connection: 'close' } }).catch(() => text(`${server.url}/pid`)),
  )
  assert.notEqual(second, first)
})

test('S13: a worker that exits with 0 without being asked is replaced', async () => {
  await using server = await startSupervisor()
  const first = await text(`${server.url}/pid`)
  await fetch(`${server.url}/exit?code=0`).catch(() => undefined)
  await until(async () => (await text(`${server.url}/pid`).catch(() => first)) !== first, 'another pid')
})

test('S18: after a kill -9 of the supervisor its children are gone, a busy one too, and the port is free', async () => {
  await using server = await startSupervisor({ workers: 2 })
  const pids = await until(async () => {
    const ready = await server.workerPids()
    return ready.length === 2 && ready
  }, 'two workers')
  void fetch(`${server.url}/hang`).catch(() => undefined)
  await server.stop('SIGKILL')
  await until(() => !pids.some(isAlive), 'the end of the workers', 2000)
  const port = new URL(server.url).port
  await using next = await startSupervisor({
    folder: server.folder,
    binds: [{ label: 'public', address: `127.0.0.1:${port}` }],
  })
  assert.equal(await text(`${next.url}/`), 'hello')
})

test('a second server on the same lock is refused, and told the pid of the first', async () => {
  await using server = await startSupervisor()
  const second = await startSupervisor({ folder: server.folder })
  assert.match(second.lines[0]!, new RegExp(`^refused folder_in_use .*pid ${server.pid}`))
  assert.equal(await server.stop(), 0)
  assert.ok(!existsSync(join(server.folder, 'lock')))
})

test('the lock of a dead process is swept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  writeFileSync(join(folder, 'lock'), '4194300 123\n')
  await using server = await startSupervisor({ folder })
  assert.equal(await text(`${server.url}/`), 'hello')
})

test('messages reach all other children, and nobody hears his own', async () => {
  await using server = await startSupervisor({ workers: 2 })
  await until(async () => (await server.workerPids()).length === 2, 'two workers')
  await text(`${server.url}/publish?text=tea`)
  const all = await until(async () => {
    const answers = new Map<string, string>()
    // Connections of their own, so that both workers are met.
    for (let index = 0; index < 20; index += 1) {
      const headers = { connection: 'close' }
      const response = await fetch(`${server.url}/heard`, { headers })
      answers.set(await response.text(), 'seen')
    }
    return answers.has('["tea"]') && [...answers.keys()]
  }, 'the message in one worker')
  assert.ok(all.every((heard) => heard === '[]' || heard === '["tea"]'))
})

test('S86: what a job worker prints, or says that is no message of ours, while it starts is ignored, and its work is done', async () => {
  const jobs = { module: join(import.meta.dirname, 'apps/noise.ts'), max: 1 }
  await using server = await startSupervisor({ jobs })
  await fetch(`${server.url}/work`)
  await until(() => existsSync(join(server.folder, 'runs')), 'the work to be done')
  await until(async () => (await server.status()).workers.length === 1, 'the end of the job worker')
  assert.deepEqual((await server.status()).deaths, [])
})

test('a job worker starts when work is announced, goes when it is done, and comes back when it died', async () => {
  const jobs = { module: join(import.meta.dirname, 'apps/job.ts'), max: 1 }
  await using server = await startSupervisor({ jobs })
  const runs = () => (existsSync(join(server.folder, 'runs')) ? lines(join(server.folder, 'runs')) : [])
  await text(`${server.url}/work`)
  await until(() => runs().length === 1, 'the first run')
  await until(async () => (await server.status()).workers.length === 1, 'the end of the job worker')

  writeFileSync(join(server.folder, 'crash'), '')
  await text(`${server.url}/work`)
  await until(() => runs().length === 3, 'a run that dies and one more')
  // Its last word, that nothing is left, must not come after ours.
  await until(async () => (await server.status()).workers.length === 1, 'the end of that one')

  await text(`${server.url}/later?ms=300`)
  await until(() => runs().length === 4, 'a run that was due later')
  assert.equal(new Set(runs()).size, 4)
})

test('S20, S16: slots are reused and nothing is left after respawns', async () => {
  await using server = await startSupervisor({ workers: 2 })
  for (let round = 0; round < 10; round += 1) {
    const pids = await until(async () => {
      const ready = await server.workerPids()
      return ready.length === 2 && ready
    }, 'two workers')
    process.kill(pids[round % 2]!, 'SIGKILL')
    await until(async () => !(await server.workerPids()).includes(pids[round % 2]!), 'its end')
  }
  await until(async () => (await server.workerPids()).length === 2, 'two workers')
  const { workers } = await server.status()
  assert.deepEqual(workers.map(({ slot }) => slot).sort(), [0, 1])
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ').map(Number)
  assert.deepEqual(children.sort(), workers.map(({ pid }) => pid).sort())
})

test('S20: a worker that dies while its successor boots does not leave one worker too many', async () => {
  await using server = await startSupervisor({ app: 'slow-boot.ts' })
  const [pid] = await server.workerPids()
  server.process.kill('SIGHUP')
  await until(async () => (await server.status()).workers.length === 2, 'the successor that boots')
  process.kill(pid!, 'SIGKILL')
  await until(async () => (await server.status()).workers.length === 2, 'a replacement beside it')
  const [last] = await until(async () => {
    const { workers } = await server.status()
    return workers.length === 1 && workers[0]!.phase === 'ready' && workers
  }, 'one worker alone')
  assert.notEqual(last!.pid, pid)
})

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split('\n')
}

test('S19: after a kill of the supervisor the next start sweeps its pid file and its socket, and ends no stranger', async (t) => {
  await using server = await startSupervisor()
  // After it, because start times are told in ticks of 10 ms, and two processes of one tick look the same.
  const stranger = spawn('sleep', ['60'])
  t.after(() => stranger.kill('SIGKILL'))
  await server.stop('SIGKILL')
  assert.ok(existsSync(join(server.folder, 'control.sock')))
  // The pid of the dead one belongs to somebody else by now.
  const [, startTime] = readFileSync(join(server.folder, 'lock'), 'utf8').trim().split(' ')
  writeFileSync(join(server.folder, 'lock'), `${stranger.pid} ${startTime}\n`)
  await using next = await startSupervisor({ folder: server.folder })
  assert.equal((await next.status()).supervisor.pid, next.pid)
  assert.equal(readFileSync(join(server.folder, 'pid'), 'utf8').trim(), String(next.pid))
  assert.ok(isAlive(stranger.pid!))
})

test('S41: with no time to drain everything ends at once, and the next start serves', async () => {
  await using server = await startSupervisor({ limits: { gracefulTimeoutMs: 0 } })
  const cut = fetch(`${server.url}/slow?ms=60000`).catch(() => 'cut')
  await until(async () => (await server.status()).workers[0]!.openRequests > 0, 'the open request')
  const startedAt = performance.now()
  await server.stop()
  assert.ok(performance.now() - startedAt < 2000)
  assert.equal(await cut, 'cut')
  await using next = await startSupervisor({ folder: server.folder })
  assert.equal(await text(next.url), 'hello')
})
