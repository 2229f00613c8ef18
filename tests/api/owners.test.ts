/**
 * Owners: every operation of the OpenAPI document, called by somebody else with every id of the owner's that can stand in it,
 * answers as if there were nothing.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { BOOTSTRAP_KEY, freshApp, PASSWORD, type Person, type Reply, type TestApp } from '../support/app.ts'

interface Operation {
  parameters?: { name: string; in: string }[]
  requestBody?: {
    content: Record<string, { example?: object; schema: { $ref?: string; properties?: Record<string, unknown> } }>
  }
}
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { properties?: object }> }
}

const DOCUMENT = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs/reference/openapi.json'), 'utf8'),
) as Document
const SECRET = 'Zeppelins over Lakehurst carry marmalade.'

interface Owned {
  person: Person
  documentId: string
  chatId: string
  messageId: string
  sessionId: string
  personaId: string
  testId: string
}

let app: TestApp
let owned: Owned
let strangers: Record<string, Person>
before(async (t) => {
  app = await freshApp(t as never)
  const person = await app.person('Olga')
  const { body } = await app.upload(person.key, 'marmalade.txt', SECRET)
  assert.equal(body.status, 'ready')
  const chatId = (await app.call(person.key, 'POST', '/api/chats', { body: { title: SECRET } })).body.id
  const question = { body: { content: 'What do zeppelins carry?' } }
  await app.call(person.key, 'POST', `/api/chats/${chatId}/messages`, question)
  const [answer] = (await app.call(person.key, 'GET', `/api/chats/${chatId}/messages`)).body.items
  assert.match(answer.content, /marmalade/)
  const persona = { body: { name: 'Olga’s', instructions: SECRET } }
  const personaId = (await app.call(person.key, 'POST', '/api/personas', persona)).body.id
  const testId = (await app.call(person.key, 'POST', `/api/chats/${chatId}/messages/${answer.id}/pin`)).body.id
  const { accounts } = app.knowbot
  const { principal } = await accounts.signIn({ name: 'Olga', password: PASSWORD, peer: undefined })
  const [session] = await accounts.sessions(principal)
  owned = { person, documentId: body.id, chatId, messageId: answer.id, sessionId: session!.id, personaId, testId }
  strangers = {
    'another member': await app.person('Eve'),
    'an administrator': await app.person('Zoe', 'administrator'),
  }
})

/** Every place of the operation where an id can stand, each a request of its own. */
function requestsWith(
  { person, documentId, chatId, messageId, sessionId, personaId, testId }: Owned,
  path: string,
  method: string,
  operation: Operation,
): { path: string; body?: unknown; headers?: Record<string, string> }[] {
  const ids: Record<string, string> = {
    ...{ documents: documentId, chats: chatId },
    ...{ keys: person.keyId, users: person.id, sessions: sessionId, personas: personaId, tests: testId },
  }
  const at = path
    .replace('{id}', ids[path.split('/')[2]!] ?? documentId)
    .replace('{messageId}', messageId)
    .replace('{page}', '1')
  assert.doesNotMatch(at, /[{}]/, 'a parameter that this test has no value for')
  const content = operation.requestBody?.content ?? {}
  const json = content['application/json']
  const requests: { path: string; body?: unknown; headers?: Record<string, string> }[] = []
  if (path.includes('{id}'))
    requests.push({ path: at, body: method === 'get' || method === 'delete' ? undefined : (json?.example ?? {}) })
  for (const { name } of operation.parameters?.filter((parameter) => parameter.in === 'query') ?? [])
    if (name === 'userId' || name === 'cursor')
      requests.push({ path: `${at}?${name}=${name === 'cursor' ? documentId : person.id}` })
  const properties = Object.keys(
    json?.schema.properties ??
      DOCUMENT.components.schemas[json?.schema.$ref?.split('/').at(-1) ?? '']?.properties ??
      {},
  )
  for (const [name, value] of [
    ['documentIds', [documentId]],
    ['collectionIds', [person.collectionId]],
    ['userId', person.id],
    ['personaId', personaId],
  ] as const)
    if (properties.includes(name)) requests.push({ path: at, body: { ...json!.example, [name]: value } })
  if (content['multipart/form-data']) {
    const parts = `--b\r\nContent-Disposition: form-data; name="collectionId"\r\n\r\n${person.collectionId}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\nEve was here.\r\n--b--\r\n`
    requests.push({ path: at, body: parts, headers: { 'content-type': 'multipart/form-data; boundary=b' } })
  }
  if (requests.length === 0 && method === 'get') requests.push({ path: at })
  return requests
}

for (const [path, methods] of Object.entries(DOCUMENT.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    test(`${method.toUpperCase()} ${path} by somebody else: what is not theirs is as if it were not there`, async () => {
      for (const [who, stranger] of Object.entries(strangers)) {
        // Accounts and keys are the business of administrators: what they may there is told by the tests of accounts.
        if (who === 'an administrator' && /^\/api\/(users|keys)/.test(path)) continue
        const nowhere: Owned = {
          person: { id: uuidv7(), key: '', keyId: uuidv7(), collectionId: uuidv7() },
          documentId: uuidv7(),
          chatId: uuidv7(),
          messageId: uuidv7(),
          sessionId: uuidv7(),
          personaId: uuidv7(),
          testId: uuidv7(),
        }
        const [theirs, nothing] = [
          requestsWith(owned, path, method, operation),
          requestsWith(nowhere, path, method, operation),
        ]
        for (const [index, request] of theirs.entries()) {
          const reply = await ask(stranger.key, method, request)
          const other = await ask(stranger.key, method, nothing[index]!)
          assert.deepEqual(shown(reply, owned), shown(other, nowhere), `${who}: ${JSON.stringify(request)}`)
          for (const mark of ['Zeppelin', 'marmalade', owned.documentId, 'Olga'])
            assert.ok(
              !withoutIds(reply.text, owned).includes(mark),
              `${who} sees "${mark}" by ${JSON.stringify(request)}`,
            )
        }
      }
    })
  }
}

test('after all of this the owner has everything that was hers, and is found it', async () => {
  const { person, documentId, chatId, messageId } = owned
  assert.equal((await app.call(person.key, 'GET', `/api/documents/${documentId}`)).body.status, 'ready')
  const { hits } = (await app.call(person.key, 'POST', '/api/search', { body: { query: 'marmalade' } })).body
  assert.deepEqual(
    hits.map((hit: { documentId: string }) => hit.documentId),
    [documentId],
  )
  const { items } = (await app.call(person.key, 'GET', '/api/documents')).body
  assert.equal(items.length, 1)
  const { body: chat } = await app.call(person.key, 'GET', `/api/chats/${chatId}`)
  assert.equal(chat.title, SECRET)
  const { items: messages } = (await app.call(person.key, 'GET', `/api/chats/${chatId}/messages`)).body
  assert.deepEqual([messages.length, messages[0].id, messages[0].state], [2, messageId, 'complete'])
  const principal = (await app.knowbot.accounts.authenticateKey(person.key))!
  assert.equal((await app.knowbot.accounts.sessions(principal)).length, 1)
})

for (const question of ['What do zeppelins carry?', 'marmalade Lakehurst']) {
  test(`nobody but the owner finds an answer to "${question}"`, async () => {
    for (const { key } of Object.values(strangers)) {
      const { hits } = (await app.call(key, 'POST', '/api/search', { body: { query: question } })).body
      const answer = (await app.call(key, 'POST', '/api/ask', { body: { question } })).body
      assert.deepEqual([hits, answer.notFound, answer.citations], [[], true, []])
      assert.doesNotMatch(answer.answer, /marmalade\./)
    }
    const own = (await app.call(owned.person.key, 'POST', '/api/ask', { body: { question } })).body
    assert.deepEqual([own.notFound, own.citations[0]?.documentId], [false, owned.documentId])
  })
}

test('an administrator sees what the bootstrap key brought, a member does not', async () => {
  const { body } = await app.upload(BOOTSTRAP_KEY, 'automation.txt', 'Brought by automation.')
  const path = `/api/documents/${body.id}`
  assert.equal((await app.call(strangers['an administrator']!.key, 'GET', path)).status, 200)
  assert.equal((await app.call(strangers['another member']!.key, 'GET', path)).status, 404)
})

async function ask(
  key: string,
  method: string,
  { path, body, headers }: { path: string; body?: unknown; headers?: Record<string, string> },
): Promise<Reply> {
  // A stream of everything that changes never ends: it has a test of its own.
  if (path === '/api/events') return { status: 200, headers: new Headers(), body: '', text: '' }
  return app.call(key, method.toUpperCase(), path, {
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  })
}

/** What an answer tells apart from the ids that were asked for, and from what is new each time. */
function shown({ status, body, text }: Reply, ids: Owned): unknown {
  if (status >= 400) return { status, code: body.code, detail: withoutIds(body.detail, ids) }
  return { status, text: withoutIds(text, ids).replace(/"tookMs":[\d.]+/, '') }
}

function withoutIds(text: string, { person, documentId, chatId, messageId, sessionId, ...own }: Owned): string {
  return [
    chatId,
    messageId,
    sessionId,
    own.personaId,
    own.testId,
    documentId,
    person.id,
    person.keyId,
    person.collectionId,
  ].reduce((rest, id) => rest.replaceAll(id, 'ID'), text)
}
