/** On which rung of its ladder the server is: told everywhere, and what it does then. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ALL_WELL, type Condition, modeOf } from '../../src/knowbot.ts'
import { freshApp, BOOTSTRAP_KEY as KEY } from '../support/app.ts'
import { readEvents } from '../support/events.ts'
import { says, startModelDouble } from '../support/model-double.ts'

const SHORT: Partial<Condition> = { step: 'essentials only', stepWhy: '4 MB of memory left, 10 MB are wanted' }
const UNABLE: Partial<Condition> = { jobs: { state: 'cannot start', why: 'no job worker starts: spawn EAGAIN' } }
const FULL: Partial<Condition> = { readOnlyWhy: 'the disk of the data folder is full: 3 MB left' }
const QUESTION = { question: 'When does the lighthouse keeper paint?' }

test('questions are no longer suggested when memory becomes short, before anything else, and are again when there is plenty', async (t) => {
  const app = await freshApp(t)
  await app.upload(
    KEY,
    'keeper.md',
    '# The lighthouse\n\nThe lighthouse keeper paints on Sundays, and sleeps on Mondays.\n',
  )
  const suggested = async () => (await app.call(KEY, 'GET', '/api/suggestions')).body.questions.length
  const before = await suggested()
  assert.ok(before > 0)
  app.stand({ step: 'no optional work', stepWhy: '9 MB of memory left, 10 MB are wanted' })
  assert.equal(await suggested(), 0)
  assert.deepEqual((await app.call(undefined, 'GET', '/api/ready')).body.leftOut, ['suggested questions'])
  app.stand({})
  assert.equal(await suggested(), before)
})

test('the model for the order of what was found is not asked while memory is short, the answer says so, and it is asked again', async (t) => {
  const asked: unknown[] = []
  const server = createServer(async (request, response) => {
    asked.push(JSON.parse(await text(request)))
    const results = [0, 1].map((index) => ({ index, relevance_score: index }))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const rerankUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const app = await freshApp(t, { config: { rerank: 'openai-compatible:order', rerankUrl } })
  await app.upload(KEY, 'keeper.txt', 'The lighthouse keeper paints on Sundays.')
  await app.upload(KEY, 'sister.txt', 'The sister of the lighthouse keeper paints on Mondays.')
  const ask = async () => {
    const headers = { accept: 'text/event-stream' }
    const response = await app.open(KEY, 'POST', '/api/ask', { body: QUESTION, headers })
    const events = await Array.fromAsync(readEvents(response))
    assert.equal(events.at(-1)!.event, 'answer-end')
    return events.filter(({ event }) => event === 'step').map(({ data }) => (data as { label: string }).label)
  }
  await ask()
  assert.equal(asked.length, 1)

  app.stand({ step: 'no optional work', stepWhy: '9 MB of memory left, 10 MB are wanted' })
  const { leftOut } = (await app.call(undefined, 'GET', '/api/ready')).body
  assert.deepEqual(leftOut, ['suggested questions, and the order of what was found by a model'])
  const steps = await ask()
  const told = 'In the order of the search: the model for the order is not asked while memory is short'
  assert.ok(steps.includes(told), steps.join())
  assert.equal(asked.length, 1)

  app.stand({})
  await ask()
  assert.equal(asked.length, 2)
})

test('where all is well the mode is background, and nothing is left out', async (t) => {
  const app = await freshApp(t)
  const { status, body } = await app.call(undefined, 'GET', '/api/ready')
  assert.equal(status, 200)
  assert.deepEqual([body.mode, body.reason, body.leftOut], ['background', null, []])
  assert.deepEqual([body.checks.memory, body.checks.jobs], ['ok', 'ok'])
})

test('while memory is nearly gone the model is not asked, the answer is quotes and says why; then it is asked again', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('On Sundays [1].'))
  const config = { model: 'openai-compatible:double', modelUrl: double.url }
  const app = await freshApp(t, { config })
  await app.upload(KEY, 'keeper.txt', 'The lighthouse keeper paints on Sundays.')

  app.stand(SHORT)
  const { body: ready } = await app.call(undefined, 'GET', '/api/ready')
  assert.deepEqual([ready.mode, ready.reason], ['quotes only', SHORT.stepWhy])
  assert.equal(ready.leftOut.at(-1), 'answers written by the model')
  assert.deepEqual([ready.checks.memory, ready.checks.jobs], ['short', 'ok'])
  const response = await app.open(KEY, 'POST', '/api/ask', { body: QUESTION, headers: { accept: 'text/event-stream' } })
  const events = await Array.fromAsync(readEvents(response))
  const steps = events.filter(({ event }) => event === 'step').map(({ data }) => (data as { label: string }).label)
  assert.ok(steps.includes(`Answering with quotes alone: ${SHORT.stepWhy}`), steps.join())
  assert.equal((events.at(-1)!.data as { mode: string }).mode, 'quotes')
  assert.equal(double.requests.length, 0)

  app.stand({})
  assert.equal((await app.call(KEY, 'POST', '/api/ask', { body: QUESTION })).body.mode, 'model')
})

test('on a full disk nothing is kept and everybody is told; asking without a chat and deleting go on', async (t) => {
  const app = await freshApp(t)
  const { body: document } = await app.upload(KEY, 'keeper.txt', 'The lighthouse keeper paints on Sundays.')
  const { body: chat } = await app.call(KEY, 'POST', '/api/chats', { body: {} })
  app.stand(FULL)
  for (const [path, body] of [
    ['/api/chats', {}],
    [`/api/chats/${chat.id}/messages`, { content: QUESTION.question }],
  ] as const) {
    const refused = await app.call(KEY, 'POST', path, { body })
    assert.deepEqual([refused.status, refused.body.code, refused.headers.get('retry-after')], [507, 'disk_full', '30'])
    assert.match(refused.body.detail, /3 MB left/)
  }
  assert.equal((await app.upload(KEY, 'more.txt', 'More.')).status, 507)
  const { body: ready } = await app.call(undefined, 'GET', '/api/ready')
  assert.deepEqual([ready.mode, ready.reason], ['read only', FULL.readOnlyWhy])
  assert.equal((await app.call(KEY, 'POST', '/api/ask', { body: QUESTION })).body.citations.length, 1)
  assert.equal((await app.call(KEY, 'DELETE', `/api/documents/${document.id}`)).status, 204)
  app.stand({})
  assert.equal((await app.call(KEY, 'POST', '/api/chats', { body: {} })).status, 201)
})

test('who listens to the changes of documents hears where the server stands, at once and whenever that changes', async (t) => {
  const app = await freshApp(t)
  app.stand(UNABLE)
  const left = new AbortController()
  const response = await app.open(KEY, 'GET', '/api/events', { signal: left.signal })
  const heard: unknown[] = []
  for await (const { event, data } of readEvents(response)) {
    assert.equal(event, 'server')
    heard.push((data as { mode: string }).mode)
    if (heard.length === 1) app.stand(SHORT)
    else if (heard.length === 2) app.stand({ ...SHORT, streamsMax: 7 }) // Nobody's matter: nothing is told.
    if (heard.length === 2) app.stand({})
    if (heard.length === 3) break
  }
  left.abort()
  assert.deepEqual(heard, ['inline', 'quotes only', 'background'])
})

test('the status and the metrics name the mode', async (t) => {
  const app = await freshApp(t)
  app.stand(FULL)
  assert.equal((await app.call(KEY, 'GET', '/api/status')).body.mode, 'read only')
  const { text } = await app.call(KEY, 'GET', '/metrics')
  assert.match(text, /^knowbot_mode\{mode="read only"\} 1$/m)
  assert.match(text, /^knowbot_mode\{mode="background"\} 0$/m)
})

test('more streams than there is memory for are refused with 503, and those that are open stay', async (t) => {
  const app = await freshApp(t)
  app.stand({ streamsMax: 2 })
  const left = new AbortController()
  const open = () => app.open(KEY, 'GET', '/api/events', { signal: left.signal })
  const [first] = [await open(), await open()]
  const refused = await app.call(KEY, 'GET', '/api/events')
  assert.deepEqual([refused.status, refused.body.code, refused.headers.get('retry-after')], [503, 'overloaded', '10'])
  const events = readEvents(first!)
  const next = events.next()
  await app.upload(KEY, 'keeper.txt', 'The lighthouse keeper paints on Sundays.')
  assert.equal((await next).value.event, 'document')
  left.abort()
})

const MODES: [indexing: 'auto' | 'background' | 'inline', condition: Partial<Condition>, name: string][] = [
  ['auto', {}, 'background'],
  ['background', {}, 'background'],
  ['inline', {}, 'inline'],
  ['auto', UNABLE, 'inline'],
  ['background', UNABLE, 'background'],
  ['inline', SHORT, 'quotes only'],
  ['auto', { ...UNABLE, ...FULL, ...SHORT }, 'read only'],
  ['auto', { step: 'fewer streams', stepWhy: 'short' }, 'background'],
]
for (const [indexing, condition, name] of MODES) {
  test(`indexing ${indexing}, ${JSON.stringify(condition)}: ${name}`, () => {
    const mode = modeOf({ ...ALL_WELL, ...condition }, indexing)
    assert.equal(mode.name, name)
    assert.equal(mode.why === null, name === 'background' && Object.keys(condition).length === 0)
  })
}
