import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { KnowBotError } from '../src/errors.ts'
import { type Jobs, type JobsDeps, type NewJob, openJobs, RetryLater, type Task } from '../src/jobs.ts'
import type { JsonValue } from '../src/lib/json.ts'
import { openMessages } from '../src/lib/messages.ts'
import { HOUR_MS, MIB, MINUTE_MS, SECOND_MS } from '../src/lib/units.ts'
import type { Row, Storage } from '../src/storage.ts'
import { addPerson, freshStorage, quietLog } from './support/folder.ts'

test('a job runs once, with its payload, and nothing is left', async (t) => {
  const { jobs, enqueue, work } = fresh(t)
  const ran: JsonValue[] = []
  await enqueue({ task: 'note', payload: { n: 1 } })
  assert.deepEqual(jobs.workWaiting(), { waiting: true, nextAt: null })
  await work([task('note', async (job) => void ran.push(job.payload))])
  assert.deepEqual(ran, [{ n: 1 }])
  assert.deepEqual(jobs.workWaiting(), { waiting: false, nextAt: null })
})

test('a job whose transaction is undone was never queued', async (t) => {
  const { storage, jobs } = fresh(t)
  const write = storage.database.write((tx) => {
    jobs.enqueue(tx, { task: 'note', payload: null })
    throw new Error('no')
  })
  await assert.rejects(write)
  assert.equal(jobs.workWaiting().waiting, false)
})

test('S74: a job that throws is tried again after a while, and given up with its error after its attempts', async (t) => {
  const { jobs, enqueue, work } = fresh(t)
  const givenUp: string[] = []
  let attempts = 0
  await enqueue({ task: 'fragile', payload: null })
  const fragile: Task = {
    ...task('fragile', async () => {
      attempts++
      throw new KnowBotError('document_damaged', `attempt ${attempts}`)
    }),
    maxFailures: 3,
    retryDelayMs: (failures) => failures * 10,
    onGivenUp: (job, error) => void givenUp.push(`${job.attempt} ${error.code} ${error.message}`),
  }
  await work([fragile], 500)
  assert.deepEqual(givenUp, ['3 document_damaged attempt 3'])
  const [failed] = jobs.overview().failed
  assert.deepEqual([failed?.code, failed?.attempts], ['document_damaged', 3])
})

test('a job that may be tried once is given up with its first failure', async (t) => {
  const { jobs, enqueue, work } = fresh(t)
  await enqueue({ task: 'once', payload: null })
  await work([
    task('once', async () => {
      throw new Error('no')
    }),
  ])
  assert.equal(jobs.overview().failed[0]?.code, 'internal')
})

test('later, a full disk and a locked database are no failures', async (t) => {
  const { enqueue, work, storage } = fresh(t)
  await enqueue({ task: 'patient', payload: null })
  let attempts = 0
  const patient = task('patient', async () => {
    if (++attempts < 5) throw new RetryLater(1, 'not yet')
  })
  await work([patient], 300)
  assert.equal(attempts, 5)
  await enqueue({ task: 'full', payload: null })
  await work([
    task('full', async () => {
      throw new KnowBotError('disk_full', 'no room')
    }),
  ])
  const full = { ...storage.database.get<Row>("SELECT state, failures FROM jobs WHERE task = 'full'") }
  assert.deepEqual(full, { state: 'queued', failures: 0 })
})

test('S78: jobs of one key run one after the other, in the order they were queued', async (t) => {
  const { enqueue, jobs } = fresh(t)
  const events: string[] = []
  for (const n of [1, 2, 3]) await enqueue({ task: 'slow', payload: n, key: 'document:1' })
  const slow = task('slow', async (job) => {
    events.push(`begin ${job.payload}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    events.push(`end ${job.payload}`)
  })
  // Three loops at once, as three job workers would.
  const signal = new AbortController().signal
  await Promise.all([1, 2, 3].map(() => jobs.run([slow], { signal, idleMs: 200 })))
  assert.deepEqual(events, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
})

test('S78: somebody with a hundred jobs does not keep another waiting', async (t) => {
  const { storage, enqueue, work } = fresh(t)
  const { userId: busy } = await addPerson(storage, 'busy')
  const { userId: other } = await addPerson(storage, 'other')
  const order: JsonValue[] = []
  for (let n = 0; n < 100; n++) {
    await enqueue({ task: 'note', payload: 'busy', ownerId: busy, costMs: 4 * SECOND_MS })
  }
  await enqueue({ task: 'note', payload: 'other', ownerId: other, costMs: 4 * SECOND_MS })
  await work([task('note', async (job) => void order.push(job.payload))])
  assert.ok(order.indexOf('other') <= 2, `the other one came at ${order.indexOf('other')}`)
})

test('a write-ahead log that has grown is work too, and is empty when the worker leaves', async (t) => {
  const { storage, jobs, work } = fresh(t)
  await storage.database.write((tx) => void tx.run("INSERT INTO journal VALUES ('s', 0, ?, 0)", 'x'.repeat(20 * MIB)))
  assert.equal(jobs.workWaiting().waiting, true)
  await work([])
  assert.equal(storage.database.walBytes(), 0)
  assert.equal(jobs.workWaiting().waiting, false)
})

test('S79: a small job overtakes large ones of the same owner, and the large ones are served', async (t) => {
  const { storage, enqueue, work } = fresh(t)
  const { userId: ownerId } = await addPerson(storage, 'owner')
  const order: JsonValue[] = []
  for (const n of [1, 2, 3]) await enqueue({ task: 'note', payload: `large ${n}`, ownerId, costMs: HOUR_MS })
  await enqueue({ task: 'note', payload: 'small', ownerId, costMs: SECOND_MS })
  await work([task('note', async (job) => void order.push(job.payload))])
  assert.deepEqual(order, ['small', 'large 1', 'large 2', 'large 3'])
})

test('S79: a large job that has waited long goes before a small one that has just come', async (t) => {
  const { storage, enqueue, work } = fresh(t)
  const { userId: ownerId } = await addPerson(storage, 'owner')
  const order: JsonValue[] = []
  await enqueue({ task: 'note', payload: 'large', ownerId, costMs: HOUR_MS, runAt: Date.now() - HOUR_MS })
  await enqueue({ task: 'note', payload: 'small', ownerId })
  await work([task('note', async (job) => void order.push(job.payload))])
  assert.deepEqual(order, ['large', 'small'])
})

test('S79: a long job lets those who wait go first when its time slice is over, and goes on where it stopped', async (t) => {
  const { storage, enqueue, work } = fresh(t, { sliceMs: 0 })
  const { userId: ownerId } = await addPerson(storage, 'owner')
  const order: string[] = []
  let page = 0
  const read = task('read', async (job) => {
    if (job.payload === 'short') {
      order.push('short')
      return
    }
    while (page < 4) {
      await job.progress(() => order.push(`long ${++page}`))
      if (page === 2) await enqueue({ task: 'read', payload: 'short', ownerId })
      if (job.shouldYield()) throw new RetryLater(0, 'others wait')
    }
  })
  await enqueue({ task: 'read', payload: 'long', ownerId, costMs: HOUR_MS })
  await work([read])
  assert.deepEqual(order, ['long 1', 'long 2', 'short', 'long 3', 'long 4'])
})

test('S80: a periodic task runs once for all the runs it missed, and not again when the clock is set back', async (t) => {
  const { storage, jobs, work } = fresh(t)
  let runs = 0
  const sweep: Task = { ...task('sweep', async () => void runs++), everyMs: HOUR_MS }
  const plan = () => storage.database.write((tx) => jobs.plan(tx, [sweep]))
  await plan()
  await work([sweep])
  assert.equal(runs, 1)
  const { nextAt } = jobs.workWaiting()
  assert.ok(Math.abs(nextAt! - Date.now() - HOUR_MS) < MINUTE_MS)

  // The server was down for three days: what was due then is still queued, once.
  await storage.database.write((tx) => void tx.run('UPDATE jobs SET run_at = run_at - ?', 72 * HOUR_MS))
  await plan()
  await work([sweep])
  assert.equal(runs, 2)

  // A clock that was an hour ahead when the last run ended: the next is later than it would be, never twice.
  await storage.database.write((tx) => void tx.run('UPDATE jobs SET run_at = run_at + ?', HOUR_MS))
  await plan()
  await work([sweep])
  assert.equal(runs, 2)
})

test('S83: what was given up is listed, and tried again with all its attempts when asked for', async (t) => {
  const { storage, jobs, enqueue, work } = fresh(t)
  const id = await enqueue({ task: 'note', payload: null })
  let isMended = false
  const note: Task = {
    ...task('note', async () => {
      if (!isMended) throw new KnowBotError('unavailable', 'no engine')
    }),
    maxFailures: 2,
  }
  await work([note])
  const [failed] = jobs.overview().failed
  assert.deepEqual([failed?.id, failed?.message, failed?.attempts], [id, 'no engine', 2])
  isMended = true
  const retry = (which: string) => storage.database.write((tx) => jobs.retry(tx, which))
  assert.equal(await retry('unknown'), false)
  assert.equal(await retry(id), true)
  await work([note])
  assert.deepEqual(jobs.overview().failed, [])
  assert.equal(await retry(id), false, 'it is done')
})

test('S80: a delayed job waits for its time, and its time is told', async (t) => {
  const { jobs, enqueue, work } = fresh(t)
  const ran: JsonValue[] = []
  const note = task('note', async (job) => void ran.push(job.payload))
  const later = Date.now() + 10 * MINUTE_MS
  await enqueue({ task: 'note', payload: 'much later', runAt: later })
  await enqueue({ task: 'note', payload: 'soon', runAt: Date.now() + 50 })
  await work([note], 200)
  assert.deepEqual(ran, ['soon'])
  assert.deepEqual(jobs.workWaiting(), { waiting: false, nextAt: later })
})

test('S76: a queued job that is cancelled never runs; a running one is aborted and can commit no more', async (t) => {
  const { storage, jobs, enqueue, work } = fresh(t)
  const seen: string[] = []
  await enqueue({ task: 'long', payload: null, key: 'a' })
  await enqueue({ task: 'never', payload: null, key: 'b' })
  await storage.database.write((tx) => jobs.cancel(tx, 'b'))
  const long = task('long', async (job, signal) => {
    await job.commit(() => seen.push('before'))
    await storage.database.write((tx) => jobs.cancel(tx, 'a'))
    if (!signal.aborted) await once(signal, 'abort')
    await job.commit(() => seen.push('after'))
  })
  await work([long, task('never', async () => void seen.push('never'))])
  assert.deepEqual(seen, ['before'])
  assert.deepEqual(
    storage.database.all('SELECT state FROM jobs ORDER BY id').map((row) => row['state']),
    ['cancelled', 'cancelled'],
  )
})

test('S76: cancelling what is finished or unknown changes nothing', async (t) => {
  const { storage, jobs, enqueue, work } = fresh(t)
  await enqueue({ task: 'note', payload: null, key: 'a' })
  await work([task('note', async () => undefined)])
  await storage.database.write((tx) => {
    jobs.cancel(tx, 'a')
    jobs.cancel(tx, 'unknown')
  })
  assert.equal(storage.database.get<Row>('SELECT state FROM jobs')?.['state'], 'done')
})

test('S71: whoever finishes late, after another attempt has begun, is refused by the fence', async (t) => {
  const { storage, jobs, enqueue, work } = fresh(t)
  const effects: string[] = []
  await enqueue({ task: 'slow', payload: null })
  let attempts = 0
  const slow = task('slow', async (job, signal) => {
    if (++attempts === 1) {
      // The server dies and starts again while this attempt is still at work.
      await storage.database.write((tx) => jobs.recover(tx))
      await work([slow], 0)
      assert.equal(signal.aborted, false)
    }
    await job.commit(() => effects.push(`attempt ${job.attempt}`))
  })
  await work([slow])
  assert.deepEqual(effects, ['attempt 2'])
  assert.deepEqual(
    { ...storage.database.get<Row>('SELECT state, attempt, crashes FROM jobs') },
    {
      state: 'done',
      attempt: 2,
      crashes: 1,
    },
  )
})

test('S81: at a stop the running job is given back, uncounted, and goes on at the next start', async (t) => {
  const { storage, jobs, enqueue, work } = fresh(t)
  const stop = new AbortController()
  await enqueue({ task: 'long', payload: null })
  const long = task('long', async (_, signal) => {
    stop.abort()
    signal.throwIfAborted()
  })
  await jobs.run([long], { signal: stop.signal, idleMs: 1000 })
  assert.deepEqual(
    { ...storage.database.get<Row>('SELECT state, failures, crashes FROM jobs') },
    {
      state: 'queued',
      failures: 0,
      crashes: 0,
    },
  )
  let went = false
  await work([
    task('long', async () => {
      went = true
    }),
  ])
  assert.ok(went)
})

test('a process that was ended from outside is not held against its job; one that died is', async (t) => {
  const GONE = 4_000_001 // Beyond the largest process id there is.
  const { storage, enqueue, work } = fresh(t, { wasEndedFromOutside: async (pid) => pid === GONE })
  const crashesAfterDeathOf = async (pid: number) => {
    await enqueue({ task: 'note', payload: null })
    await storage.database.write(
      (tx) =>
        void tx.run(
          "UPDATE jobs SET state = 'running', attempt = 1, claimed_by = ? WHERE state = 'queued'",
          `${pid}.1`,
        ),
    )
    await work([task('note', async () => undefined)])
    const { crashes, state } = storage.database.get<Row>('SELECT crashes, state FROM jobs ORDER BY id DESC')!
    assert.equal(state, 'done')
    return crashes
  }
  assert.equal(await crashesAfterDeathOf(GONE), 0)
  assert.equal(await crashesAfterDeathOf(GONE + 1), 1)
})

test('a job of an unknown kind is given up with a reason instead of waiting for ever', async (t) => {
  const { jobs, enqueue, work } = fresh(t)
  await enqueue({ task: 'from-another-version', payload: null })
  await work([])
  assert.match(jobs.overview().failed[0]?.message ?? '', /from-another-version/)
})

test('a waiting worker begins at once when a job is queued', async (t) => {
  const { jobs, enqueue } = fresh(t)
  const stop = new AbortController()
  const running = jobs.run([task('note', async () => stop.abort())], { signal: stop.signal, idleMs: MINUTE_MS })
  const startedAt = performance.now()
  await enqueue({ task: 'note', payload: null })
  await running
  assert.ok(performance.now() - startedAt < SECOND_MS)
})

function fresh(t: TestContext, options: Partial<JobsDeps> = {}) {
  const storage = freshStorage(t)
  const jobs = openJobs({ database: storage.database, messages: openMessages(), log: quietLog(), ...options })
  return { storage, jobs, ...handles(storage, jobs) }
}

function handles(storage: Storage, jobs: Jobs) {
  return {
    enqueue: (job: NewJob) => storage.database.write((tx) => jobs.enqueue(tx, job)),
    /** A job worker's loop until nothing is left. */
    work: (tasks: readonly Task[], idleMs = 0) => jobs.run(tasks, { signal: new AbortController().signal, idleMs }),
  }
}

function task(name: string, run: Task['run']): Task {
  return { name, run, maxFailures: 1, retryDelayMs: () => 0 }
}
