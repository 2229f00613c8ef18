/** Finding and asking over HTTP, at once and as a stream. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as v from 'valibot'
import { ANSWER_EVENTS, type AnswerEventName } from '../../src/api.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, type Person, type TestApp } from '../support/app.ts'
import { type ReadEvent, readEvents } from '../support/events.ts'

const HOURS = 'Visitors are welcome.\n\nThe reading room opens at nine in the morning and closes at six.\n'
const QUESTION = 'When does the reading room open?'

let app: TestApp
let hours: string
let fees: string
let member: Person
before(async (t) => {
  app = await freshApp(t as never)
  hours = (await app.upload(KEY, 'hours.txt', HOURS)).body.id
  fees = (await app.upload(KEY, 'fees.txt', 'A library card costs four euros a year.\n')).body.id
  member = await app.person('Mia')
})

test('a search answers passages whose text stands at their place', async () => {
  const { status, body } = await app.call(KEY, 'POST', '/api/search', { body: { query: 'reading room' } })
  assert.equal(status, 200)
  const [hit] = body.hits
  assert.deepEqual([hit.documentId, hit.name, hit.page], [hours, 'hours.txt', 1])
  const page = (await app.call(KEY, 'GET', `/api/documents/${hours}/pages/1`)).body
  assert.equal(page.text.slice(hit.start, hit.end), hit.text)
})

test('a hit says what to show of it and what to mark, and the answer what else there is', async () => {
  const { body } = await app.call(KEY, 'POST', '/api/search', { body: { query: 'raeding room' } })
  assert.equal(body.didYouMean, 'reading room')
  const [{ text, snippet, type, heading }] = body.hits
  const marked = snippet.highlights.map(({ start, end }: { start: number; end: number }) => text.slice(start, end))
  assert.deepEqual(marked, ['reading', 'room'])
  assert.ok(snippet.highlights.every(({ end }: { end: number }) => end <= snippet.end))
  assert.deepEqual([type, heading], ['text/plain', ''])
  assert.deepEqual(body.facets.types, [{ type: 'text/plain', documents: 1 }])
  assert.equal(body.facets.collections[0].id, body.hits[0].collectionId)
  assert.ok(body.confidence > 0.5)
})

test('what a query says beside its words is kept: type, day, collection and words that must not be there', async () => {
  const found = async (query: string) =>
    (await app.call(KEY, 'POST', '/api/search', { body: { query } })).body.hits.map(
      ({ name }: { name: string }) => name,
    )
  assert.deepEqual(await found('card OR room name:fees'), ['fees.txt'])
  assert.deepEqual(await found('reading room after:2999-01-01'), [])
  assert.deepEqual(await found('reading room before:2999-01-01'), ['hours.txt'])
  assert.deepEqual(await found('reading -visitors'), [])
  assert.deepEqual(await found('reading collection:nowhere'), [])
})

test('a search looks only where it is told to', async () => {
  const search = async (scope: object) =>
    (
      await app.call(KEY, 'POST', '/api/search', { body: { query: 'library card reading room', ...scope } })
    ).body.hits.map(({ documentId }: { documentId: string }) => documentId)
  assert.deepEqual(new Set(await search({})), new Set([hours, fees]))
  assert.deepEqual(await search({ documentIds: [fees] }), [fees])
  assert.deepEqual((await search({ limit: 1 })).length, 1)
  const [own] = (await app.call(KEY, 'GET', '/api/collections')).body.items
  assert.equal((await search({ collectionIds: [own.id] })).length, 2)
})

test('an answer is quotes that stand literally at their place', async () => {
  const { status, body } = await app.call(KEY, 'POST', '/api/ask', { body: { question: QUESTION } })
  assert.equal(status, 200)
  assert.deepEqual([body.notFound, body.mode, body.unsupported], [false, 'quotes', []])
  assert.match(body.answer, /opens at nine in the morning.*\[1\]/)
  assert.ok(body.confidence > 0 && body.confidence <= 1)
  const [citation] = body.citations
  assert.deepEqual([citation.n, citation.documentId, citation.verified], [1, hours, true])
  const page = (await app.call(KEY, 'GET', `/api/documents/${hours}/pages/1`)).body
  assert.equal(page.text.slice(citation.start, citation.end), citation.quote)
})

test('what no document knows is not found, and says so', async () => {
  const { body } = await app.call(KEY, 'POST', '/api/ask', { body: { question: 'Who won the curling cup in Oslo?' } })
  assert.deepEqual([body.notFound, body.citations], [true, []])
  assert.ok(body.answer.length > 10)
})

test('as a stream the answer comes in events, in order, each as promised, and amounts to the same', async () => {
  const response = await app.open(KEY, 'POST', '/api/ask', {
    body: { question: QUESTION },
    headers: { accept: 'text/event-stream' },
  })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
  assert.equal(response.headers.get('x-accel-buffering'), 'no')
  const events: ReadEvent[] = []
  for await (const event of readEvents(response)) events.push(event)

  for (const { event, data } of events) v.parse(ANSWER_EVENTS[event as AnswerEventName], data)
  const names = events.map(({ event }) => event)
  assert.equal(names[0], 'answer-start')
  assert.equal(names.at(-1), 'answer-end')
  assert.ok(names.indexOf('sources-found') < names.indexOf('text-delta'))
  assert.ok(names.indexOf('citation') > names.indexOf('text-delta'))
  const [stream] = events[0]!.id!.split('.')
  assert.deepEqual(
    events.map(({ id }) => id),
    events.map((_, index) => `${stream}.${index + 1}`),
  )
  const end = events.at(-1)!.data as { answer: string; state: string; messageId: null }
  const text = events.flatMap(({ event, data }) => (event === 'text-delta' ? [(data as { text: string }).text] : []))
  assert.equal(text.join(''), end.answer)
  assert.deepEqual([end.state, end.messageId], ['complete', null])
  const { body } = await app.call(KEY, 'POST', '/api/ask', { body: { question: QUESTION } })
  assert.equal(end.answer, body.answer)
})

test('whoever leaves the stream ends it', async () => {
  const response = await app.open(KEY, 'POST', '/api/ask', {
    body: { question: QUESTION },
    headers: { accept: 'text/event-stream' },
  })
  const reader = response.body!.getReader()
  await reader.read()
  await reader.cancel()
})

for (const accept of ['application/json', '*/*', 'application/json, text/event-stream', '']) {
  test(`with Accept: ${accept || 'nothing'} the answer comes as JSON`, async () => {
    const { headers } = await app.call(KEY, 'POST', '/api/ask', { body: { question: QUESTION }, headers: { accept } })
    assert.equal(headers.get('content-type'), 'application/json')
  })
}

for (const path of ['/api/search', '/api/ask']) {
  const words = path === '/api/ask' ? { question: QUESTION } : { query: QUESTION }
  for (const scope of [{ documentIds: ['nonsense'] }, { collectionIds: ['nonsense'] }]) {
    test(`${path} in ${JSON.stringify(scope)} is a 404, also as a stream`, async () => {
      for (const accept of ['application/json', 'text/event-stream']) {
        const { status, body } = await app.call(KEY, 'POST', path, {
          body: { ...words, ...scope },
          headers: { accept },
        })
        assert.deepEqual([status, body.code], [404, 'not_found'])
      }
    })
  }
  for (const wrong of [
    {},
    { ...words, documentIds: 'x' },
    { ...words, documentIds: [] },
    { ...words, documentIds: [1] },
    { ...words, ownerId: 1 },
    { query: ' ', question: ' ' },
  ]) {
    test(`${path} with ${JSON.stringify(wrong)} is refused with what was expected`, async () => {
      const { status, body } = await app.call(KEY, 'POST', path, { body: wrong })
      assert.deepEqual([status, body.code], [400, 'bad_request'])
      assert.match(body.detail, /^In the body: /)
    })
  }
}

test('who has no documents finds nothing', async () => {
  const { body } = await app.call(member.key, 'POST', '/api/ask', { body: { question: QUESTION } })
  assert.deepEqual([body.notFound, body.citations], [true, []])
})
