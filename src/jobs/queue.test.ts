import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addPerson, freshStorage } from '../../tests/support/folder.ts'
import { KnowBotError } from '../errors.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'
import type { Transaction } from '../storage.ts'
import * as queue from './queue.ts'

test('S87: a claim reads rows of an index in their order and sorts nothing, and takes one of ten thousand in its turn', async (t) => {
  const storage = freshStorage(t)
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => addPerson(storage, `person ${n}`)))
  const now = Date.now()
  const { plan, times } = await storage.database.write((tx) => {
    for (let n = 0; n < 10_000; n++) {
      const { userId: ownerId } = people[n % people.length]!
      const key = `document:${n}`
      queue.enqueue(tx, { task: 'read', payload: n, key, ownerId, costMs: (n % 300) * SECOND_MS }, now)
      queue.enqueue(tx, { task: 'purge', payload: n, key, runAt: now + 10 * MINUTE_MS }, now)
    }
    const plan = tx.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${queue.NEXT}`, now).map(({ detail }) => detail)
    const times = Array.from({ length: 500 }, () => {
      const startedAt = performance.now()
      assert.ok(queue.isAnyClaimable(tx, now))
      assert.equal(queue.claim(tx, 'somebody', now)?.task, 'read')
      return performance.now() - startedAt
    })
    return { plan, times }
  })
  assert.match(plan[0]!, /^SCAN jobs USING (COVERING )?INDEX jobs_waiting$/)
  assert.ok(!plan.some((step) => step.includes('TEMP B-TREE')), plan.join('; '))
  const sorted = times.toSorted((a, b) => a - b)
  t.diagnostic(`claim: median ${sorted[250]!.toFixed(2)} ms, p99 ${sorted[495]!.toFixed(2)} ms`)
})

type Step =
  | { do: 'enqueue'; key: number | null; owner: number; costMs: number }
  | { do: 'claim' | 'recover' }
  | { do: 'wait'; ms: number }
  | { do: 'end' | 'end late' | 'give back' | 'fail'; which: number }
  | { do: 'cancel'; key: number }

const STEPS = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('enqueue' as const),
        key: fc.option(fc.nat(3)),
        owner: fc.nat(1),
        costMs: fc.nat(90_000),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('claim' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('recover' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(120_000) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom('end' as const, 'end late' as const, 'give back' as const, 'fail' as const),
        which: fc.nat(9),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), key: fc.nat(3) }) },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

test('whatever happens in whatever order: no two jobs of a key run at once, nothing ends twice, and late attempts change nothing', async (t) => {
  const storage = freshStorage(t)
  const owners = [await addPerson(storage, 'ana'), await addPerson(storage, 'ben')].map(({ userId }) => userId)
  await storage.database.write((tx) => {
    fc.assert(
      fc.property(STEPS, (steps: Step[]) => {
        tx.run('DELETE FROM jobs')
        play(tx, steps, owners)
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

function play(tx: Transaction, steps: readonly Step[], owners: readonly number[]): void {
  let now = 1_000_000
  let running: queue.ClaimedJob[] = []
  const lost: queue.ClaimedJob[] = []
  const ended = new Map<string, string>()
  for (const step of steps) {
    const job = 'which' in step ? running[step.which % Math.max(1, running.length)] : undefined
    const isCancelled = job && queue.ownership(tx, job) === 'cancelled'
    switch (step.do) {
      case 'enqueue': {
        const key = step.key === null ? {} : { key: `key ${step.key}` }
        queue.enqueue(
          tx,
          { task: 'any', payload: null, ownerId: owners[step.owner]!, costMs: step.costMs, ...key },
          now,
        )
        break
      }
      case 'claim': {
        const claimed = queue.claim(tx, 'somebody', now)
        if (!claimed) assert.equal(queue.isAnyClaimable(tx, now), false)
        if (claimed) running.push(claimed)
        break
      }
      case 'recover':
        queue.recover(tx, now, { isAlive: () => false, isToBlame: () => true })
        lost.push(...running)
        running = []
        break
      case 'wait':
        now += step.ms
        break
      case 'end':
        if (job) assert.equal(queue.end(tx, job, 'done', now), true)
        break
      case 'end late':
        for (const late of lost) assert.equal(queue.end(tx, late, 'done', now), false)
        break
      case 'give back':
      case 'fail':
        if (job) queue.giveBack(tx, job, now, step.do === 'fail' ? new KnowBotError('internal', 'no') : undefined)
        if (job) assert.equal(stateOf(tx, job), isCancelled ? 'cancelled' : 'queued')
        break
      case 'cancel':
        queue.cancel(tx, `key ${step.key}`, now)
        break
    }
    if (job && step.do !== 'end late') running = running.filter((other) => other !== job)
    check(tx, running, ended)
  }
}

function check(tx: Transaction, running: readonly queue.ClaimedJob[], ended: Map<string, string>): void {
  assert.equal(countOf(tx, 'running'), running.length)
  const keys = running.flatMap(({ key }) => key ?? [])
  assert.equal(new Set(keys).size, keys.length, 'two jobs of one key run at once')
  for (const { id, state, endedAt } of tx.all<{ id: string; state: string; endedAt: number | null }>(
    'SELECT public_id AS id, state, ended_at AS endedAt FROM jobs',
  )) {
    assert.equal(endedAt !== null, state === 'done' || state === 'failed' || state === 'cancelled')
    if (ended.has(id)) assert.equal(state, ended.get(id), 'what has ended never changes')
    if (endedAt !== null) ended.set(id, state)
  }
}

function countOf(tx: Transaction, state: string): number {
  return tx.get<{ n: number }>('SELECT count(*) AS n FROM jobs WHERE state = ?', state)!.n
}

function stateOf(tx: Transaction, job: queue.ClaimedJob): string {
  return tx.get<{ state: string }>('SELECT state FROM jobs WHERE id = ?', job.rowId)!.state
}
