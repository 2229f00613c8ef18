/** Coming in over HTTP: set-up, sessions and their cookie, keys, users. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { BOOTSTRAP_KEY as ADMIN, freshApp, PASSWORD, type Person, type Reply, type TestApp } from '../support/app.ts'

let app: TestApp
let bob: Person
before(async (t) => {
  app = await freshApp(t as never)
  bob = await app.person('Bob')
})

test('the first administrator is made once, and is signed in', async (t) => {
  const fresh = await freshApp(t)
  assert.equal((await fresh.call(undefined, 'GET', '/api/ready')).body.needsSetup, true)
  const body = { code: fresh.setupCode, username: 'Ada', password: PASSWORD }
  const { status, headers, body: me } = await fresh.call(undefined, 'POST', '/api/setup', { body })
  assert.deepEqual([status, me.username, me.role, me.via], [201, 'Ada', 'administrator', 'session'])
  assert.equal((await fresh.call(undefined, 'GET', '/api/me', { headers: cookie(headers) })).body.id, me.id)
  assert.equal((await fresh.call(undefined, 'GET', '/api/ready')).body.needsSetup, false)
  const again = await fresh.call(undefined, 'POST', '/api/setup', { body: { ...body, username: 'Eve' } })
  assert.deepEqual([again.status, again.body.code], [403, 'wrong_setup_code'])
})

for (const code of [null, 1, {}, ['x'], true]) {
  test(`the set-up code ${JSON.stringify(code)} is no text and is refused`, async () => {
    const { status } = await app.call(undefined, 'POST', '/api/setup', {
      body: { code, username: 'Eve', password: PASSWORD },
    })
    assert.equal(status, 400)
  })
}

test('signing in sets a cookie that scripts cannot read, and signing out takes it away', async () => {
  const { status, headers, body } = await signIn('Bob', PASSWORD)
  assert.deepEqual([status, body.username, body.role], [200, 'Bob', 'member'])
  assert.match(headers.get('set-cookie')!, /^knowbot=[\w-]{43}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax$/)
  const out = await app.call(undefined, 'DELETE', '/api/session', { headers: cookie(headers) })
  assert.equal(out.status, 204)
  assert.match(out.headers.get('set-cookie')!, /^knowbot=; Path=\/; Max-Age=0;/)
  assert.equal((await app.call(undefined, 'GET', '/api/me', { headers: cookie(headers) })).status, 401)
  assert.equal((await app.call(undefined, 'DELETE', '/api/session', { headers: cookie(headers) })).status, 204)
})

test('I see where I am signed in, and sign out elsewhere, but not others', async () => {
  const zed = await app.person('Zed')
  const [here, there] = [await signIn('Zed', PASSWORD), await signIn('Zed', PASSWORD)]
  const bobs = await signIn('Bob', PASSWORD)
  const list = async (headers: Headers) =>
    (await app.call(undefined, 'GET', '/api/sessions', { headers: cookie(headers) })).body.items
  const items = await list(here.headers)
  assert.deepEqual([items.length, items.filter(({ isCurrent }: { isCurrent: boolean }) => isCurrent).length], [2, 1])
  const other = items.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent)
  const end = (headers: Headers, id: string) =>
    app.call(undefined, 'DELETE', `/api/sessions/${id}`, { headers: cookie(headers) })
  assert.equal((await end(bobs.headers, other.id)).status, 404)
  assert.equal((await end(here.headers, other.id)).status, 204)
  assert.equal((await end(here.headers, other.id)).status, 404)
  assert.equal((await app.call(undefined, 'GET', '/api/me', { headers: cookie(there.headers) })).status, 401)
  assert.equal((await list(here.headers)).length, 1)
  assert.equal((await app.call(zed.key, 'GET', '/api/sessions')).status, 403)
})

test('over https the cookie belongs to this host alone', async (t) => {
  const fresh = await freshApp(t, { config: { publicUrl: 'https://docs.example.org' } })
  await fresh.person('Bob')
  const headers = { host: 'docs.example.org' }
  const body = { username: 'Bob', password: PASSWORD }
  const signedIn = await fresh.call(undefined, 'POST', '/api/session', { body, headers })
  assert.match(signedIn.headers.get('set-cookie')!, /^__Host-knowbot=.+; HttpOnly; SameSite=Lax; Secure$/)
  const me = (pair: string) => fresh.call(undefined, 'GET', '/api/me', { headers: { ...headers, cookie: pair } })
  const pair = cookie(signedIn.headers).cookie
  assert.equal((await me(pair)).status, 200)
  // A neighbouring host could plant the plain name.
  assert.equal((await me(pair.replace('__Host-', ''))).status, 401)
})

test('https that a trusted proxy told of is https', async () => {
  const body = { username: 'Bob', password: PASSWORD }
  const { headers } = await app.call(undefined, 'POST', '/api/session', { body, scheme: 'https' })
  assert.match(headers.get('set-cookie')!, /^__Host-knowbot=.+; Secure$/)
})

for (const [username, password] of [
  ['Bob', 'wrong wrong wrong'],
  ['nobody', PASSWORD],
  ['system', ''],
  ['', ''],
  ["' OR 1=1 --", PASSWORD],
] as const) {
  test(`"${username}" does not get in with "${password}", and is told no more than that`, async () => {
    const { status, body, headers } = await signIn(username, password)
    assert.deepEqual([status, body.code], [401, 'wrong_credentials'])
    assert.equal(body.detail, 'This name and this password do not belong together.')
    assert.equal(headers.has('set-cookie'), false)
  })
}

for (const body of [
  { username: { $ne: null }, password: { $ne: null } },
  { username: 'Bob' },
  { username: ['Bob'], password: PASSWORD },
  { username: 'Bob', password: PASSWORD, role: 'administrator' },
]) {
  test(`nobody signs in with ${JSON.stringify(body)}`, async () => {
    const reply = await app.call(undefined, 'POST', '/api/session', { body })
    assert.deepEqual([reply.status, reply.body.code], [400, 'bad_request'])
  })
}

test('guessing is answered with 429 and when to come back, from this address alone', async () => {
  await app.person('Guessed')
  const attempt = (password: string, address = '198.51.100.7') =>
    app.call(undefined, 'POST', '/api/session', {
      body: { username: 'Guessed', password },
      arrival: { peer: { address } },
    })
  for (let n = 0; n < 10; n++) assert.equal((await attempt(`wrong guess ${n}`)).status, 401)
  const { status, headers, body } = await attempt(PASSWORD)
  assert.deepEqual([status, body.code], [429, 'rate_limited'])
  assert.ok(Number(headers.get('retry-after')) > 0)
  assert.equal((await attempt(PASSWORD, '198.51.100.8')).status, 200)
})

const KEYS: readonly [string, Record<string, string>, number][] = [
  ['a key as Bearer', { authorization: 'Bearer KEY' }, 200],
  ['a key as bearer in small letters', { authorization: 'bearer KEY' }, 200],
  ['a key in x-api-key', { 'x-api-key': 'KEY' }, 200],
  ['no key', {}, 401],
  ['a wrong key', { authorization: 'Bearer kb_wrong' }, 401],
  ['a key as a password', { authorization: `Basic ${btoa('x:KEY')}` }, 401],
  ['a key without a scheme', { authorization: 'KEY' }, 401],
  ['an empty key', { authorization: 'Bearer ' }, 401],
  ['an empty x-api-key', { 'x-api-key': '' }, 401],
  ['a key in the cookie', { cookie: 'knowbot=KEY' }, 401],
]

for (const [what, headers, expected] of KEYS) {
  test(`${what} is ${expected === 200 ? 'let in' : 'turned away'}`, async () => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('KEY', bob.key)]),
    )
    const reply = await app.call(undefined, 'GET', '/api/me', { headers: filled })
    assert.equal(reply.status, expected)
    assert.equal(reply.headers.has('www-authenticate'), expected === 401)
  })
}

test('a wrong key is not helped by a right cookie', async () => {
  const { headers } = await signIn('Bob', PASSWORD)
  const both = { ...cookie(headers), authorization: 'Bearer kb_wrong' }
  assert.equal((await app.call(undefined, 'GET', '/api/me', { headers: both })).status, 401)
})

test('the shell needs no key, and is who it is', async () => {
  const { body } = await app.call(undefined, 'GET', '/api/me', { arrival: { listener: 'local', peer: null } })
  assert.deepEqual([body.username, body.role, body.via], ['local', 'administrator', 'local'])
})

test('a key is made, works with its scopes, is listed without its secret, and is revoked', async () => {
  const session = cookie((await signIn('Bob', PASSWORD)).headers)
  const body = { name: 'nightly import', scopes: ['read'], expiresAt: '2099-01-31T00:00:00Z' }
  const made = await app.call(undefined, 'POST', '/api/keys', { body, headers: session })
  assert.deepEqual([made.status, made.body.scopes, made.body.expiresAt], [201, ['read'], '2099-01-31T00:00:00.000Z'])
  const { key, id } = made.body
  assert.equal((await app.call(key, 'GET', '/api/documents')).status, 200)
  assert.equal((await app.call(key, 'POST', '/api/ask', { body: { question: 'x' } })).status, 403)

  const listed = await app.call(undefined, 'GET', '/api/keys', { headers: session })
  assert.ok(listed.body.items.some((item: { id: string }) => item.id === id))
  assert.ok(!listed.text.includes(key.slice(40)))

  assert.equal((await app.call(undefined, 'DELETE', `/api/keys/${id}`, { headers: session })).status, 204)
  assert.equal((await app.call(key, 'GET', '/api/documents')).status, 401)
  assert.equal((await app.call(undefined, 'DELETE', `/api/keys/${id}`, { headers: session })).status, 404)
})

const KEYS_REFUSED: readonly [string, object, number][] = [
  ['of a member that may administer', { name: 'x', scopes: ['admin'] }, 403],
  ['for somebody else', { name: 'x', userId: 'ADMIN' }, 403],
  ['without a scope', { name: 'x', scopes: [] }, 400],
  ['with a scope nobody knows', { name: 'x', scopes: ['root'] }, 400],
  ['without a name', { name: ' ' }, 400],
  ['that is over already', { name: 'x', expiresAt: '2001-01-01T00:00:00Z' }, 400],
  ['that expires some day', { name: 'x', expiresAt: 'some day' }, 400],
  ['whose id somebody chose', { name: 'x', id: '1' }, 400],
]

for (const [what, body, expected] of KEYS_REFUSED) {
  test(`a key ${what} is not made`, async () => {
    const session = cookie((await signIn('Bob', PASSWORD)).headers)
    const reply = await app.call(undefined, 'POST', '/api/keys', { body, headers: session })
    assert.equal(reply.status, expected, reply.text)
  })
}

test('an administrator makes a key for somebody, lists and revokes it', async () => {
  const made = await app.call(ADMIN, 'POST', '/api/keys', { body: { name: 'for Bob', userId: bob.id } })
  assert.equal((await app.call(made.body.key, 'GET', '/api/me')).body.username, 'Bob')
  const listed = await app.call(ADMIN, 'GET', `/api/keys?userId=${bob.id}`)
  assert.ok(listed.body.items.some(({ id }: { id: string }) => id === made.body.id))
  assert.equal((await app.call(ADMIN, 'DELETE', `/api/keys/${made.body.id}`)).status, 204)
  assert.equal((await app.call(made.body.key, 'GET', '/api/me')).status, 401)
})

test('a user is made, changed, and removed with everything that is theirs', async () => {
  // So that Uma is never the last administrator.
  await app.person('Ada', 'administrator')
  const made = await app.call(ADMIN, 'POST', '/api/users', { body: { username: 'Uma', password: PASSWORD } })
  assert.deepEqual([made.status, made.body.username, made.body.role, made.body.disabled], [201, 'Uma', 'member', false])
  const path = `/api/users/${made.body.id}`
  const { key } = (await app.call(ADMIN, 'POST', '/api/keys', { body: { name: 'x', userId: made.body.id } })).body
  const document = await app.upload(key, 'hers.txt', 'Uma keeps bees in the attic.')
  assert.equal(document.status, 201)

  assert.equal((await app.call(ADMIN, 'PATCH', path, { body: { role: 'administrator' } })).body.role, 'administrator')
  assert.equal((await app.call(ADMIN, 'PATCH', path, { body: { disabled: true } })).body.disabled, true)
  assert.equal((await signIn('Uma', PASSWORD)).status, 401)
  assert.equal((await app.call(ADMIN, 'PATCH', path, { body: { disabled: false, role: 'member' } })).status, 200)
  assert.equal((await signIn('Uma', PASSWORD)).status, 200)

  assert.equal((await app.call(ADMIN, 'DELETE', path)).status, 204)
  assert.equal((await app.call(key, 'GET', '/api/me')).status, 401)
  assert.equal((await signIn('Uma', PASSWORD)).status, 401)
  assert.equal((await app.call(ADMIN, 'PATCH', path, { body: { disabled: false } })).status, 404)
  const { deleted } = app.knowbot.storage.database.get<{ deleted: number }>(
    'SELECT count(*) AS deleted FROM documents WHERE public_id = ? AND deleted_at IS NULL',
    document.body.id,
  )!
  assert.equal(deleted, 0)
  assert.ok(!(await app.call(ADMIN, 'GET', '/api/users')).text.includes('Uma'))
})

const USERS_REFUSED: readonly [string, object, number, RegExp][] = [
  ['with a name that is taken', { username: 'bob', password: PASSWORD }, 409, /already/],
  ['with a short password', { username: 'New', password: 'short' }, 400, /12 to 256/],
  ['with a common password', { username: 'New', password: 'password1234' }, 400, /first to be guessed/],
  ['with a role that is none', { username: 'New', password: PASSWORD, role: 'root' }, 400, /role/],
  ['with an id of their own', { username: 'New', password: PASSWORD, id: '1' }, 400, /id/],
  ['without a password', { username: 'New' }, 400, /password/],
]

for (const [what, body, expected, says] of USERS_REFUSED) {
  test(`a user ${what} is not made, and the reason is told`, async () => {
    const reply = await app.call(ADMIN, 'POST', '/api/users', { body })
    assert.equal(reply.status, expected)
    assert.match(reply.body.detail, says)
  })
}

test('everybody has a collection, named to whom it belongs', async () => {
  const { body } = await app.call(bob.key, 'GET', '/api/collections')
  assert.deepEqual(
    body.items.map(({ id, name, owner }: Record<string, string>) => [id, name, owner]),
    [[bob.collectionId, 'Documents', 'Bob']],
  )
})

function signIn(username: string, password: string): Promise<Reply> {
  return app.call(undefined, 'POST', '/api/session', {
    body: { username, password },
    arrival: { peer: { address: unique() } },
  })
}

/** The cookie as a browser sends it back. */
function cookie(headers: Headers): { cookie: string } {
  return { cookie: headers.get('set-cookie')!.split(';')[0]! }
}

let addresses = 0
/** So that the brakes of one test do not hold up another. */
function unique(): string {
  return `203.0.113.${++addresses}`
}
