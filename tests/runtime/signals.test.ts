/** Stopping, reloading, scaling and upgrading, by signal and under load. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoad } from './load.ts'
import { isAlive, startSupervisor, type TestSupervisor, text, until } from './support.ts'

test('S28: at TERM an open request is answered, with Connection: close, then nobody accepts and the exit code is 0', async () => {
  await using server = await startSupervisor()
  const slow = fetch(`${server.url}/slow?ms=2000`)
  await inFlight(server)
  server.process.kill('SIGTERM')
  const response = await slow
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('connection'), 'close')
  assert.equal(await response.text(), 'slept')
  await once(server.process, 'exit')
  assert.equal(server.process.exitCode, 0)
  await assert.rejects(fetch(server.url))
})

test('S29: TERM under load gives successes and then refusals, no half answers and no silence', async () => {
  await using server = await startSupervisor()
  await using load = startLoad(`${server.url}/slow?ms=20`, { clients: 10 })
  await until(() => load.outcomes.ok > 50, 'load')
  await server.stop()
  const { timeout, other, unavailable } = await load.stop()
  assert.deepEqual({ timeout, other, unavailable }, { timeout: 0, other: [], unavailable: 0 })
})

test('S30: a request that is longer than the drain time is cut off at its end', async () => {
  await using server = await startSupervisor({ limits: { gracefulTimeoutMs: 500 } })
  const slow = fetch(`${server.url}/slow?ms=60000`).catch(() => 'cut')
  await inFlight(server)
  const startedAt = performance.now()
  await server.stop()
  assert.ok(performance.now() - startedAt < 3000)
  assert.equal(await slow, 'cut')
})

test('S31: a second TERM changes nothing, a second INT is quick', async () => {
  await using server = await startSupervisor()
  void fetch(`${server.url}/slow?ms=60000`).catch(() => undefined)
  await inFlight(server)
  server.process.kill('SIGTERM')
  server.process.kill('SIGTERM')
  await sleep(500)
  assert.equal(server.process.exitCode, null)
  server.process.kill('SIGINT')
  const startedAt = performance.now()
  await once(server.process, 'exit')
  assert.ok(performance.now() - startedAt < 2000)
})

test('S32: INT from a terminal reaches the supervisor alone, and the open request is answered', async () => {
  await using server = await startSupervisor()
  const [worker] = await server.workerPids()
  assert.notEqual(groupOf(worker!), groupOf(server.pid))
  const slow = text(`${server.url}/slow?ms=2000`)
  await inFlight(server)
  await server.stop('SIGINT')
  assert.equal(await slow, 'slept')
})

test('S33: four reloads under forty clients on kept connections: no request fails', async () => {
  await using server = await startSupervisor()
  await using load = startLoad(`${server.url}/pid`, { clients: 40, keepsAlive: true })
  for (let round = 0; round < 4; round += 1) {
    const before = await server.workerPids()
    server.process.kill('SIGHUP')
    await until(async () => (await server.workerPids()).some((pid) => !before.includes(pid)), 'a successor')
    await sleep(300)
  }
  const { ok, ...failed } = await load.stop()
  assert.ok(ok > 200, `${ok} requests`)
  assert.deepEqual(failed, { unavailable: 0, refused: 0, reset: 0, timeout: 0, other: [] })
})

test('S35: two HUPs at once are two reloads, one after the other, and nobody is killed', async () => {
  await using server = await startSupervisor()
  const first = await text(`${server.url}/pid`)
  server.process.kill('SIGHUP')
  server.process.kill('SIGHUP')
  await until(
    async () => (await text(`${server.url}/pid`, { headers: { connection: 'close' } })) !== first,
    'a successor',
  )
  assert.deepEqual((await server.status()).deaths, [])
})

test('S36: where memory holds one worker only, the old one stops before the new one starts, and nothing is refused', async () => {
  await using server = await startSupervisor({ limits: { totalBytesMax: 30 * 1024 * 1024 } })
  const before = await server.workerPids()
  await using load = startLoad(`${server.url}/pid`, { clients: 10 })
  server.process.kill('SIGHUP')
  await until(async () => {
    const { workers } = await server.status()
    assert.ok(workers.length <= 1, 'two workers at once')
    return workers.some(({ pid, phase }) => phase === 'ready' && !before.includes(pid))
  }, 'a successor')
  const { refused, timeout, reset } = await load.stop()
  assert.deepEqual({ refused, timeout, reset }, { refused: 0, timeout: 0, reset: 0 })
})

test('S37: reloads leave no descriptor, thread or socket file behind in the supervisor', async () => {
  await using server = await startSupervisor()
  const reload = async () => {
    const before = await server.workerPids()
    server.process.kill('SIGHUP')
    await until(async () => {
      const { workers } = await server.status()
      return workers.length === 1 && !before.includes(workers[0]!.pid)
    }, 'the successor alone')
  }
  await reload()
  const before = resources(server.pid)
  for (let round = 0; round < 8; round += 1) await reload()
  // The supervisor may still be closing the connection of our last question.
  await until(() => {
    const after = resources(server.pid)
    return after.descriptors <= before.descriptors && after.threads <= before.threads
  }, `no more than ${before.descriptors} descriptors and ${before.threads} threads`)
})

test('S38: TTIN and TTOU add and take a worker, never the last', async () => {
  await using server = await startSupervisor()
  const count = async (wanted: number) =>
    until(async () => (await server.workerPids()).length === wanted, `${wanted} workers`)
  const [oldest] = await server.workerPids()
  server.process.kill('SIGTTIN')
  await count(2)
  server.process.kill('SIGTTOU')
  await count(1)
  assert.ok(!(await server.workerPids()).includes(oldest!), 'the oldest leaves')
  server.process.kill('SIGTTOU')
  await sleep(300)
  await count(1)
})

test('S38: a worker that memory does not hold is refused with the numbers', async () => {
  await using server = await startSupervisor({ limits: { totalBytesMax: 30 * 1024 * 1024 } })
  await assert.rejects(server.control('scale', { by: 1 }), /needs about \d+ bytes, -?\d+ are free/)
})

test('S39: after USR1 the access log goes on in a new file', async () => {
  const path = join(tmpdir(), `access-${process.pid}.log`)
  await using server = await startSupervisor({ limits: { accessLog: path } })
  await text(`${server.url}/one`)
  await until(() => existsSync(path) && readFileSync(path, 'utf8').includes('/one'), 'the line')
  renameSync(path, `${path}.1`)
  server.process.kill('SIGUSR1')
  await until(() => existsSync(path), 'a new file')
  await text(`${server.url}/two`)
  await until(() => readFileSync(path, 'utf8').includes('/two'), 'the line')
  assert.ok(!readFileSync(path, 'utf8').includes('/one'))
  assert.ok(!readFileSync(`${path}.1`, 'utf8').includes('/two'))
})

test('S34: at HUP changed settings take effect, and broken ones leave everything as it was', async () => {
  const path = join(tmpdir(), `reload-${process.pid}.json`)
  await using server = await startSupervisor({ reloadFile: path } as object)
  const [first] = await server.workerPids()
  writeFileSync(path, 'no JSON')
  server.process.kill('SIGHUP')
  await until(() => server.log().includes('signal-refused'), 'the refusal in the log')
  assert.deepEqual(await server.workerPids(), [first])

  writeFileSync(path, JSON.stringify({ workers: 2, environment: { COLOUR: 'green' } }))
  server.process.kill('SIGHUP')
  await until(async () => {
    const pids = await server.workerPids()
    return pids.length === 2 && !pids.includes(first!)
  }, 'two new workers')
  assert.equal(JSON.parse(await text(`${server.url}/environment`)).COLOUR, 'green')
  rmSync(path)
})

test('S40: at USR2 a new supervisor serves on the same sockets, and each of the two may be the one that goes', async () => {
  await using server = await startSupervisor()
  server.process.kill('SIGUSR2')
  const successor = await until(() => successorOf(server), 'a second supervisor')
  const seen = new Set<string>()
  await until(
    async () => seen.add(await text(`${server.url}/pid`, { headers: { connection: 'close' } })).size === 2,
    'both',
  )
  // Rolled back: the new one goes and the old one serves on.
  process.kill(successor, 'SIGTERM')
  await until(() => !isAlive(successor), 'the end of the new one')
  assert.equal(await text(server.url), 'hello')
  assert.equal((await server.status()).supervisor.pid, server.pid)

  server.process.kill('SIGUSR2')
  const second = await until(() => successorOf(server), 'another supervisor')
  await until(
    async () => seen.add(await text(`${server.url}/pid`, { headers: { connection: 'close' } })).size === 3,
    'both',
  )
  await server.stop()
  try {
    assert.equal(await text(server.url), 'hello')
    const taken = async () => ((await server.status().catch(() => undefined))?.supervisor.pid ?? 0) === second
    await until(taken, 'the control socket at the new one')
    assert.equal(readFileSync(join(server.folder, 'pid'), 'utf8').trim(), String(second))
  } finally {
    process.kill(second, 'SIGTERM')
    await until(() => !isAlive(second), 'its end')
  }
})

test('S44: a hook that hangs cannot make the end longer than its time', async () => {
  await using server = await startSupervisor({ app: 'hanging-close.ts', limits: { gracefulTimeoutMs: 500 } })
  const startedAt = performance.now()
  await server.stop()
  assert.ok(performance.now() - startedAt < 4000)
})

test('S45: idle connections are closed at the end, and the counter of connections is 0 before', async () => {
  await using server = await startSupervisor()
  const { hostname, port } = new URL(server.url)
  const idle = connect(Number(port), hostname)
  await once(idle, 'connect')
  await until(async () => (await server.status()).workers[0]!.openConnections >= 1, 'the connection')
  const closed = once(idle, 'close')
  idle.on('error', () => undefined).resume()
  const startedAt = performance.now()
  await server.stop()
  await closed
  assert.ok(performance.now() - startedAt < 5000)
})

test('S46: a stop right after the start leaves nothing', async () => {
  await using server = await startSupervisor({ isImpatient: true } as object)
  const { workers } = await server.status()
  await Promise.all([server.stop(), server.control('stop').catch(() => undefined)])
  assert.equal(server.process.exitCode, 0)
  for (const { pid } of workers) assert.ok(!isAlive(pid))
  assert.ok(!existsSync(join(server.folder, 'lock')))
})

test('S47: a reader of the output that goes away does not stop the server', async () => {
  await using server = await startSupervisor()
  server.process.stdout!.destroy()
  server.process.stderr!.destroy()
  const [pid] = await server.workerPids()
  process.kill(pid!, 'SIGKILL') // Gives the log something to say.
  assert.equal(await until(() => text(server.url).catch(() => undefined), 'an answer'), 'hello')
})

function successorOf({ folder }: TestSupervisor): number | undefined {
  const path = join(folder, 'pid.2')
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  return pid > 0 && isAlive(pid) ? pid : undefined
}

async function inFlight(server: TestSupervisor): Promise<void> {
  await until(
    async () => (await server.status()).workers.some(({ openRequests }) => openRequests > 0),
    'the open request',
  )
}

function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
}

function resources(pid: number): { descriptors: number; threads: number } {
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, threads: readdirSync(`/proc/${pid}/task`).length }
}
