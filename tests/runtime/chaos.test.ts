/** Accidents on purpose: they happen as often as was asked for, leave their records, and a client hardly notices. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../../src/lib/units.ts'
import { startSupervisor, text, until } from './support.ts'

const CALM = { kill: 0, hang: 0, hog: 0 }

test('a worker is killed by chance, which is noted, and another one answers', async () => {
  await using server = await startSupervisor({ chaos: { ...CALM, kill: 1 } })
  assert.match(server.log(), /accidents happen on purpose/)
  const { pid } = await until(
    async () => (await server.status()).deaths.find(({ cause }) => cause === 'signal'),
    'a death by chance',
    30_000,
  )
  const answer = await until(
    () => text(`${server.url}/pid`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined),
    'an answer',
    30_000,
  )
  assert.notEqual(answer, String(pid))
  const flight = (await server.control('flight')) as { event: string; accident?: string }[]
  assert.ok(flight.some(({ event, accident }) => event === 'chaos' && accident === 'kill'))
})

test('a worker hangs by chance, and its record says where', async () => {
  await using server = await startSupervisor({ chaos: { ...CALM, hang: 5 }, limits: { hangTimeoutMs: 300 } })
  // On a machine that stands still for a moment, others seem to hang as well.
  await until(
    async () =>
      (await server.status()).deaths.some(({ cause, stack }) => cause === 'hang' && stack?.includes('haveAccident')),
    'a hang and where it was',
    30_000,
  )
})

test('a worker that takes all memory is replaced at its mark', async () => {
  await using server = await startSupervisor({ chaos: { ...CALM, hog: 5 }, limits: { workerBytesMax: 150 * MIB } })
  await until(
    async () => (await server.status()).deaths.some(({ cause }) => cause === 'memory-mark'),
    'the end at the mark',
    30_000,
  )
})

for (const address of ['0.0.0.0:0', '[::]:0', '192.168.1.7:0']) {
  test(`chaos is refused where others could come in, on ${address}`, async () => {
    await using server = await startSupervisor({
      binds: [{ label: 'public', address }],
      chaos: { ...CALM, kill: 1 },
    })
    assert.match(server.lines[0]!, /^refused address_unusable Chaos is for development/)
  })
}
