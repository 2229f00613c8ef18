/** Deaths under load, counted from the client's side. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProcess } from '../../bench/support/process-memory.ts'
import { startLoad } from '../runtime/load.ts'
import { startSupervisor, type TestSupervisor, until } from '../runtime/support.ts'

const CLIENTS = 20

for (const [name, workers] of [
  ['S9: three kills of the only worker', 1],
  ['S10: three kills of one of two workers', 2],
] as const) {
  test(`${name} under ${CLIENTS} clients: nobody is refused and nobody waits for ever`, async () => {
    await using server = await startSupervisor({ workers })
    await until(async () => (await server.workerPids()).length === workers, 'the workers')
    await using load = startLoad(`${server.url}/pid`, { clients: CLIENTS })
    for (let round = 0; round < 3; round += 1) {
      await sleep(1000)
      const [pid] = await server.workerPids()
      process.kill(pid!, 'SIGKILL')
      await until(async () => (await server.workerPids()).some((other) => other !== pid), 'a worker that serves')
    }
    const { ok, reset, ...rest } = await load.stop()
    assert.deepEqual(rest, { unavailable: 0, refused: 0, timeout: 0, other: [] })
    assert.ok(reset <= 3 * CLIENTS, `${reset} resets: more than were in flight`)
    assert.ok(ok > 100)
  })
}

test('S11, S65: a kill every 300 ms for 30 s: 95 % succeed, and the supervisor neither grows nor leaks', async () => {
  await using server = await startSupervisor({ workers: 2 })
  await until(async () => (await server.workerPids()).length === 2, 'the workers')
  const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length
  const before = { descriptors: descriptors(), megabytes: readProcess(server.pid)!.anonymousMb }
  await using load = startLoad(`${server.url}/pid`, { clients: CLIENTS })
  const end = performance.now() + 30_000
  let kills = 0
  while (performance.now() < end) {
    await sleep(300)
    const pids = await server.workerPids()
    const victim = pids[Math.floor(Math.random() * pids.length)]
    if (victim !== undefined) process.kill(victim, 'SIGKILL')
    kills += 1
  }
  const { ok, reset, unavailable, refused, timeout, other } = await load.stop()
  const all = ok + reset + unavailable + refused + timeout + other.length
  assert.ok(ok >= 0.95 * all, JSON.stringify(load.outcomes))
  assert.deepEqual({ refused, timeout, other }, { refused: 0, timeout: 0, other: [] })
  assert.ok(kills > 50, `${kills} kills`)
  await until(async () => (await server.workerPids()).length === 2, 'two workers')
  assert.ok(descriptors() <= before.descriptors + 2, `${descriptors()} descriptors, ${before.descriptors} before`)
  const megabytes = readProcess(server.pid)!.anonymousMb
  assert.ok(megabytes <= before.megabytes + 6, `${megabytes} MB, ${before.megabytes} MB before`)
})

test('S16: after a hundred respawns there is no zombie, and the children are those of the status', async () => {
  await using server = await startSupervisor({ workers: 2 })
  const ready = () => until(async () => twoOf(await server.workerPids()), 'two workers')
  for (let round = 0; round < 100; round += 1) {
    const pids = await ready()
    process.kill(pids[round % 2]!, 'SIGKILL')
    await until(async () => !(await server.workerPids()).includes(pids[round % 2]!), 'its end')
  }
  const pids = await ready()
  const { workers } = await server.status()
  assert.deepEqual(workers.map(({ slot }) => slot).sort(), [0, 1])
  // A zombie would still be among the children that the kernel names.
  assert.deepEqual(childrenOf(server.pid), pids.toSorted())
})

test('S37: fifty reloads leave no descriptor, thread, timer, process or socket file behind', async () => {
  await using server = await startSupervisor()
  const reload = async () => {
    const [before] = await server.workerPids()
    server.process.kill('SIGHUP')
    await until(async () => {
      const { workers } = await server.status()
      return workers.length === 1 && workers[0]!.phase === 'ready' && workers[0]!.pid !== before
    }, 'the successor alone')
  }
  const left = async () => ({
    timers: await timersOf(server),
    descriptors: readdirSync(`/proc/${server.pid}/fd`).length,
    threads: readdirSync(`/proc/${server.pid}/task`).length,
    children: childrenOf(server.pid).length,
    files: readdirSync(server.folder).toSorted().join(),
  })
  await reload()
  const before = await left()
  for (let round = 0; round < 50; round += 1) await reload()
  assert.deepEqual(await left(), before)
  assert.deepEqual((await server.status()).deaths, [])
})

test('S14: the circuit closes by itself when a worker has lived for a minute', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  writeFileSync(join(folder, 'way'), 'crash')
  await using server = await startSupervisor({ app: 'boot.ts', folder, isImpatient: true } as object)
  const circuit = async () => (await server.status()).circuit.state
  await until(async () => (await circuit()) === 'open', 'an open circuit', 60_000)
  writeFileSync(join(folder, 'way'), 'well')
  await until(async () => (await server.workerPids()).length === 1, 'a worker', 60_000)
  assert.equal(await circuit(), 'open')
  await until(async () => (await circuit()) === 'closed', 'a closed circuit', 90_000)
})

test('S103: half a minute of kills, stops, hangs, exceptions and reloads, without jobs: every death has its record, and nothing is left behind', async () => {
  await using server = await startSupervisor({ workers: 2, limits: { hangTimeoutMs: 1500 } })
  await until(async () => (await server.workerPids()).length === 2, 'the workers')
  const descriptors = readdirSync(`/proc/${server.pid}/fd`).length
  await using load = startLoad(`${server.url}/pid`, { clients: 8 })
  const chaos: ((pid: number) => unknown)[] = [
    (pid) => process.kill(pid, 'SIGKILL'),
    (pid) => process.kill(pid, 'SIGSTOP'),
    () => void fetch(`${server.url}/hang`).catch(() => undefined),
    () => void fetch(`${server.url}/uncaught`).catch(() => undefined),
    () => server.process.kill('SIGHUP'),
  ]
  for (let round = 0; round < 15; round += 1) {
    await sleep(2000)
    const [pid] = await server.workerPids()
    if (pid !== undefined) chaos[round % chaos.length]!(pid)
  }
  const { refused, timeout } = await load.stop()
  assert.deepEqual({ refused, timeout }, { refused: 0, timeout: 0 })
  const calm = await until(
    async () => {
      const status = await server.status()
      return status.workers.length === 2 && status.workers.every(({ phase }) => phase === 'ready') && status
    },
    'two workers and nobody else',
    30_000,
  )
  const causes = new Set(calm.deaths.map(({ cause }) => cause))
  assert.ok(causes.has('signal') && causes.has('hang') && causes.has('exception'), [...causes].join())
  assert.ok(readdirSync(`/proc/${server.pid}/fd`).length <= descriptors + 2)
})

function twoOf(pids: number[]): number[] | false {
  return pids.length === 2 && pids
}

/** Those that keep the supervisor alive, as it counts them itself. */
async function timersOf(server: TestSupervisor): Promise<number> {
  const asked = server.log().length
  server.process.kill('SIGWINCH')
  const line = await until(() => /^resources (.*)\n/m.exec(server.log().slice(asked)), 'its resources')
  return (JSON.parse(line[1]!) as string[]).filter((kind) => kind === 'Timeout').length
}

/** As the kernel names them, dead ones that nobody has waited for included. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number).toSorted()
}
