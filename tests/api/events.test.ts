/** Progress as it happens: who hears of what, and when a stream ends. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as v from 'valibot'
import { DOCUMENT_EVENTS, type DocumentAnswer } from '../../src/api.ts'
import { BOOTSTRAP_KEY as ADMIN, freshApp, type Person, type TestApp } from '../support/app.ts'
import { readEvents } from '../support/events.ts'

let app: TestApp
let ann: Person
let ben: Person
before(async (t) => {
  app = await freshApp(t as never)
  ann = await app.person('Ann')
  ben = await app.person('Ben')
})

test('one document is followed from how it stands to its end, and then the stream ends', async () => {
  const { body } = await send(ann, 'followed.txt', 'Followed to the end.')
  const seen = await follow(ann.key, `/api/documents/${body.id}/events`)
  assert.ok(seen.length >= 1)
  assert.ok(seen.every(({ id }) => id === body.id))
  assert.equal(seen.at(-1)!.status, 'ready')
})

test('a document that is read already is told once', async () => {
  const { body } = await app.upload(ann.key, 'done.txt', 'Done before anybody asked.')
  const seen = await follow(ann.key, `/api/documents/${body.id}/events`)
  assert.deepEqual(seen, [body])
})

test('of all documents, everybody hears of their own and of nobody else', async () => {
  const heardByBen = listen(ben.key)
  const heardByAnn = listen(ann.key)
  await Promise.all([heardByAnn.isOpen, heardByBen.isOpen])
  const hers = (await app.upload(ann.key, 'hers.txt', 'A secret of Ann.')).body
  const his = (await app.upload(ben.key, 'his.txt', 'A secret of Ben.')).body
  const [ofAnn, ofBen] = await Promise.all([heardByAnn.until(hers.id), heardByBen.until(his.id)])
  assert.ok(ofAnn.every(({ name }) => name === 'hers.txt'))
  assert.ok(ofBen.every(({ name }) => name === 'his.txt'))
})

test('at connect those are told that are not read yet, and after a break the newest whatever their status', async (t) => {
  const idle = await freshApp(t, { isWorking: false })
  const { id } = (await send({ key: ADMIN }, 'waiting.txt', 'Waiting.', idle)).body
  const first = await firstEvent(idle, {})
  assert.deepEqual([first.id, first.status], [id, 'queued'])

  const done = await app.person('Don')
  const { body } = await app.upload(done.key, 'read.txt', 'Read already.')
  assert.equal((await firstEvent(app, { 'last-event-id': '7' }, done.key)).id, body.id)
})

test('a right that is taken away ends the stream within five seconds', async () => {
  const eve = await app.person('Eve')
  const stream = listen(eve.key)
  await stream.isOpen
  const startedAt = performance.now()
  await app.call(ADMIN, 'DELETE', `/api/keys/${eve.keyId}`)
  await stream.ended
  assert.ok(performance.now() - startedAt < 5000)
})

test('a process that is to end ends its streams, and answers who waits for a document', async (t) => {
  const ending = await freshApp(t, { isWorking: false })
  const stream = await ending.open(ADMIN, 'GET', '/api/events')
  const upload = ending.upload(ADMIN, 'waiting.txt', 'Waiting for a reader.')
  const seen: unknown[] = []
  for await (const event of readEvents(stream)) {
    seen.push(event)
    ending.drain()
  }
  assert.equal(seen.length, 1)
  assert.equal((await upload).status, 202)
  const ready = await ending.call(undefined, 'GET', '/api/ready')
  assert.deepEqual([ready.status, ready.body.checks.process], [503, 'stopping'])
})

test('whoever leaves ends the stream, and nothing of it goes on', async () => {
  const leaving = new AbortController()
  const response = await app.open(ann.key, 'GET', '/api/events', { signal: leaving.signal })
  const reader = response.body!.getReader()
  await reader.read()
  leaving.abort()
  assert.equal((await reader.read()).done, true)
})

function send(person: { key: string }, name: string, content: string, to = app) {
  const form = new FormData()
  form.set('file', new Blob([content]), name)
  return to.call(person.key, 'POST', '/api/documents', { body: form })
}

async function follow(key: string, path: string): Promise<DocumentAnswer[]> {
  const seen: DocumentAnswer[] = []
  for await (const { event, data } of readEvents(await app.open(key, 'GET', path))) {
    assert.equal(event, 'document')
    seen.push(v.parse(DOCUMENT_EVENTS.document, data))
  }
  return seen
}

async function firstEvent(from: TestApp, headers: Record<string, string>, key = ADMIN): Promise<DocumentAnswer> {
  for await (const { data } of readEvents(await from.open(key, 'GET', '/api/events', { headers })))
    return data as DocumentAnswer
  return assert.fail('the stream ended without an event')
}

function listen(key: string) {
  const leaving = new AbortController()
  const response = app.open(key, 'GET', '/api/events', { signal: leaving.signal })
  const seen: DocumentAnswer[] = []
  const waiting = new Map<string, () => void>()
  const ended = (async () => {
    for await (const { data } of readEvents(await response)) {
      const document = data as DocumentAnswer
      seen.push(document)
      if (document.status === 'ready') waiting.get(document.id)?.()
    }
  })()
  return {
    isOpen: response,
    ended,
    /** What was heard until this document was ready; then the line is left. */
    async until(id: string): Promise<DocumentAnswer[]> {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(id, resolve)
      if (seen.some((document) => document.id === id && document.status === 'ready')) resolve()
      await promise
      leaving.abort()
      await ended
      return seen
    },
  }
}
