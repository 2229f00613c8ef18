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

for (const [language, name, text, questions] of [
  ['German', 'haus.md', GERMAN, ['Was steht hier zum Thema Pflege der Fenster?']],
  [
    'Spanish',
    'casa.md',
    '# Casa\n\n## Cuidado de las ventanas\n\nLas ventanas se limpian en mayo y en octubre. Los marcos necesitan pintura cada tres años.\n',
    ['¿Qué se dice sobre cuidado de las ventanas?'],
  ],
  [
    'French',
    'maison.md',
    '# Maison\n\n## Entretien des fenêtres\n\nLes fenêtres sont nettoyées en mai et en octobre. Les cadres sont repeints tous les trois ans.\n',
    ['Que trouve-t-on sur entretien des fenêtres\u00a0?'],
  ],
  [
    'Chinese',
    'fangzi.md',
    '# 房屋\n\n## 窗户的保养\n\n窗户在五月和十月清洗。窗框每三年需要重新油漆。\n',
    ['关于窗户的保养有什么内容？'],
  ],
  [
    'Arabic',
    'bayt.md',
    '# البيت\n\n## العناية بالنوافذ\n\nتنظف النوافذ في مايو وأكتوبر. تحتاج الإطارات إلى طلاء كل ثلاث سنوات.\n',
    ['ماذا يوجد عن العناية بالنوافذ؟'],
  ],
  [
    'Russian, which we do not speak,',
    'dom.md',
    '# Дом\n\n## Уход за окнами\n\nОкна моют в мае и в октябре. Рамы красят каждые три года.\n',
    ['Уход за окнами?'],
  ],
] as const) {
  test(`starters of a ${language} document are in its language, and each is answered when it is asked`, async () => {
    const mia = await app.person(`Mia ${name}`)
    await app.upload(mia.key, name, text)
    const asked = (await starters(mia)).map(({ question }) => question)
    assert.deepEqual(asked, questions)
    const { body } = await app.call(mia.key, 'POST', '/api/ask', { body: { question: asked[0] } })
    assert.deepEqual([body.notFound, body.citations[0].name], [false, name])
  })
}

test('the sentences around quotes are in the language of the page where a question shows none', async () => {
  const mia = await app.person('Mia 9')
  await app.upload(mia.key, 'guide.md', GUIDE)
  const headers = { 'accept-language': 'it, de-AT;q=0.9, en;q=0.5' }
  const { body } = await app.call(mia.key, 'POST', '/api/ask', { body: { question: 'Zeppelin 1873?' }, headers })
  assert.match(body.answer, /^In Ihren Dokumenten nicht gefunden/)
  const chatId = (await app.call(mia.key, 'POST', '/api/chats', { body: {} })).body.id
  await app.call(mia.key, 'POST', `/api/chats/${chatId}/messages`, { body: { content: 'Zeppelin 1873?' }, headers })
  const [answer] = (await app.call(mia.key, 'GET', `/api/chats/${chatId}/messages`)).body.items
  assert.match(answer.content, /^In Ihren Dokumenten nicht gefunden/)
  // What is asked for again is kept with its question.
  const { body: again } = await app.call(mia.key, 'POST', `/api/chats/${chatId}/messages/${answer.id}/regenerate`)
  await app.call(mia.key, 'GET', `/api/chats/${chatId}/messages/${again.id}/events`)
  assert.match(
    (await app.call(mia.key, 'GET', `/api/chats/${chatId}/messages`)).body.items[0].content,
    /^In Ihren Dokumenten nicht gefunden/,
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
