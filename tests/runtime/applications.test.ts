/** Applications of other people: Hono, and code that copies, clones and tests requests and responses. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLog, supervise } from 'knowbot/runtime'
import { freshFolder } from '../support/folder.ts'
import { APPS, startSupervisor, type TestSupervisor, text } from './support.ts'

test('the runtime is an entry of the package: knowbot/runtime', async (t) => {
  const folder = freshFolder(t)
  const supervisor = await supervise({
    binds: [{ label: 'public', address: '127.0.0.1:0' }],
    application: join(APPS, 'hono.ts'),
    workers: 1,
    environment: {},
    lockFile: join(folder, 'lock'),
    log: createLog({ level: 'error' }),
    handlesSignals: false,
  })
  await supervisor.ready
  assert.equal(await text(supervisor.addresses[0]!.url), 'hello')
  await supervisor.stop()
  assert.equal(await supervisor.stopped, 0)
})

let server: TestSupervisor
before(async () => {
  server = await startSupervisor({ app: 'hono.ts' })
})
after(async () => server[Symbol.asyncDispose]())

test('a Hono application is served as it is', async () => {
  assert.equal(await text(server.url), 'hello')
  const response = await fetch(`${server.url}/json`, { method: 'POST', body: '{"a":1}' })
  assert.equal(response.status, 201)
  assert.equal(response.headers.get('x-tag'), 'one')
  assert.deepEqual(await response.json(), { got: { a: 1 } })
  assert.equal((await fetch(`${server.url}/nowhere`)).status, 404)
})

test('requests and responses pass for the real ones, and can be copied and cloned', async () => {
  const answer = JSON.parse(await text(`${server.url}/copy`, { headers: { 'user-agent': 'tester' } }))
  assert.deepEqual(answer, {
    isRequest: true,
    isCopy: true,
    more: 'yes',
    isResponse: true,
    cloned: 'twice',
    agent: 'tester',
  })
})

test('a body is read once, by whoever comes first, and a clone has its own', async () => {
  const post = async (path: string) => JSON.parse(await text(`${server.url}${path}`, { method: 'POST', body: 'words' }))
  assert.deepEqual(await post('/body'), {
    usedBefore: false,
    isSame: true,
    usedByClone: false,
    text: 'words',
    used: true,
    again: 'TypeError',
    twin: 'words',
  })
  assert.deepEqual(await post('/body-by-hand'), { first: 5, used: true, mode: 'follow', again: 'TypeError' })
})

test('cookies that a framework appends stay apart', async () => {
  const response = await fetch(`${server.url}/cookies`)
  assert.equal(response.status, 204)
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
})
