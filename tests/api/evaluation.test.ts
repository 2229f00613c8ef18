/** Answers pinned as tests: run again they tell what has become otherwise, and each is its owner's. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { freshApp, type Person, type TestApp } from '../support/app.ts'

const HOURS = 'Visitors are welcome.\n\nThe reading room opens at nine in the morning and closes at six.\n'
const OPENING = 'When does the reading room open?'
const ABSENT = 'Which zeppelin crossed the Atlantic?'

let app: TestApp
before(async (t) => {
  app = await freshApp(t as never)
})

test('a pinned answer passes as long as the documents answer as they did, and tells why when they do not', async () => {
  const mia = await app.person('Mia')
  const { body: document } = await app.upload(mia.key, 'hours.txt', HOURS)
  const place = await ask(mia, OPENING)
  const pinned = await app.call(mia.key, 'POST', `${place}/pin`, { body: { mustContain: ['nine'] } })
  assert.equal(pinned.status, 201)
  const { question, document: name, passage, mustRefuse, isPassed } = pinned.body
  assert.deepEqual([question, name, mustRefuse, isPassed], [OPENING, 'hours.txt', false, null])
  assert.match(passage, /opens at nine/)

  const [passed] = await run(mia)
  assert.deepEqual([passed.isPassed, passed.reasons], [true, []])
  assert.ok(passed.ranAt !== null)
  await app.call(mia.key, 'DELETE', `/api/documents/${document.id}?purge=now`)
  await app.upload(mia.key, 'seats.txt', 'The reading room has 42 seats, and opens onto the garden.')
  const [failed] = await run(mia)
  assert.equal(failed.isPassed, false)
  assert.match(failed.reasons.join(' '), /Expected the expected passage to be quoted|got none/)
  assert.match(failed.reasons.join(' '), /“nine”/)
  const { items } = (await app.call(mia.key, 'GET', '/api/tests')).body
  assert.deepEqual(items, [failed], 'the list has the last verdict')
  // The same words in another document of the same name will do.
  await app.upload(mia.key, 'hours.txt', `Anew.\n\n${HOURS}`)
  assert.equal((await run(mia))[0].isPassed, true)
})

test('an answer that found nothing becomes a test that has to be refused', async () => {
  const ben = await app.person('Ben')
  await app.upload(ben.key, 'hours.txt', HOURS)
  const { body } = await app.call(ben.key, 'POST', `${await ask(ben, ABSENT)}/pin`)
  assert.deepEqual([body.mustRefuse, body.passage], [true, null])
  assert.equal((await run(ben))[0].isPassed, true)
  await app.upload(ben.key, 'airships.txt', 'The zeppelin that crossed the Atlantic was LZ 126, in October 1924.')
  const [failed] = await run(ben)
  assert.match(failed.reasons[0], /got an answer/)
})

test('a test is removed, and its answer stays', async () => {
  const ida = await app.person('Ida')
  await app.upload(ida.key, 'hours.txt', HOURS)
  const place = await ask(ida, OPENING)
  const { body } = await app.call(ida.key, 'POST', `${place}/pin`)
  assert.equal((await app.call(ida.key, 'DELETE', `/api/tests/${body.id}`)).status, 204)
  assert.equal((await app.call(ida.key, 'DELETE', `/api/tests/${body.id}`)).status, 404)
  assert.deepEqual((await app.call(ida.key, 'GET', '/api/tests')).body.items, [])
  assert.equal((await app.call(ida.key, 'POST', `${place}/pin`)).status, 201)
})

test("somebody else's answers cannot be pinned, and their tests are not there", async () => {
  const [olga, eve] = [await app.person('Olga'), await app.person('Eve')]
  await app.upload(olga.key, 'hours.txt', HOURS)
  const place = await ask(olga, OPENING)
  assert.equal((await app.call(eve.key, 'POST', `${place}/pin`)).status, 404)
  const { id } = (await app.call(olga.key, 'POST', `${place}/pin`)).body
  assert.equal((await app.call(eve.key, 'DELETE', `/api/tests/${id}`)).status, 404)
  assert.equal((await app.call(eve.key, 'DELETE', `/api/tests/${uuidv7()}`)).status, 404)
  assert.deepEqual((await app.call(eve.key, 'GET', '/api/tests')).body.items, [])
  assert.deepEqual(await run(eve), [])
  const [mine] = (await app.call(olga.key, 'GET', '/api/tests')).body.items
  assert.deepEqual([mine.id, mine.isPassed], [id, null], 'nobody else has run it')
})

async function ask({ key }: Person, content: string): Promise<string> {
  const chat = (await app.call(key, 'POST', '/api/chats', { body: {} })).body
  await app.call(key, 'POST', `/api/chats/${chat.id}/messages`, { body: { content } })
  const [answer] = (await app.call(key, 'GET', `/api/chats/${chat.id}/messages`)).body.items
  return `/api/chats/${chat.id}/messages/${answer.id}`
}

async function run({ key }: Person) {
  return (await app.call(key, 'POST', '/api/tests/run')).body.items
}
