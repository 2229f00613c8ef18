/** The numbers of the whole server, for whoever watches it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnowBotError } from '../../src/errors.ts'
import { freshApp, BOOTSTRAP_KEY as KEY } from '../support/app.ts'
import { BOOTSTRAP_KEY, startServer } from '../support/server.ts'

/** A line of the text format 0.0.4 that is no comment. */
const SAMPLE = /^[a-z_\d]+(\{([a-z_]+="[^"]*",?)+\})? -?[\d.e+]+$/

test('an administrator reads the numbers of a real server as Prometheus does', async (t) => {
  const server = await startServer()
  t.after(() => server[Symbol.asyncDispose]())
  const response = await server.fetch('/metrics')
  assert.deepEqual(
    [response.status, response.headers.get('content-type')],
    [200, 'text/plain; version=0.0.4; charset=utf-8'],
  )
  const lines = (await response.text()).trimEnd().split('\n')
  for (const line of lines) assert.ok(line.startsWith('# ') || SAMPLE.test(line), line)
  const names = new Set(lines.flatMap((line) => /^# TYPE (\w+)/.exec(line)?.[1] ?? []))
  for (const name of ['runtime_requests_total', 'runtime_worker_anonymous_bytes', 'knowbot_jobs'])
    assert.ok(names.has(name), name)
  assert.ok(lines.includes('knowbot_jobs{state="queued"} 0'))
  assert.equal((await fetch(`${server.url}/metrics`)).status, 401)
  const asKey = await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': BOOTSTRAP_KEY } })
  assert.equal(asKey.status, 200)
  await asKey.body?.cancel()
})

test('a member reads no numbers of the server', async (t) => {
  const app = await freshApp(t)
  const { key } = await app.person('Mia')
  assert.equal((await app.call(key, 'GET', '/metrics')).status, 403)
  assert.match((await app.call(KEY, 'GET', '/metrics')).text, /^runtime_workers_wanted 1$/m)
})

test('a supervisor that is on its way out is told as such', async (t) => {
  const app = await freshApp(t)
  Object.assign(app.knowbot, {
    metrics: () => Promise.reject(new KnowBotError('unavailable', 'No supervisor is there.')),
  })
  const { status, headers } = await app.call(KEY, 'GET', '/metrics')
  assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
})
