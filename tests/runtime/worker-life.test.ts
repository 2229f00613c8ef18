/** What becomes of a worker that does not boot, hangs, crashes, leaks or has served its time. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { MIB } from '../../src/lib/units.ts'
import type { SupervisorStatus } from '../../src/runtime.ts'
import { isAlive, startSupervisor, type TestSupervisor, text, until } from './support.ts'

const impatient = { isImpatient: true } as object

test('S6: an application that does not load is tried again, and meanwhile every request gets 503 with Retry-After', async () => {
  await using server = await startFailing('throw')
  const response = await until(() => fetch(server.url).catch(() => undefined), 'an answer')
  assert.equal(response.status, 503)
  assert.ok(Number(response.headers.get('retry-after')) > 0)
  assert.equal(((await response.json()) as { code: string }).code, 'overloaded')
  const { deaths } = await server.status()
  assert.equal(deaths[0]!.cause, 'boot-failure')
  assert.match(deaths[0]!.stack!, /apps\/boot\.ts:\d+/)

  writeFileSync(join(server.folder, 'way'), 'well')
  await until(async () => (await text(server.url).catch(() => '')) === 'booted', 'a worker that boots', 20_000)
})

test('S6: with fails-fast the start ends with exit code 1', async () => {
  const server = await startFailing('throw', { failsFast: true })
  await until(() => server.process.exitCode !== null, 'the end', 10_000)
  assert.equal(server.process.exitCode, 1)
})

test('S14: after five crashes at boot the circuit is open, starts wait, and the supervisor lives', async () => {
  await using server = await startFailing('crash')
  const status = await until(
    async () => {
      const seen = await server.status()
      return seen.circuit.state === 'open' && seen
    },
    'an open circuit',
    40_000,
  )
  assert.equal(status.circuit.crashes, 5)
  assert.ok(Date.parse(status.circuit.nextStartAt!) > Date.now())
  assert.equal((await fetch(server.url)).status, 503)
})

test('S24: a worker that never becomes ready is ended at the boot time-out', async () => {
  await using server = await startFailing('never', { limits: { bootTimeoutMs: 500 } })
  const [death] = await waitForDeath(server)
  assert.equal(death!.cause, 'boot-timeout')
})

test('what a worker has wasted is given back when there is nothing left to do', async () => {
  await using server = await startSupervisor()
  const held = async () => (await server.status()).workers.find(({ role }) => role === 'web')!.anonymousBytes
  const before = await until(held, 'a first look at its memory')
  for (let times = 0; times < 3; times++) await text(`${server.url}/waste`)
  await until(async () => (await held()) > before + 20 * MIB, 'a worker that has grown')
  await until(async () => (await held()) < before + 10 * MIB, 'a worker that has given back', 30_000)
})

test('S21: a worker in an endless loop is replaced, and the record names function and line', async () => {
  await using server = await startSupervisor({ limits: { hangTimeoutMs: 1500 } })
  void fetch(`${server.url}/hang`).catch(() => undefined)
  const [death] = await waitForDeath(server)
  assert.equal(death!.cause, 'hang')
  assert.match(death!.stack!, /at fetch \(file:.*apps\/hello\.ts:\d+:\d+\)/)
  assert.equal(await text(`${server.url}/`), 'hello')
})

test('S23: a stopped worker counts as hung and is killed', async () => {
  await using server = await startSupervisor({ limits: { hangTimeoutMs: 1500 } })
  const [pid] = await server.workerPids()
  process.kill(pid!, 'SIGSTOP')
  const [death] = await waitForDeath(server)
  assert.equal(death!.cause, 'hang')
  assert.match(death!.message!, /stopped by a signal/)
  assert.ok(!isAlive(pid!))
})

test('S22: a worker that blocks for 150 ms every now and then is kept, and its delay is told', async () => {
  await using server = await startSupervisor({ limits: { hangTimeoutMs: 1500 } })
  const [pid] = await server.workerPids()
  const lag = await until(async () => {
    await text(`${server.url}/block?ms=150`)
    return (await server.status()).workers[0]!.lagP99Ms >= 80 && (await server.status()).workers[0]!.lagP99Ms
  }, 'a delay in the status')
  assert.ok(lag < 1500)
  assert.deepEqual(await server.workerPids(), [pid])
})

test('S27: a worker whose channel is gone ends itself within a second', async () => {
  await using server = await startSupervisor()
  const [pid] = await server.workerPids()
  await text(`${server.url}/disconnect`).catch(() => undefined)
  await until(() => !isAlive(pid!), 'its end', 1500)
})

test('S12: an exception that nobody caught costs its own request a 500, and the worker is replaced after the others ended', async () => {
  await using server = await startSupervisor()
  const [pid] = await server.workerPids()
  const slow = text(`${server.url}/slow?ms=600`)
  const response = await fetch(`${server.url}/uncaught`)
  assert.equal(response.status, 500)
  assert.equal(await slow, 'slept')
  const [death] = await waitForDeath(server)
  assert.equal(death!.pid, pid)
  assert.equal(death!.cause, 'exception')
  assert.match(death!.stack!, /nobody caught this/)
})

test('S15: only the crashed worker is replaced', async () => {
  await using server = await startSupervisor({ workers: 2 })
  const before = await twoWorkers(server)
  process.kill(before[0]!, 'SIGKILL')
  const after = await until(async () => {
    const seen = await server.workerPids()
    return seen.length === 2 && !seen.includes(before[0]!) && seen
  }, 'a replacement')
  assert.ok(after.includes(before[1]!))
})

test('S42: after its number of requests a worker is followed by another, and no request fails', async () => {
  await using server = await startSupervisor({ limits: { maxRequests: 50, maxRequestsJitter: 10 } })
  const pids = new Set<string>()
  for (let index = 0; index < 200; index += 1) pids.add(await text(`${server.url}/pid`))
  await until(async () => pids.add(await text(`${server.url}/pid`)).size >= 3, 'a third worker')
  assert.deepEqual((await server.status()).deaths, [])
})

test('S43: a worker that has reached its age is followed by another', async () => {
  await using server = await startSupervisor({ limits: { maxLifetimeMs: 1000 } })
  const first = await text(`${server.url}/pid`)
  await until(async () => (await text(`${server.url}/pid`)) !== first, 'a younger worker')
})

test('a worker that leaks is followed by another at the soft mark, and no request fails', async () => {
  await using server = await startSupervisor({ limits: { workerBytesMax: 120 * 1024 * 1024 } })
  const first = await text(`${server.url}/pid`)
  await until(
    async () => {
      assert.equal(await text(`${server.url}/leak?mb=2`), 'leaked')
      return (await text(`${server.url}/pid`)) !== first
    },
    'a worker that holds less',
    20_000,
  )
})

test('S99: every death has one record with time, role, age, cause and what was open', async () => {
  await using server = await startSupervisor()
  const [pid] = await server.workerPids()
  const cut = fetch(`${server.url}/slow?ms=60000`).catch(() => 'cut')
  await until(async () => (await server.status()).workers[0]!.openRequests === 1, 'the open request in a beat')
  process.kill(pid!, 'SIGKILL')
  assert.equal(await cut, 'cut')
  const deaths = await waitForDeath(server)
  assert.equal(deaths.length, 1)
  const { role, cause, signal, inFlight, ageMs } = deaths[0]!
  assert.deepEqual(
    { role, cause, signal, inFlight },
    { role: 'web', cause: 'signal', signal: 'SIGKILL', inFlight: ['GET /slow'] },
  )
  assert.ok(ageMs > 0)
  const flight = (await server.control('flight')) as { event: string }[]
  assert.equal(flight.filter(({ event }) => event === 'worker-ended').length, 1)
  assert.ok(flight.some(({ event }) => event === 'beat'))
})

test('TERM to a worker itself lets it end what is open, a successor serves at once, and the record says signal', async () => {
  await using server = await startSupervisor({ limits: { gracefulTimeoutMs: 5000 } })
  const [pid] = await server.workerPids()
  const slow = text(`${server.url}/slow?ms=1500`)
  await until(async () => (await server.status()).workers[0]!.openRequests === 1, 'the open request')
  process.kill(pid!, 'SIGTERM')
  await until(async () => (await server.workerPids()).some((other) => other !== pid), 'a successor')
  assert.ok(isAlive(pid!), 'the successor came while the old one was still answering')
  assert.equal(await text(server.url, { headers: { connection: 'close' } }), 'hello')
  assert.equal(await slow, 'slept')
  const [death] = await waitForDeath(server)
  assert.deepEqual([death!.pid, death!.cause, death!.exitCode], [pid, 'signal', 0])
  assert.match(death!.message!, /^killed\(operator\)/)
  assert.equal((await server.status()).circuit.crashes, 0)
})

test('TERM to a worker itself gives open requests the graceful time and no longer', async () => {
  await using server = await startSupervisor({ limits: { gracefulTimeoutMs: 300 } })
  const [pid] = await server.workerPids()
  const cut = text(`${server.url}/slow?ms=60000`).catch(() => 'cut')
  await until(async () => (await server.status()).workers[0]!.openRequests === 1, 'the open request')
  process.kill(pid!, 'SIGTERM')
  assert.equal(await cut, 'cut')
  const [death] = await waitForDeath(server)
  assert.equal(death!.pid, pid)
  assert.ok(['signal', 'drain-timeout'].includes(death!.cause), death!.cause)
})

test('the stack of a running worker can be asked for, and it goes on', async () => {
  await using server = await startSupervisor()
  const [pid] = await server.workerPids()
  const busy = text(`${server.url}/block?ms=3000`)
  const { stack } = (await server.control('stack', { pid })) as { stack: string }
  assert.match(stack, /apps\/hello\.ts/)
  assert.equal(await busy, 'blocked')
  assert.deepEqual(await server.workerPids(), [pid])
})

async function startFailing(way: string, options: object = {}): Promise<TestSupervisor> {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  writeFileSync(join(folder, 'way'), way)
  return startSupervisor({ app: 'boot.ts', folder, ...impatient, ...options })
}

function waitForDeath(server: TestSupervisor): Promise<SupervisorStatus['deaths']> {
  return until(async () => {
    const { deaths } = await server.status()
    return deaths.length > 0 && deaths
  }, 'a death')
}

function twoWorkers(server: TestSupervisor): Promise<number[]> {
  return until(async () => {
    const pids = await server.workerPids()
    return pids.length === 2 && pids
  }, 'two workers')
}
