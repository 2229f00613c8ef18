/** What a server leaves out while memory is short, and that nobody who is served is hurt by it: with real processes, and memory cgroups where the number asks for one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB } from '../../src/lib/units.ts'
import type { SupervisorStatus } from '../../src/runtime.ts'
import { startSupervisor, until } from '../runtime/support.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from '../support/memory-group.ts'
import { makeProcessGroup, whyNoProcessGroups } from '../support/process-group.ts'
import { BOOTSTRAP_KEY, startServer, type TestServer, upload } from '../support/server.ts'

const APPS = resolve(import.meta.dirname, '../runtime/apps')
const inGroup = { skip: whyNoMemoryGroups() ?? false, timeout: 180_000 }

for (const [kind, causes] of [
  ['buffer', ['oom-kernel']],
  // V8 notices by itself that its heap is full, unless the kernel is quicker.
  ['heap', ['oom-heap', 'oom-kernel']],
  ['wasm', ['oom-kernel']],
] as const) {
  test(`S51: a balloon of ${kind} ends its job worker alone, and the record names the cause`, inGroup, async (t) => {
    await using group = makeMemoryGroup(256 * MIB)
    await using server = await startSupervisor({
      prefix: group.wrap([]),
      jobs: { module: join(APPS, 'hog.ts'), max: 1 },
      environment: { TEST_HOG_MB: '600', TEST_HOG_KIND: kind, TEST_FOLDER: temporaryFolder(t) },
    })
    const workers = await server.workerPids()
    await fetch(`${server.url}/work`)
    const death = await until(async () => (await server.status()).deaths[0], 'the death of the job worker', 60_000)
    assert.equal(death.role, 'job')
    assert.ok((causes as readonly string[]).includes(death.cause), death.cause)
    assert.deepEqual(await server.workerPids(), workers)
  })
}

test('S52: a worker that leaks a megabyte with each request is followed by another before its mark, and no request fails', async () => {
  await using server = await startSupervisor({ limits: { workerBytesMax: 160 * MIB } })
  const [first] = await server.workerPids()
  const { anonymousBytes: baseline } = (await server.status()).workers[0]!
  let requests = 0
  for (; requests < 400; requests += 1) {
    const response = await fetch(`${server.url}/leak?mb=1`)
    assert.equal(response.status, 200)
    if (requests % 10 > 0) continue
    // The supervisor looks four times a second, which a loop as quick as this one would outrun by 100 MB.
    const held = baseline + requests * MIB
    const worker = await until(async () => {
      const { workers } = await server.status()
      const found = workers.find(({ pid }) => pid === first)
      return found === undefined || found.phase === 'draining' || found.anonymousBytes >= held ? { found } : undefined
    }, 'what the supervisor has seen')
    if (worker.found?.phase !== 'ready') break
  }
  const { deaths, workers } = await until(async () => {
    const status = await server.status()
    return status.workers.every(({ pid }) => pid !== first) && status
  }, 'the successor alone')
  assert.deepEqual(deaths, [], 'it left by itself')
  assert.ok(workers.every(({ peakBytes }) => peakBytes < 160 * MIB))
  const flight = (await server.control('flight')) as { event: string; why?: string }[]
  assert.ok(flight.some(({ event, why }) => event === 'recycle' && why === 'memory'))
})

test('S53: a worker that is above the mark when it is fresh is left alone, and that is said once', async () => {
  await using server = await startSupervisor({ limits: { workerBytesMax: 10 * MIB } })
  const workers = await server.workerPids()
  const noted = async () =>
    ((await server.control('flight')) as { event: string }[]).filter(({ event }) => event === 'fresh-worker-above-mark')
  await until(async () => (await noted()).length > 0, 'the warning')
  await sleep(3000) // Twelve looks in which nothing may happen.
  assert.deepEqual(await server.workerPids(), workers)
  assert.equal((await noted()).length, 1)
  assert.deepEqual((await server.status()).deaths, [])
})

test('S55: of two pieces of work of 200 MB in 512 MB one runs and one waits, and a small one goes first', async (t) => {
  const folder = temporaryFolder(t)
  await using server = await startSupervisor({
    limits: { totalBytesMax: 512 * MIB },
    jobs: { module: join(APPS, 'grants.ts'), max: 3 },
    environment: { TEST_WISHES: '150,150,5', TEST_FOLDER: folder },
  })
  const ledger = async () => (await server.status()).memory.jobs
  const work = async (count: number) => {
    await fetch(`${server.url}/work`)
    await until(async () => (await jobsOf(server)).length === count, `${count} job workers`)
  }
  await work(1)
  await until(async () => (await ledger()).grants.length === 1, 'the first grant')
  await work(2)
  const { waiting } = await until(async () => {
    const status = await ledger()
    return status.waiting.length === 1 && status
  }, 'the second waits')
  assert.deepEqual(waiting[0], { what: 'work 1', neededBytes: 150 * MIB, overtaken: 0 })
  await work(3)
  await until(async () => (await ledger()).waiting[0]?.overtaken === 1, 'the small one has gone first')
  writeFileSync(join(folder, 'go-0'), '')
  await until(async () => (await ledger()).grants.some(({ what }) => what === 'work 1'), 'the second has its turn')
  for (const slot of [1, 2]) writeFileSync(join(folder, `go-${slot}`), '')
  await until(async () => (await jobsOf(server)).length === 0, 'no job worker')
})

test(
  'S61: when memory becomes short work is left out step by step, in order, and comes back in the reverse order',
  inGroup,
  async (t) => {
    const { server, group } = await serverWithin(t, 512)
    const status = async () => (await (await server.fetch('/api/status')).json()) as SupervisorStatus & { mode: string }
    const { memory, condition } = await status()
    assert.equal(condition.step, 'everything')
    const usedBytes = 512 * MIB - memory.held.available
    const watched = watchSteps(server)
    // The mark of the smallest containers is 8 MB.
    group.limit(usedBytes + 6 * MIB)
    await until(async () => (await status()).condition.step === 'jobs wait', 'jobs wait', 60_000)
    const form = new FormData()
    form.set('file', new Blob(['The reading room has 42 seats.']), 'seats.txt')
    const document = (await (await server.fetch('/api/documents', { method: 'POST', body: form })).json()) as {
      id: string
    }
    const ready = (await (await fetch(`${server.url}/api/ready`)).json()) as Record<string, unknown>
    assert.deepEqual((ready['checks'] as Record<string, string>)['jobs'], 'waiting')
    assert.match(String(ready['reason']), /of memory left/)
    const waits = await (await server.fetch(`/api/documents/${document.id}`)).json()
    assert.equal((waits as { waiting: { reason: string } }).waiting.reason, 'paused')
    group.limit(512 * MIB)
    await until(async () => (await status()).condition.step === 'everything', 'everything', 60_000)
    await until(
      async () =>
        ((await (await server.fetch(`/api/documents/${document.id}`)).json()) as { status: string }).status === 'ready',
      'the document is read',
      30_000,
    )
    const seen = await watched.stop()
    const down = seen.indexOf('jobs wait')
    assert.deepEqual(seen.slice(0, down + 1), ['everything', 'no optional work', 'one job worker', 'jobs wait'])
    assert.deepEqual(seen.slice(-4), ['jobs wait', 'one job worker', 'no optional work', 'everything'])
    assert.equal(group.oomKills(), 0)
  },
)

for (const [megabytes, streams] of [
  [256, 400],
  [512, 1000],
  [1024, 2000],
] as const) {
  test(
    `S62: in ${megabytes} MB ${streams} streams may be open; one more gets 503, and nobody else notices`,
    inGroup,
    async (t) => {
      const { server, group } = await serverWithin(t, megabytes)
      const before = group.anonymousBytes()
      const open = await openStreams(t, server, streams)
      const perStreamKb = (group.anonymousBytes() - before) / streams / 1000
      const refused = await server.fetch('/api/events')
      assert.equal(refused.status, 503)
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
      const heard = open.map(({ response }) => nextText(response, 'event: document'))
      const form = new FormData()
      form.set('file', new Blob(['The reading room has 42 seats.']), 'seats.txt')
      assert.equal((await server.fetch('/api/documents', { method: 'POST', body: form })).status, 202)
      await Promise.all(heard)
      t.diagnostic(`${perStreamKb.toFixed(1)} kB a stream`)
      assert.equal(group.oomKills(), 0)
    },
  )
}

test('S64: two reloads while a job holds 200 MB stay within the container', inGroup, async (t) => {
  const folder = temporaryFolder(t)
  await using group = makeMemoryGroup(384 * MIB)
  await using server = await startSupervisor({
    prefix: group.wrap([]),
    jobs: { module: join(APPS, 'hog.ts'), max: 1 },
    environment: { TEST_HOG_MB: '200', TEST_HOG_STAYS: '1', TEST_FOLDER: folder },
  })
  await fetch(`${server.url}/leak?mb=40`)
  await fetch(`${server.url}/work`)
  await until(
    async () => ((await jobsOf(server))[0]?.anonymousBytes ?? 0) > 200 * MIB,
    'the job holds its memory',
    30_000,
  )
  for (let round = 0; round < 2; round += 1) {
    const [before] = await server.workerPids()
    await server.control('reload')
    await until(
      async () => {
        const pids = await server.workerPids()
        return pids.length === 1 && pids[0] !== before
      },
      'the successor alone',
      30_000,
    )
    await fetch(`${server.url}/leak?mb=40`)
  }
  t.diagnostic(`peak ${(group.peakBytes() / MIB).toFixed(0)} of 384 MB`)
  assert.equal(group.oomKills(), 0)
  assert.equal((await jobsOf(server)).length, 1)
  writeFileSync(join(folder, 'go'), '')
})

test('S65: ten thousand questions about its state leave the supervisor within 15 MB', async (t) => {
  await using server = await startServer()
  const rss = async () => (await (await server.fetch('/api/status')).json()) as SupervisorStatus
  const before = (await rss()).supervisor.anonymousBytes / MIB
  for (let round = 0; round < 500; round += 1)
    await Promise.all(Array.from({ length: 20 }, () => server.fetch('/metrics')))
  const after = (await rss()).supervisor.anonymousBytes / MIB
  t.diagnostic(`${before.toFixed(1)} MB, then ${after.toFixed(1)} MB`)
  assert.ok(after <= 15, `${after} MB`)
})

test('S68: where the kernel starts no more processes plain text is read all the same, the rest says why it waits, and is read later', {
  skip: whyNoProcessGroups() ?? false,
  timeout: 180_000,
}, async (t) => {
  await using group = makeProcessGroup()
  await using server = await startServer({ wrap: group.wrap })
  const mode = async () => (await (await fetch(`${server.url}/api/ready`)).json()) as { mode: string; reason: string }
  assert.equal((await mode()).mode, 'background')
  group.allowMore('none')
  const text = await upload(server, 'seats.txt', 'The reading room has 42 seats.')
  assert.equal(text['status'], 'ready', `${JSON.stringify(text)}\n${server.log()}`)
  const { mode: name, reason } = await mode()
  assert.equal(name, 'inline')
  assert.match(reason, /no job worker starts: spawn .* EAGAIN/)
  const form = new FormData()
  form.set('file', new Blob(['<!doctype html><p>The archive is in the cellar.</p>']), 'archive.html')
  const { id } = (await (await server.fetch('/api/documents', { method: 'POST', body: form })).json()) as { id: string }
  const look = async () => (await (await server.fetch(`/api/documents/${id}`)).json()) as Record<string, unknown>
  const { waiting } = (await until(look, 'it')) as { waiting: { reason: string; message: string } }
  assert.equal(waiting.reason, 'no_worker')
  assert.match(waiting.message, /EAGAIN/)
  t.diagnostic(waiting.message)
  group.allowMore('any')
  await until(async () => (await look())['status'] === 'ready', 'it is read', 60_000)
  await until(async () => (await mode()).mode === 'background', 'background again', 10_000)
  assert.ok(
    ((await (await server.fetch('/api/status')).json()) as SupervisorStatus).deaths.every(({ role }) => role === 'job'),
  )
})

for (const [count, what] of [
  [4, 'no job worker gets the threads that it needs'],
  [8, 'a job worker boots, and has no threads to work with'],
  [12, 'a job worker works, and the reader that it starts has no threads to work with'],
  [14, 'the reader never boots'],
  [20, 'the reader boots, and has no threads to work with'],
] as const) {
  test(`S68: where the kernel starts ${count} more processes and threads, so that ${what}, nothing that can be read is said to be unreadable`, {
    skip: whyNoProcessGroups() ?? false,
    timeout: 180_000,
  }, async (t) => {
    await using group = makeProcessGroup()
    await using server = await startServer({ wrap: group.wrap, args: ['--boot-timeout', '3'] })
    group.allowMore(count)
    const ids = await Promise.all([
      send(server, 'seats.txt', 'The reading room has 42 seats.'),
      send(server, 'archive.html', '<!doctype html><p>The archive is in the cellar.</p>'),
    ])
    const look = async (id: string) =>
      (await (await server.fetch(`/api/documents/${id}`)).json()) as {
        status: string
        waiting: { message: string } | null
      }
    const archive = await until(async () => {
      const document = await look(ids[1]!)
      return (document.waiting !== null || document.status !== 'queued') && document
    }, 'it is tried, or says why it waits')
    t.diagnostic(`${archive.status}: ${archive.waiting?.message}`)
    await until(async () => (await look(ids[0]!)).status !== 'queued', 'the text is begun', 60_000)
    group.allowMore('any')
    for (const id of ids) {
      const { status } = await until(
        async () => {
          const document = await look(id)
          return /ready|failed/.test(document.status) && document
        },
        'it is read',
        60_000,
      )
      assert.equal(status, 'ready', server.log())
    }
  })
}

async function send(server: TestServer, name: string, content: string): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([content]), name)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form })
  return ((await response.json()) as { id: string }).id
}

async function serverWithin(t: TestContext, megabytes: number): Promise<{ server: TestServer; group: MemoryGroup }> {
  const group = makeMemoryGroup(megabytes * MIB)
  t.after(() => group[Symbol.asyncDispose]())
  const server = await startServer({ wrap: group.wrap })
  t.after(() => server[Symbol.asyncDispose]())
  return { server, group }
}

async function jobsOf(server: { status(): Promise<SupervisorStatus> }) {
  return (await server.status()).workers.filter(({ role }) => role === 'job')
}

/** Every step that the server is on, as the log of decisions has them. */
function watchSteps(server: TestServer) {
  return {
    async stop() {
      const noted = server.log().matchAll(/"event":"condition".*?"step":"([^"]+)"/g)
      return ['everything', ...Array.from(noted, ([, step]) => step!)].filter(
        (step, index, all) => step !== all[index - 1],
      )
    },
  }
}

async function openStreams(t: TestContext, server: TestServer, count: number) {
  const open: { response: IncomingMessage }[] = []
  const one = async () => {
    const { promise, resolve: take, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { authorization: `Bearer ${BOOTSTRAP_KEY}` }
    const request = get(`${server.url}/api/events`, { headers, agent: false }, take).on('error', reject)
    t.after(() => request.destroy())
    const response = await promise
    assert.equal(response.statusCode, 200)
    request.on('error', () => undefined)
    response.on('error', () => undefined).setEncoding('utf8')
    open.push({ response })
  }
  while (open.length < count) await Promise.all(Array.from({ length: Math.min(50, count - open.length) }, one))
  return open
}

function nextText(response: IncomingMessage, part: string): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  let text = ''
  response.on('data', (piece: string) => {
    text += piece
    if (text.includes(part)) done()
  })
  response.once('close', () => reject(new Error('the stream was closed')))
  return promise
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-ladder-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
