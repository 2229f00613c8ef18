/** Behind a proxy: what it tells of the client decides the cookie and whose attempts are counted, if it is to be believed. */
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { startServer, type TestServer } from '../support/server.ts'

const PASSWORD = 'five brown cups of tea'
const ATTEMPTS_MAX = 100

let believed: TestServer
let stranger: TestServer
before(async (t) => {
  const start = async (...args: string[]) => {
    const server = await startServer({ args })
    ;(t as unknown as TestContext).after(() => server[Symbol.asyncDispose]())
    const body = JSON.stringify({ username: 'Bob', password: PASSWORD })
    const headers = { 'content-type': 'application/json' }
    assert.equal((await server.fetch('/api/users', { method: 'POST', body, headers })).status, 201)
    return server
  }
  believed = await start()
  stranger = await start('--forwarded-allow-ips', '10.1.2.3')
})

test('S101: the cookie is Secure where a trusted proxy says https, and only there', async () => {
  const told = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
  assert.match((await signIn(believed, 'Bob', told)).headers.get('set-cookie')!, /^__Host-knowbot=.+; Secure$/)
  assert.match((await signIn(believed, 'Bob', {})).headers.get('set-cookie')!, /^knowbot=(?!.*Secure)/)
  assert.match((await signIn(stranger, 'Bob', told)).headers.get('set-cookie')!, /^knowbot=(?!.*Secure)/)
})

test('S101: attempts are counted for the address that a trusted proxy tells, whatever the client wrote before it', async () => {
  // Everything before the last address is the client's own invention.
  const from = (n: number, address: string) => ({ 'x-forwarded-for': `198.51.100.${n}, ${address}` })
  assert.ok(await isRefusedInTheEnd((n) => signIn(believed, `nobody${n}`, from(n, '203.0.113.8'))))
  assert.equal((await signIn(believed, 'Bob', from(1, '203.0.113.9'))).status, 200)
})

test('S101: who is not trusted cannot take another address for each attempt', async () => {
  assert.ok(await isRefusedInTheEnd((n) => signIn(stranger, `nobody${n}`, { 'x-forwarded-for': `203.0.113.${n}` })))
})

function signIn(server: TestServer, username: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${server.url}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ username, password: username === 'Bob' ? PASSWORD : 'wrong wrong wrong' }),
    headers: { 'content-type': 'application/json', ...headers },
  })
}

async function isRefusedInTheEnd(attempt: (n: number) => Promise<Response>): Promise<boolean> {
  for (let n = 1; n <= ATTEMPTS_MAX; n++) {
    const { status } = await attempt(n)
    if (status === 429) return true
    assert.equal(status, 401)
  }
  return false
}
