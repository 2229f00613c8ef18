/** What indexing in the background once did wrong elsewhere, each as a promise that it does not happen here. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../runtime/support.ts'
import { BOOTSTRAP_KEY, freshApp } from '../support/app.ts'
import { withTextChunk } from '../support/png.ts'
import { commandOf, descendants } from '../support/process.ts'
import { SAMPLES } from '../support/samples.ts'
import { startServer, type TestServer } from '../support/server.ts'

const SCAN = readFileSync(join(SAMPLES, 'board-minutes-scan.png'))
const READ_MS_MAX = 240_000

test('S67: a queue that accepts while nobody works: the document says why it waits, and is read as soon as somebody does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-background-'))
  const { call } = await freshApp(t, { folder, isWorking: false })
  const form = new FormData()
  form.set('file', new Blob(['The boiler of house 7 was replaced in May.']), 'letter.txt')
  const accepted = await call(BOOTSTRAP_KEY, 'POST', '/api/documents', { body: form })
  assert.equal(accepted.status, 202)
  assert.ok(accepted.body.waiting.message.length > 10)
  const look = async () => (await call(BOOTSTRAP_KEY, 'GET', `/api/documents/${accepted.body.id}`)).body
  const told = await until(
    async () => {
      const { status, waiting } = await look()
      return waiting.reason === 'no_worker' && { status, waiting }
    },
    'the document to say that nobody reads',
    20_000,
  )
  assert.equal(told.status, 'queued')
  assert.match(told.waiting.message, /read as soon as somebody does/)

  const script = join(import.meta.dirname, '../support/document-worker.ts')
  const worker = fork(script, [folder], { execArgv: ['--no-warnings'] })
  t.after(() => worker.kill('SIGKILL'))
  await once(worker, 'exit')
  const { status, waiting } = await look()
  assert.deepEqual([status, waiting], ['ready', null])
})

test('a killed indexer leaves no document in reading: another one goes on, and it becomes ready', async () => {
  await using server = await startServer()
  const id = await send(server, 'scan.png', withTextChunk(SCAN, 'killed'))
  await until(async () => (await look(server, id)).status === 'reading', 'reading to begin', READ_MS_MAX)
  const readers = descendants(server.process.pid!).filter((pid) => /job-worker|extraction/.test(commandOf(pid)))
  assert.ok(readers.length >= 1)
  for (const pid of readers) kill(pid)
  const document = await until(async () => ended(await look(server, id)), 'the document to be read', READ_MS_MAX)
  assert.equal(document.status, 'ready')
})

test('an upload is answered before its text is recognised', async (t) => {
  await using server = await startServer()
  const startedAt = performance.now()
  const form = new FormData()
  form.set('file', new Blob([withTextChunk(SCAN, 'at once')]), 'scan.png')
  const response = await server.fetch('/api/documents', { method: 'POST', body: form })
  const answeredMs = performance.now() - startedAt
  const { id, status, pages } = (await response.json()) as Told
  assert.deepEqual([response.status, status, pages.done], [202, 'queued', 0])
  await until(async () => (await look(server, id)).status === 'ready', 'the document to be read', READ_MS_MAX)
  const readMs = performance.now() - startedAt
  t.diagnostic(`answered after ${answeredMs.toFixed(0)} ms, read after ${readMs.toFixed(0)} ms`)
  assert.ok(answeredMs < readMs / 4, `answered after ${answeredMs} ms, read after ${readMs} ms`)
})

interface Told {
  id: string
  status: string
  pages: { done: number }
}

async function send(server: TestServer, name: string, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([bytes]), name)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form })
  return ((await response.json()) as Told).id
}

async function look(server: TestServer, id: string): Promise<Told> {
  return (await (await server.fetch(`/api/documents/${id}`)).json()) as Told
}

function ended(document: Told): Told | false {
  return (document.status === 'ready' || document.status === 'failed') && document
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went with the one before.
  }
}
