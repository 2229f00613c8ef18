/** Questions to begin with and to go on with: each has an answer, and nobody learns from them what is not theirs. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { freshApp, type Person, type TestApp } from '../support/app.ts'

const GUIDE = `# Guide to the library

## Opening hours

The library opens at nine in the morning and closes at six. On Saturdays it closes at two.

## Can I renew a book?

A book can be renewed twice for 21 days, unless somebody waits for it.

## Fees for late books

Thirty cents are due for each day. The fees were set by Eleanor Marsh, and reviewed with Eleanor Marsh in spring.

## Rooms

The Heron Room has twelve seats.
`
const GERMAN = `# Haus

## Pflege der Fenster

Die Fenster werden im Mai und im Oktober geputzt. Die Rahmen brauchen alle drei Jahre Farbe.
`

interface Asked {
  question: string
  documentId: string
  name: string
}

let app: TestApp
before(async (t) => {
  app = await freshApp(t as never)
})

test('starters come from headings, and each is answered when it is asked', async () => {
  const mia = await app.person('Mia 1')
  const { body: guide } = await app.upload(mia.key, 'guide.md', GUIDE)
  const questions = await starters(mia)
  assert.deepEqual(
    questions.map(({ question }) => question),
    ['Can I renew a book?', 'What is there about opening hours?', 'What is there about fees for late books?'],
  )
  for (const { question, documentId } of questions) {
    assert.equal(documentId, guide.id)
    const { body } = await app.call(mia.key, 'POST', '/api/ask', { body: { question } })
    assert.deepEqual([body.notFound, body.citations[0].documentId], [false, guide.id], question)
  }
})

test('starters speak the language of a document that is not English', async () => {
  const mia = await app.person('Mia 2')
  await app.upload(mia.key, 'haus.md', GERMAN)
  assert.deepEqual(
    (await starters(mia)).map(({ question }) => question),
    ['Pflege der Fenster?'],
  )
})

test('without documents there is nothing to begin with, and a new document changes that at once', async () => {
  const mia = await app.person('Mia 3')
  assert.deepEqual(await starters(mia), [])
  const { body } = await app.upload(mia.key, 'guide.md', GUIDE)
  assert.equal((await starters(mia)).length, 3)
  await app.call(mia.key, 'DELETE', `/api/documents/${body.id}`)
  assert.deepEqual(await starters(mia), [])
})

test('while memory is short nothing is suggested, and everything else goes on', async (t) => {
  const mia = await app.person('Mia 8')
  await app.upload(mia.key, 'guide.md', GUIDE)
  t.after(() => app.stand({}))
  app.stand({ step: 'no optional work', stepWhy: 'Memory is short.' })
  assert.deepEqual(await starters(mia), [])
  app.stand({})
  assert.equal((await starters(mia)).length, 3)
})

test("nothing is suggested from somebody else's documents", async () => {
  const mia = await app.person('Mia 4')
  const eve = await app.person('Eve')
  await app.upload(mia.key, 'guide.md', GUIDE)
  assert.equal((await starters(mia)).length, 3)
  assert.deepEqual(await starters(eve), [])
})

test('behind an answer stand three questions about what is near it, none that was asked already', async () => {
  const mia = await app.person('Mia 5')
  await app.upload(mia.key, 'guide.md', GUIDE)
  const chatId = (await app.call(mia.key, 'POST', '/api/chats', { body: {} })).body.id
  const asked = 'Can I renew a book?'
  const first = await ask(mia, chatId, asked)
  const questions = await followUps(mia, chatId, first.id)
  assert.equal(questions.length, 3)
  assert.ok(questions.every(({ question }) => question !== asked))
  const second = await ask(mia, chatId, questions[0]!.question)
  assert.equal(second.notFound, false)
  const next = (await followUps(mia, chatId, second.id)).map(({ question }) => question)
  assert.ok(!next.includes(asked) && !next.includes(questions[0]!.question))
})

test('where nothing was found, what has an answer is suggested', async () => {
  const mia = await app.person('Mia 6')
  await app.upload(mia.key, 'guide.md', GUIDE)
  const chatId = (await app.call(mia.key, 'POST', '/api/chats', { body: {} })).body.id
  const answer = await ask(mia, chatId, 'Which zeppelin crossed the Atlantic?')
  assert.equal(answer.notFound, true)
  assert.deepEqual(await followUps(mia, chatId, answer.id), await starters(mia))
})

test('suggestions of an answer whose document is gone are those of the documents that are there', async () => {
  const mia = await app.person('Mia 7')
  const { body } = await app.upload(mia.key, 'guide.md', GUIDE)
  const chatId = (await app.call(mia.key, 'POST', '/api/chats', { body: {} })).body.id
  const answer = await ask(mia, chatId, 'Can I renew a book?')
  await app.call(mia.key, 'DELETE', `/api/documents/${body.id}?purge=now`)
  assert.deepEqual(await followUps(mia, chatId, answer.id), [])
})

async function starters({ key }: Person): Promise<Asked[]> {
  return (await app.call(key, 'GET', '/api/suggestions')).body.questions
}

async function followUps({ key }: Person, chatId: string, messageId: string): Promise<Asked[]> {
  return (await app.call(key, 'GET', `/api/chats/${chatId}/messages/${messageId}/suggestions`)).body.questions
}

async function ask({ key }: Person, chatId: string, content: string): Promise<{ id: string; notFound: boolean }> {
  await app.call(key, 'POST', `/api/chats/${chatId}/messages`, { body: { content } })
  return (await app.call(key, 'GET', `/api/chats/${chatId}/messages`)).body.items[0]
}
