/** Who may call what: every route of the table for every kind of caller. A route that is missing here fails: say who may. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ROUTES } from '../../src/app/routes.ts'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { BOOTSTRAP_KEY, freshApp, type TestApp } from '../support/app.ts'

type Right = 'everybody' | 'read' | 'write' | 'chat' | 'person with read' | 'person with write' | 'administrator'

const RIGHTS: Readonly<Record<string, Right>> = {
  'GET /api/health': 'everybody',
  'GET /api/ready': 'everybody',
  'GET /api/openapi.json': 'everybody',
  'POST /api/setup': 'everybody',
  'POST /api/session': 'everybody',
  'DELETE /api/session': 'everybody',
  'GET /api/me': 'read',
  'GET /api/collections': 'read',
  'GET /api/documents': 'read',
  'GET /api/documents/{id}': 'read',
  'GET /api/documents/{id}/events': 'read',
  'GET /api/documents/{id}/original': 'read',
  'GET /api/documents/{id}/pages/{page}': 'read',
  'GET /api/documents/{id}/pages/{page}/image': 'read',
  'GET /api/events': 'read',
  'POST /api/search': 'read',
  'POST /api/documents': 'write',
  'POST /api/documents/samples': 'write',
  'DELETE /api/documents/{id}': 'write',
  'DELETE /api/documents': 'write',
  'POST /api/documents/{id}/restore': 'write',
  'POST /api/documents/restore': 'write',
  'POST /api/documents/{id}/retry': 'write',
  'POST /api/ask': 'chat',
  'POST /api/chats': 'chat',
  'GET /api/chats': 'chat',
  'GET /api/chats/{id}': 'chat',
  'PATCH /api/chats/{id}': 'chat',
  'DELETE /api/chats/{id}': 'chat',
  'DELETE /api/chats': 'chat',
  'POST /api/chats/restore': 'chat',
  'POST /api/chats/{id}/restore': 'chat',
  'POST /api/chats/{id}/messages': 'chat',
  'GET /api/chats/{id}/messages': 'chat',
  'PATCH /api/chats/{id}/messages/{messageId}': 'chat',
  'GET /api/chats/{id}/messages/{messageId}/events': 'chat',
  'POST /api/chats/{id}/messages/{messageId}/stop': 'chat',
  'POST /api/chats/{id}/messages/{messageId}/continue': 'chat',
  'POST /api/chats/{id}/messages/{messageId}/regenerate': 'chat',
  'POST /api/chats/{id}/messages/{messageId}/feedback': 'chat',
  'POST /api/chats/{id}/messages/{messageId}/pin': 'chat',
  'GET /api/chats/{id}/messages/{messageId}/suggestions': 'chat',
  'GET /api/suggestions': 'chat',
  'POST /api/personas': 'chat',
  'GET /api/personas': 'chat',
  'GET /api/personas/{id}': 'chat',
  'PATCH /api/personas/{id}': 'chat',
  'DELETE /api/personas/{id}': 'chat',
  'GET /api/tests': 'chat',
  'POST /api/tests/run': 'chat',
  'DELETE /api/tests/{id}': 'chat',
  'GET /api/tokens': 'chat',
  'GET /api/sessions': 'person with read',
  'DELETE /api/sessions/{id}': 'person with write',
  'PUT /api/me/password': 'person with write',
  'GET /api/keys': 'person with read',
  'POST /api/keys': 'person with write',
  'DELETE /api/keys/{id}': 'person with write',
  'GET /api/status': 'administrator',
  'GET /metrics': 'administrator',
  'GET /api/model': 'administrator',
  'PUT /api/model': 'administrator',
  'DELETE /api/model': 'administrator',
  'POST /api/model/test': 'administrator',
  'GET /api/index': 'administrator',
  'POST /api/index': 'administrator',
  'GET /api/users': 'administrator',
  'POST /api/users': 'administrator',
  'PATCH /api/users/{id}': 'administrator',
  'DELETE /api/users/{id}': 'administrator',
}

let app: TestApp
let callers: Record<string, { key?: string; cookie?: string; listener?: string; may: ReadonlySet<Right> }>

before(async (t) => {
  app = await freshApp(t as never)
  const { accounts } = app.knowbot
  const all: Right[] = ['everybody', 'read', 'write', 'chat', 'person with read', 'person with write', 'administrator']
  const member: Right[] = ['everybody', 'read', 'write', 'chat', 'person with read', 'person with write']
  const session = async (name: string) => {
    const { token } = await accounts.signIn({ name, password: 'five brown cups of tea', peer: undefined })
    return `knowbot=${token}`
  }
  const admin = await app.person('Ada', 'administrator')
  await app.person('Mia')
  callers = {
    nobody: { may: new Set<Right>(['everybody']) },
    'a member with a session': { cookie: await session('Mia'), may: new Set(member) },
    'a key of a member': {
      key: (await app.person('Mo')).key,
      may: new Set<Right>(['everybody', 'read', 'write', 'chat']),
    },
    'a key that may read': {
      key: (await app.person('Ria', 'member', ['read'])).key,
      may: new Set<Right>(['everybody', 'read']),
    },
    'a key that may write': {
      key: (await app.person('Will', 'member', ['write'])).key,
      may: new Set<Right>(['everybody', 'write']),
    },
    'a key that may chat': {
      key: (await app.person('Cha', 'member', ['chat'])).key,
      may: new Set<Right>(['everybody', 'chat']),
    },
    'a key of an administrator without the scope': {
      key: (await app.person('Ali', 'administrator', ['read', 'write', 'chat'])).key,
      may: new Set<Right>(['everybody', 'read', 'write', 'chat']),
    },
    'a key of an administrator that may administer and nothing else': {
      key: (await app.person('Amy', 'administrator', ['admin'])).key,
      may: new Set<Right>(['everybody', 'administrator']),
    },
    'a key of an administrator': { key: admin.key, may: new Set(all) },
    'an administrator with a session': { cookie: await session('Ada'), may: new Set(all) },
    'the bootstrap key': { key: BOOTSTRAP_KEY, may: new Set(all) },
    'the shell': { listener: 'local', may: new Set(all) },
  }
})

test('this table names every route and no other', () => {
  assert.deepEqual(Object.keys(RIGHTS).sort(), ROUTES.map(({ method, path }) => `${method} ${path}`).sort())
})

// Signing out comes last: it takes their sessions from those who come with one.
const inOrder = ROUTES.toSorted((a, b) => Number(a.name === 'signOut') - Number(b.name === 'signOut'))

for (const route of inOrder) {
  const name = `${route.method} ${route.path}`
  test(`${name} is for ${RIGHTS[name]}, and for nobody else`, async () => {
    for (const [caller, { key, cookie, listener, may }] of Object.entries(callers)) {
      const path = route.path.replace('{page}', '1').replace(/\{\w+\}/g, () => uuidv7())
      const response = await app.open(key, route.method, path, {
        ...(route.bodyExample === undefined ? {} : { body: route.bodyExample }),
        headers: cookie ? { cookie } : {},
        ...(listener ? { arrival: { listener, peer: null } } : {}),
      })
      const code =
        response.headers.get('content-type') === 'application/problem+json'
          ? ((await response.json()) as { code: string }).code
          : undefined
      await response.body?.cancel().catch(() => undefined) // A problem has been read to its end already.
      const expected = may.has(RIGHTS[name]!) ? undefined : caller === 'nobody' ? 'unauthenticated' : 'forbidden'
      const refused = code === 'unauthenticated' || code === 'forbidden' ? code : undefined
      assert.equal(refused, expected, `${caller}: ${response.status} ${code}`)
    }
  })
}
