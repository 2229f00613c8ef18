/** Deaths under load, counted from the client's side. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProcess } from '../../bench/support/process-memory.ts'
import { startLoad } from '../runtime/load.ts'
import { startSupervisor, until } from '../runtime/support.ts'

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

test('S103: half a minute of kills, stops, hangs, exceptions and reloads: every death has its record, and nothing is left behind', async () => {
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
