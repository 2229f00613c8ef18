/** The queue under processes that die: real job workers (`tests/support/job-worker.ts`), killed at any moment. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type NewJob, openJobs } from '../../src/jobs.ts'
import { openMessages } from '../../src/lib/messages.ts'
import type { Row } from '../../src/storage.ts'
import { freshStorage, quietLog } from '../support/folder.ts'

const NO_WARNINGS = { execArgv: ['--no-warnings'] }

test('S69: a worker killed in the middle of a job leaves it to the next one, which goes on within a second, and nothing happens twice', async (t) => {
  const { enqueue, start, count, rows } = fresh(t)
  await enqueue({ task: 'steps', payload: 'a' })
  const first = await start()
  await until(() => count('journal') >= 5)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const before = count('journal')
  const second = await start()
  const startedAt = performance.now()
  await until(() => count('journal') > before)
  assert.ok(performance.now() - startedAt < 1000)
  await once(second, 'exit')
  const steps = rows('SELECT seq, events FROM journal ORDER BY seq')
  assert.deepEqual(
    steps.map(({ seq }) => seq),
    Array.from({ length: 20 }, (_, n) => n),
  )
  assert.deepEqual(new Set(steps.map(({ events }) => events)), new Set(['attempt 1', 'attempt 2']))
})

test('S70: two hundred jobs under two workers of which one is killed every 400 ms have two hundred effects', async (t) => {
  const { enqueue, start, count, rows, jobs } = fresh(t)
  for (let n = 0; n < 200; n++) await enqueue({ task: 'effect', payload: n, key: `key ${n % 50}` })
  const random = seeded(7)
  let kills = 0
  const workers = [await start(), await start()]
  while (jobs.workWaiting().waiting || count("jobs WHERE state = 'running'") > 0) {
    await sleep(400)
    const slot = random() < 0.5 ? 0 : 1
    const victim = workers[slot]!
    if (victim.exitCode === null && victim.signalCode === null) {
      victim.kill('SIGKILL')
      await once(victim, 'exit')
      kills++
    }
    workers[slot] = await start()
  }
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 3)
  const effects = rows("SELECT events FROM journal WHERE stream = 'effects'").map(({ events }) => Number(events))
  assert.deepEqual(
    effects.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, n) => n),
  )
  assert.equal(rows('PRAGMA integrity_check')[0]?.['integrity_check'], 'ok')
})

for (const [name, how] of [
  ['S72: a job that kills its worker every time', 'crash'],
  ['S73: a job whose worker ends without a result', 'exit'],
] as const) {
  test(`${name} is given up after three times, without a hot loop, and the queue goes on`, async (t) => {
    const { enqueue, supervise, count, jobs } = fresh(t)
    await enqueue({ task: how, payload: null })
    for (let n = 0; n < 20; n++) await enqueue({ task: 'effect', payload: n })
    const starts = await supervise()
    assert.equal(count('journal'), 20)
    const [failed] = jobs.overview().failed
    assert.equal(failed?.code, 'reader_crashed')
    assert.match(failed.message, /died 3 times in a row/)
    // Three that died, one that did the rest, and some that only put things in order.
    assert.ok(starts <= 8, `${starts} starts`)
  })
}

test('S75: a job that ignores its time is classified as out of time, and its worker goes with it', async (t) => {
  const { enqueue, start, jobs } = fresh(t)
  await enqueue({ task: 'deaf', payload: null })
  const worker = await start()
  const [code] = await once(worker, 'exit')
  assert.equal(code, 1)
  const [failed] = jobs.overview().failed
  assert.deepEqual(
    [failed?.code, failed?.message],
    ['read_timeout', 'Expected deaf to take at most 100 ms, then gave up.'],
  )
})

test('S81: a warm stop checkpoints the running job, gives it back with its progress, and counts nothing', async (t) => {
  const { enqueue, start, count, rows } = fresh(t)
  await enqueue({ task: 'steps', payload: 'a' })
  const worker = await start()
  await until(() => count('journal') >= 3)
  worker.kill('SIGTERM')
  assert.deepEqual(await once(worker, 'exit'), [0, null])
  assert.ok(count('journal') < 20)
  assert.deepEqual(
    { ...rows('SELECT state, crashes, failures FROM jobs')[0] },
    { state: 'queued', crashes: 0, failures: 0 },
  )
  await once(await start(), 'exit')
  assert.equal(count('journal'), 20)
})

test('S76: a job cancelled by another process while it runs is stopped, and stays cancelled over restarts', async (t) => {
  const { storage, jobs, enqueue, start, count, rows } = fresh(t)
  await enqueue({ task: 'steps', payload: 'a', key: 'document:1' })
  const worker = await start()
  await until(() => count('journal') >= 3)
  await storage.database.write((tx) => jobs.cancel(tx, 'document:1'))
  const after = count('journal')
  await once(worker, 'exit')
  await once(await start(), 'exit')
  assert.equal(count('journal'), after)
  assert.equal(rows('SELECT state FROM jobs')[0]?.['state'], 'cancelled')
})

test('S85: a claim of a living process is kept however old it is, and that of a dead one is taken back however new', async (t) => {
  const { storage, enqueue, start, rows, jobs } = fresh(t)
  await enqueue({ task: 'steps', payload: 'living' })
  const living = await start()
  await until(() => rows("SELECT 1 FROM jobs WHERE state = 'running'").length === 1)
  await storage.database.write((tx) => void tx.run('UPDATE jobs SET claimed_at = 0'))
  assert.equal(jobs.workWaiting().waiting, false)
  await once(living, 'exit')

  await enqueue({ task: 'steps', payload: 'dead' })
  const dead = await start()
  await until(() => rows("SELECT 1 FROM jobs WHERE state = 'running'").length === 1)
  await storage.database.write((tx) => void tx.run("UPDATE jobs SET claimed_at = 9e15 WHERE state = 'running'"))
  dead.kill('SIGKILL')
  await once(dead, 'exit')
  assert.equal(jobs.workWaiting().waiting, true)
})

test('S82: while the database is locked for five seconds jobs wait, nothing is lost, and the lock is no failure', async (t) => {
  const { storage, enqueue, start, supervise, rows, count } = fresh(t)
  for (let n = 0; n < 10; n++) await enqueue({ task: 'effect', payload: n })
  const worker = await start()
  await until(() => count('journal') >= 2)
  const holder = fork(join(import.meta.dirname, '../support/lock-holder.ts'), [storage.folder, '5500'], NO_WARNINGS)
  await once(holder, 'exit')
  await once(worker, 'exit')
  await supervise()
  assert.equal(count('journal'), 10)
  assert.deepEqual(
    rows('SELECT DISTINCT state, failures, crashes FROM jobs').map((row) => ({ ...row })),
    [{ state: 'done', failures: 0, crashes: 0 }],
  )
})

function fresh(t: TestContext) {
  const storage = freshStorage(t)
  const { database } = storage
  const jobs = openJobs({ database, messages: openMessages(), log: quietLog() })
  const start = async (): Promise<ChildProcess> => {
    const script = join(import.meta.dirname, '../support/job-worker.ts')
    const child = fork(script, [storage.folder], NO_WARNINGS)
    t.after(() => child.kill('SIGKILL'))
    await once(child, 'message')
    return child
  }
  return {
    storage,
    jobs,
    start,
    /** Starts a worker whenever there is work, as the supervisor does, until there is none; answers how many it took. */
    async supervise(): Promise<number> {
      for (let starts = 0; ; ) {
        const { waiting, nextAt } = jobs.workWaiting()
        if (!waiting && nextAt === null) return starts
        if (!waiting) await sleep(Math.max(0, nextAt! - Date.now()))
        starts++
        await once(await start(), 'exit')
      }
    },
    enqueue: (job: NewJob) => database.write((tx) => jobs.enqueue(tx, job)),
    rows: (sql: string) => database.all<Row>(sql),
    count: (from: string) => Number(database.get<Row>(`SELECT count(*) AS n FROM ${from}`)?.['n']),
  }
}

/** Looks every 5 ms: what happens is in the database of another process, which sends no events. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
