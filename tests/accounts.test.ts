/** Who may come in, as what, and who may not. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Accounts, type AccountsOptions, openAccounts, prepareAccounts } from '../src/accounts.ts'
import type { ErrorCode, KnowBotError } from '../src/errors.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../src/lib/units.ts'
import type { Storage } from '../src/storage.ts'
import { freshStorage } from './support/folder.ts'

const PASSWORD = 'five brown cups of tea'
const BOOTSTRAP_KEY = 'bootstrap-3f9c1d7e5b'

test('the code of the start makes the first administrator, who is signed in', async (t) => {
  const { accounts, setupCode } = await fresh(t)
  assert.equal(await accounts.needsSetup(), true)
  const { token, principal } = await accounts.setup({ code: setupCode!, name: 'Ada', password: PASSWORD })
  assert.deepEqual([principal.name, principal.role, principal.via], ['Ada', 'administrator', 'session'])
  assert.equal((await accounts.authenticateSession(token))?.userId, principal.userId)
  assert.equal(await accounts.needsSetup(), false)
})

test('of two who use the code at once, one becomes the administrator', async (t) => {
  const { accounts, setupCode } = await fresh(t)
  const tries = ['Ada', 'Eve'].map((name) => accounts.setup({ code: setupCode!, name, password: PASSWORD }))
  const results = await Promise.allSettled(tries)
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const [refused] = results.filter((result) => result.status === 'rejected')
  assert.equal((refused!.reason as KnowBotError).code, 'wrong_setup_code')
  assert.equal((await accounts.users.list({ limit: 10 })).length, 1)
})

test('the code may be typed in small letters without hyphens', async (t) => {
  const { accounts, setupCode } = await fresh(t)
  await accounts.setup({ code: ` ${setupCode!.toLowerCase().replaceAll('-', '')} `, name: 'Ada', password: PASSWORD })
})

for (const code of ['', 'null', 'AAAAA-AAAAA-AAAAA-AAAAA']) {
  test(`the set-up code ${JSON.stringify(code)} makes nobody an administrator`, async (t) => {
    const { accounts } = await fresh(t)
    await refuses('wrong_setup_code', () => accounts.setup({ code, name: 'Eve', password: PASSWORD }))
  })
}

test('a new start makes the old code worthless, and with an administrator there is no code at all', async (t) => {
  const { accounts, storage, setupCode: old } = await fresh(t)
  const { setupCode } = await prepareAccounts(storage)
  await refuses('wrong_setup_code', () => accounts.setup({ code: old!, name: 'Eve', password: PASSWORD }))
  await accounts.setup({ code: setupCode!, name: 'Ada', password: PASSWORD })
  assert.equal((await prepareAccounts(storage)).setupCode, undefined)
  await refuses('wrong_setup_code', () => accounts.setup({ code: setupCode!, name: 'Eve', password: PASSWORD }))
})

test('a code is not needed any more once the shell has made an administrator', async (t) => {
  const { accounts, setupCode } = await fresh(t)
  await accounts.users.create({ name: 'Ada', password: PASSWORD, role: 'administrator' })
  await refuses('wrong_setup_code', () => accounts.setup({ code: setupCode!, name: 'Eve', password: PASSWORD }))
})

test('name and password open a session, whatever the case of the name', async (t) => {
  const { accounts } = await withAda(t)
  const { token, principal } = await accounts.signIn({ name: ' ADA ', password: PASSWORD, peer: '192.0.2.1' })
  assert.equal(principal.name, 'Ada')
  assert.ok(token.length >= 43)
  assert.notEqual(token, (await accounts.signIn({ name: 'Ada', password: PASSWORD, peer: '192.0.2.1' })).token)
})

const WRONG: readonly [string, string, string][] = [
  ['a wrong password', 'Ada', 'five brown cups of coffee'],
  ['a password with a space more', 'Ada', `${PASSWORD} `],
  ['a password in capitals', 'Ada', PASSWORD.toUpperCase()],
  ['nobody', 'Nobody', PASSWORD],
  ['the user of the bootstrap key', 'system', ''],
  ['the user of the shell', 'local', ''],
]

for (const [what, name, password] of WRONG) {
  test(`${what} does not sign in`, async (t) => {
    const { accounts } = await withAda(t)
    await refuses('wrong_credentials', () => accounts.signIn({ name, password, peer: undefined }))
  })
}

test('an unknown name takes the time of a wrong password', async (t) => {
  const { accounts } = await withAda(t)
  const time = async (name: string) => {
    const startedAt = performance.now()
    await refuses('wrong_credentials', () => accounts.signIn({ name, password: 'x'.repeat(12), peer: undefined }))
    return performance.now() - startedAt
  }
  await time('Ada')
  // A hash takes tens of milliseconds, a mere look-up far below one: the least of three is beyond doubt.
  const unknown = Math.min(await time('Nobody'), await time('Nobody'), await time('Nobody'))
  const known = Math.min(await time('Ada'), await time('Ada'), await time('Ada'))
  assert.ok(unknown > known / 3, `${unknown} ms against ${known} ms`)
})

test('signing in fails ever more slowly, for this account from this address alone', async (t) => {
  const clock = { now: Date.now() }
  const { accounts } = await withAda(t, { now: () => clock.now })
  const attempt = (password: string, peer: string) => accounts.signIn({ name: 'Ada', password, peer })
  for (let n = 0; n < 10; n++) await refuses('wrong_credentials', () => attempt('wrong wrong wrong', '192.0.2.1'))
  const first = await refuses('rate_limited', () => attempt(PASSWORD, '192.0.2.1'))
  assert.equal(first.retryAfterS, 5)
  await attempt(PASSWORD, '192.0.2.2')

  clock.now += 5 * SECOND_MS
  await refuses('wrong_credentials', () => attempt('wrong wrong wrong', '192.0.2.1'))
  assert.equal((await refuses('rate_limited', () => attempt(PASSWORD, '192.0.2.1'))).retryAfterS, 10)
  clock.now += 10 * SECOND_MS
  await attempt(PASSWORD, '192.0.2.1')
})

test('twenty people behind one address sign in at once', async (t) => {
  const { accounts } = await withAda(t)
  const all = Array.from({ length: 20 }, () => accounts.signIn({ name: 'Ada', password: PASSWORD, peer: '192.0.2.1' }))
  assert.equal((await Promise.all(all)).length, 20)
})

test('a session ends after 14 days of rest, and after 90 days whatever happens', async (t) => {
  const clock = { now: Date.now() }
  const { accounts } = await withAda(t, { now: () => clock.now })
  const { token } = await accounts.signIn({ name: 'Ada', password: PASSWORD, peer: undefined })
  const { token: resting } = await accounts.signIn({ name: 'Ada', password: PASSWORD, peer: undefined })
  const isIn = async (which: string) => (await accounts.authenticateSession(which)) !== undefined
  const first = clock.now
  for (let day = 0; day < 90; day += 10) {
    clock.now = first + day * DAY_MS
    assert.equal(await isIn(token), true, `day ${day}`)
    // The touch of the session is written aside; the next write waits for it.
    await accounts.signOut('nobody')
  }
  assert.equal(await isIn(resting), false)
  clock.now = first + 90 * DAY_MS + HOUR_MS
  assert.equal(await isIn(token), false)
})

test('who signs out is out, and only there', async (t) => {
  const { accounts } = await withAda(t)
  const here = await accounts.signIn({ name: 'Ada', password: PASSWORD, peer: undefined })
  const there = await accounts.signIn({ name: 'Ada', password: PASSWORD, peer: undefined })
  await accounts.signOut(here.token)
  assert.equal(await accounts.authenticateSession(here.token), undefined)
  assert.ok(await accounts.authenticateSession(there.token))
})

test('neither tokens nor keys nor passwords nor the code lie in the folder', async (t) => {
  const { accounts, storage, setupCode } = await fresh(t)
  const { token, principal } = await accounts.setup({ code: setupCode!, name: 'Ada', password: PASSWORD })
  const { key } = await accounts.keys.create(principal, { name: 'script' })
  const kept = ['users', 'sessions', 'api_keys', 'secrets']
    .flatMap((table) => storage.database.all(`SELECT * FROM ${table}`))
    .flatMap((row) =>
      Object.values(row).map((value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
      ),
    )
    .join('\n')
  for (const secret of [token, key.split('_')[2]!, PASSWORD, setupCode!]) assert.ok(!kept.includes(secret))
  assert.match(kept, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

const NAMES_REFUSED = ['', '   ', 'x'.repeat(65), 'a\nb', 'a\0b', '<b>', '../..', '\u202ebob', '-rf', '{"$ne":null}']

for (const name of NAMES_REFUSED) {
  test(`nobody is called ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
    const { accounts } = await fresh(t)
    await refuses('bad_request', () => accounts.users.create({ name, password: PASSWORD, role: 'member' }))
  })
}

test('a name is given once, whatever its case, and the fixed users keep theirs', async (t) => {
  const { accounts } = await withAda(t)
  for (const name of ['Ada', 'ADA', 'ａｄａ', 'system', 'Local'])
    await refuses('conflict', () => accounts.users.create({ name, password: PASSWORD, role: 'member' }))
})

test('everybody has one collection; an administrator also reads that of the bootstrap key, a member does not', async (t) => {
  const { accounts, ada, bob } = await withAda(t)
  const system = (await accounts.authenticateKey(BOOTSTRAP_KEY))!
  const local = await accounts.local()
  assert.deepEqual(ada.readableCollections, [ada.homeCollection, system.homeCollection])
  assert.deepEqual(local.readableCollections, [local.homeCollection, system.homeCollection])
  assert.deepEqual(bob.readableCollections, [bob.homeCollection])
  assert.deepEqual(system.readableCollections, [system.homeCollection])
  const shown = await accounts.collections(ada)
  assert.deepEqual(
    shown.map(({ name, owner }) => [name, owner]),
    [
      ['Documents', 'Ada'],
      ['Documents', 'system'],
    ],
  )
})

test('a collection is named by its id, and one of somebody else is not there', async (t) => {
  const { accounts, ada, bob } = await withAda(t)
  const [own] = await accounts.collections(bob)
  assert.deepEqual(await accounts.resolveCollections(bob, [own!.id, own!.id]), [bob.homeCollection])
  await refuses('not_found', () => accounts.resolveCollections(ada, [own!.id]))
  await refuses('not_found', () => accounts.resolveCollections(bob, [own!.id, 'nonsense']))
})

test('the bootstrap key is an administrator, and almost the bootstrap key is nobody', async (t) => {
  const { accounts } = await fresh(t)
  const principal = await accounts.authenticateKey(BOOTSTRAP_KEY)
  assert.deepEqual([principal?.kind, principal?.role, principal?.via], ['system', 'administrator', 'bootstrap'])
  for (const key of ['', BOOTSTRAP_KEY.slice(0, -1), `${BOOTSTRAP_KEY} `, BOOTSTRAP_KEY.toUpperCase()])
    assert.equal(await accounts.authenticateKey(key), undefined)
})

test('without a bootstrap key no key is the bootstrap key', async (t) => {
  const storage = freshStorage(t)
  await prepareAccounts(storage)
  const accounts = openAccounts(storage)
  for (const key of ['', 'undefined', 'null']) assert.equal(await accounts.authenticateKey(key), undefined)
})

test('a key acts as its user, with its scopes and no more than the user has', async (t) => {
  const { accounts, ada, bob } = await withAda(t)
  const { key, id } = await accounts.keys.create(bob, { name: 'script', scopes: ['read'] })
  const principal = (await accounts.authenticateKey(key))!
  assert.deepEqual([principal.userId, principal.via, [...principal.scopes]], [bob.userId, 'key', ['read']])
  assert.match(key, /^kb_[0-9a-f]{32}_[0-9A-Za-z]{40}$/)

  const admin = await accounts.keys.create(ada, { name: 'admin', scopes: ['read', 'admin'] })
  await accounts.users.create({ name: 'Zoe', password: PASSWORD, role: 'administrator' })
  await accounts.users.update(ada.userPublicId, { role: 'member' })
  assert.deepEqual([...(await accounts.authenticateKey(admin.key))!.scopes], ['read'])

  const [listed] = await accounts.keys.list(bob, { limit: 10 })
  assert.equal(listed?.id, id)
  assert.equal(Object.hasOwn(listed!, 'key'), false)
})

test('a key that is misspelt, cut, or put together of two is nobody', async (t) => {
  const { accounts, bob } = await withAda(t)
  const [one, two] = [
    await accounts.keys.create(bob, { name: 'one' }),
    await accounts.keys.create(bob, { name: 'two' }),
  ]
  const [, id, secret] = one.key.split('_')
  const wrong = [
    one.key.slice(0, -1),
    `${one.key}0`,
    one.key.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    `kb_${id}_${two.key.split('_')[2]}`,
    `kb_${id}_${secret!.slice(0, 32)}00000000`,
    `kb_${id}_`,
  ]
  for (const key of wrong) assert.equal(await accounts.authenticateKey(key), undefined, key)
  assert.ok(await accounts.authenticateKey(one.key))
})

test('a key is over when it expires, is revoked, or its user is disabled', async (t) => {
  const clock = { now: Date.now() }
  const { accounts, bob } = await withAda(t, { now: () => clock.now })
  const expiring = await accounts.keys.create(bob, { name: 'expiring', expiresAt: clock.now + HOUR_MS })
  const revoked = await accounts.keys.create(bob, { name: 'revoked' })
  const other = await accounts.keys.create(bob, { name: 'other' })
  await accounts.keys.revoke(bob, revoked.id)
  assert.equal(await accounts.authenticateKey(revoked.key), undefined)
  assert.ok(await accounts.authenticateKey(expiring.key))
  clock.now += HOUR_MS
  assert.equal(await accounts.authenticateKey(expiring.key), undefined)
  await accounts.users.update(bob.userPublicId, { disabled: true })
  assert.equal(await accounts.authenticateKey(other.key), undefined)
  await accounts.users.update(bob.userPublicId, { disabled: false })
  assert.ok(await accounts.authenticateKey(other.key))
})

test('nobody hands on a right they do not have, and keys of others are for administrators', async (t) => {
  const { accounts, ada, bob } = await withAda(t)
  await refuses('forbidden', () => accounts.keys.create(bob, { name: 'x', scopes: ['admin'] }))
  await refuses('forbidden', () => accounts.keys.create(bob, { name: 'x', userId: ada.userPublicId }))
  await refuses('forbidden', () =>
    accounts.keys.create(ada, { name: 'x', userId: bob.userPublicId, scopes: ['admin'] }),
  )
  const { key } = await accounts.keys.create(ada, { name: 'for Bob', userId: bob.userPublicId })
  assert.equal((await accounts.authenticateKey(key))?.userId, bob.userId)
  const own = await accounts.keys.create(ada, { name: 'own' })
  await refuses('not_found', () => accounts.keys.revoke(bob, own.id))
  await refuses('not_found', () => accounts.keys.revoke(bob, '00000000-0000-7000-8000-000000000000'))
  await accounts.keys.revoke(ada, (await accounts.keys.list(bob, { limit: 1 }))[0]!.id)
  assert.equal(await accounts.authenticateKey(key), undefined)
})

test('a user has at most a hundred keys', async (t) => {
  const { accounts, bob } = await withAda(t)
  for (let n = 0; n < 100; n++) await accounts.keys.create(bob, { name: `key ${n}` })
  await refuses('conflict', () => accounts.keys.create(bob, { name: 'one more' }))
  const first = await accounts.keys.list(bob, { limit: 60 })
  const rest = await accounts.keys.list(bob, { limit: 60, cursor: first.at(-1)!.id })
  assert.equal(new Set([...first, ...rest].map(({ id }) => id)).size, 100)
})

test('who knows the old password sets a new one, and stays signed in here and nowhere else', async (t) => {
  const { accounts } = await withAda(t)
  const signIn = (password: string) => accounts.signIn({ name: 'Ada', password, peer: undefined })
  const [here, there] = [await signIn(PASSWORD), await signIn(PASSWORD)]
  const change = { password: 'seven green pots of coffee', token: here.token, peer: undefined }
  await refuses('wrong_credentials', () => accounts.changePassword(here.principal, { ...change, current: 'a guess' }))
  await refuses('bad_request', () =>
    accounts.changePassword(here.principal, { ...change, current: PASSWORD, password: 'short' }),
  )
  assert.ok(await accounts.authenticateSession(there.token), 'What was refused has changed nothing.')

  await accounts.changePassword(here.principal, { ...change, current: PASSWORD })
  assert.ok(await accounts.authenticateSession(here.token))
  assert.equal(await accounts.authenticateSession(there.token), undefined)
  await refuses('wrong_credentials', () => signIn(PASSWORD))
  await signIn('seven green pots of coffee')
})

test('a new password ends the sessions, a new role does not', async (t) => {
  const { accounts, bob } = await withAda(t)
  const { token } = await accounts.signIn({ name: 'Bob', password: PASSWORD, peer: undefined })
  await accounts.users.update(bob.userPublicId, { role: 'administrator' })
  assert.equal((await accounts.authenticateSession(token))?.role, 'administrator')
  await accounts.users.update(bob.userPublicId, { password: 'seven green bottles' })
  assert.equal(await accounts.authenticateSession(token), undefined)
  await refuses('wrong_credentials', () => accounts.signIn({ name: 'Bob', password: PASSWORD, peer: undefined }))
  await accounts.signIn({ name: 'Bob', password: 'seven green bottles', peer: undefined })
})

test('who is disabled is out at once and cannot come back in', async (t) => {
  const { accounts, bob } = await withAda(t)
  const { token } = await accounts.signIn({ name: 'Bob', password: PASSWORD, peer: undefined })
  await accounts.users.update(bob.userPublicId, { disabled: true })
  assert.equal(await accounts.authenticateSession(token), undefined)
  await refuses('wrong_credentials', () => accounts.signIn({ name: 'Bob', password: PASSWORD, peer: undefined }))
})

test('who is removed is gone: no session, no key, no name', async (t) => {
  const { accounts, storage, bob } = await withAda(t)
  const { token } = await accounts.signIn({ name: 'Bob', password: PASSWORD, peer: undefined })
  const { key } = await accounts.keys.create(bob, { name: 'script' })
  const closed = await accounts.users.close(bob.userPublicId)
  assert.deepEqual([closed.userId, closed.readableCollections], [bob.userId, [bob.homeCollection]])
  assert.equal(await accounts.authenticateSession(token), undefined)
  assert.equal(await accounts.authenticateKey(key), undefined)
  await accounts.users.remove(bob.userPublicId)
  assert.deepEqual(
    (await accounts.users.list({ limit: 10 })).map(({ name }) => name),
    ['Ada'],
  )
  await refuses('not_found', () => accounts.users.update(bob.userPublicId, { role: 'administrator' }))
  assert.equal(storage.database.get(`SELECT 1 FROM users WHERE name = 'Bob'`), undefined)
  await accounts.users.create({ name: 'Bob', password: PASSWORD, role: 'member' })
})

test('the last administrator can be neither removed nor disabled nor demoted', async (t) => {
  const { accounts, ada } = await withAda(t)
  await refuses('conflict', () => accounts.users.remove(ada.userPublicId))
  await refuses('conflict', () => accounts.users.update(ada.userPublicId, { disabled: true }))
  await refuses('conflict', () => accounts.users.update(ada.userPublicId, { role: 'member' }))
  await accounts.users.create({ name: 'Zoe', password: PASSWORD, role: 'administrator' })
  await accounts.users.remove(ada.userPublicId)
})

test('the fixed users are none of the people, by list or by id', async (t) => {
  const { accounts } = await withAda(t)
  const local = await accounts.local()
  assert.ok((await accounts.users.list({ limit: 10 })).every(({ id }) => id !== local.userPublicId))
  await refuses('not_found', () => accounts.users.update(local.userPublicId, { password: PASSWORD }))
  await refuses('not_found', () => accounts.users.remove(local.userPublicId))
})

async function fresh(t: TestContext, options: AccountsOptions = {}) {
  const storage = freshStorage(t)
  const { setupCode } = await prepareAccounts(storage)
  return { storage, setupCode, accounts: openAccounts(storage, { bootstrapKey: BOOTSTRAP_KEY, ...options }) }
}

/** Ada is an administrator, Bob a member; both signed in once. */
async function withAda(t: TestContext, options: AccountsOptions = {}) {
  const { accounts, storage } = await fresh(t, options)
  await accounts.users.create({ name: 'Ada', password: PASSWORD, role: 'administrator' })
  await accounts.users.create({ name: 'Bob', password: PASSWORD, role: 'member' })
  const as = async (name: string) => (await accounts.signIn({ name, password: PASSWORD, peer: undefined })).principal
  return { accounts, storage, ada: await as('Ada'), bob: await as('Bob') } satisfies {
    accounts: Accounts
    storage: Storage
    ada: unknown
    bob: unknown
  }
}

async function refuses(code: ErrorCode, work: () => Promise<unknown>): Promise<KnowBotError> {
  try {
    await work()
  } catch (error) {
    assert.equal((error as KnowBotError).code, code, String(error))
    return error as KnowBotError
  }
  return assert.fail(`expected ${code}, but it was done`)
}
