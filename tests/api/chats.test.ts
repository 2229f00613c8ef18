/** Chats over HTTP: whose they are, what is said in them, and streams that can be left and come back to. */
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import * as v from 'valibot'
import { CHAT_EVENTS, type ChatEventName, type MessageAnswer } from '../../src/api.ts'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, type Person, type TestApp, type TestAppOptions } from '../support/app.ts'
import { type ReadEvent, readEvents } from '../support/events.ts'
import { begins, type ModelDouble, says, startModelDouble } from '../support/model-double.ts'

const HOURS = 'Visitors are welcome.\n\nThe reading room opens at nine in the morning and closes at six.\n'
const QUESTION = 'When does the reading room open?'

let app: TestApp
let mia: Person
let hours: string
before(async (t) => {
  app = await freshApp(t as never)
  mia = await app.person('Mia')
  hours = (await app.upload(mia.key, 'hours.txt', HOURS)).body.id
})

test('a chat is begun, listed newest first, renamed and deleted', async () => {
  const ben = await app.person('Ben')
  const first = await app.call(ben.key, 'POST', '/api/chats', { body: { title: 'First' } })
  const second = await app.call(ben.key, 'POST', '/api/chats', { body: {} })
  assert.deepEqual([first.status, first.headers.get('location')], [201, `/api/chats/${first.body.id}`])
  assert.equal((await app.call(ben.key, 'POST', '/api/chats')).status, 201)

  const page = (await app.call(ben.key, 'GET', '/api/chats?limit=2')).body
  assert.equal(page.items[1].id, second.body.id)
  const rest = (await app.call(ben.key, 'GET', `/api/chats?limit=2&cursor=${page.nextCursor}`)).body
  assert.deepEqual([rest.items[0].id, rest.nextCursor], [first.body.id, null])

  const at = `/api/chats/${first.body.id}`
  const renamed = (await app.call(ben.key, 'PATCH', at, { body: { title: 'Opening hours' } })).body
  assert.deepEqual((await app.call(ben.key, 'GET', at)).body, renamed)
  assert.equal(renamed.title, 'Opening hours')
  assert.equal((await app.call(ben.key, 'PATCH', at, { body: { title: '  ' } })).status, 400)
  assert.equal((await app.call(ben.key, 'PATCH', at, { body: { title: 'x', ownerId: 1 } })).status, 400)

  assert.equal((await app.call(ben.key, 'DELETE', at)).status, 204)
  for (const method of ['GET', 'DELETE']) assert.equal((await app.call(ben.key, method, at)).status, 404)
})

test('a question is answered as events, as the history has them afterwards', async () => {
  const chatId = await newChat(mia.key)
  const events = await ask(mia.key, chatId, { content: QUESTION })
  const [start] = events
  const end = events.at(-1)!
  assert.deepEqual([start!.event, end.event], ['answer-start', 'answer-end'])
  assert.deepEqual(
    events.map(({ id }) => id),
    events.map((_, index) => `${start!.id!.split('.')[0]}.${index + 1}`),
  )
  const { messageId, questionId } = start!.data as { messageId: string; questionId: string }
  const { items } = (await app.call(mia.key, 'GET', `/api/chats/${chatId}/messages`)).body
  const [answer, question] = items as MessageAnswer[]
  assert.deepEqual([answer!.id, question!.id], [messageId, questionId])
  assert.deepEqual([question!.role, question!.content, question!.state], ['user', QUESTION, 'complete'])
  const { answer: content, citations, unsupported, notFound, mode, state } = end.data as Record<string, unknown>
  assert.deepEqual(
    { content, citations, unsupported, notFound, mode, state },
    {
      ...{ content: answer!.content, citations: answer!.citations, unsupported: answer!.unsupported },
      ...{ notFound: answer!.notFound, mode: answer!.mode, state: answer!.state },
    },
  )
  assert.equal(textOf(events), content)
  assert.equal(answer!.citations[0]!.documentId, hours)
  assert.equal((await app.call(mia.key, 'GET', `/api/chats/${chatId}`)).body.title, QUESTION)
})

test('S93: a finished answer is replayed from anywhere to its end; an unknown one is not there', async () => {
  const chatId = await newChat(mia.key)
  const events = await ask(mia.key, chatId, { content: QUESTION })
  const at = `/api/chats/${chatId}/messages/${messageOf(events)}/events`
  assert.deepEqual(await follow(mia.key, at), events)
  assert.deepEqual(await follow(mia.key, at, events[2]!.id), events.slice(3))
  assert.deepEqual(await follow(mia.key, at, events.at(-1)!.id), [])
  for (const unknown of ['nothing.1', `${events[0]!.id!.split('.')[0]}.9999`]) {
    const [reset, end, ...more] = await follow(mia.key, at, unknown)
    assert.deepEqual([reset!.event, end!.event, more], ['answer-reset', 'answer-end', []])
    assert.equal((reset!.data as { answer: string }).answer, textOf(events))
  }
  for (const wrong of [uuidv7(), 'x'.repeat(300)])
    for (const [method, end] of [
      ['GET', 'events'],
      ['POST', 'stop'],
      ['POST', 'continue'],
      ['POST', 'regenerate'],
    ] as const) {
      const reply = await app.call(mia.key, method, `/api/chats/${chatId}/messages/${wrong}/${end}`)
      assert.equal(reply.status, 404, `${method} ${end}`)
    }
})

test('an answer is not found through another chat, nor a document of others through a question', async () => {
  const chatId = await newChat(mia.key)
  const messageId = messageOf(await ask(mia.key, chatId, { content: QUESTION }))
  const other = await newChat(mia.key)
  const eve = await app.person('Eve')
  const hers = await newChat(eve.key)
  for (const [key, chat] of [
    [mia.key, other],
    [eve.key, hers],
  ] as const)
    for (const [method, end] of [
      ['GET', 'events'],
      ['POST', 'stop'],
      ['POST', 'continue'],
      ['POST', 'regenerate'],
    ] as const)
      assert.equal((await app.call(key, method, `/api/chats/${chat}/messages/${messageId}/${end}`)).status, 404)
  for (const scope of [{ documentIds: [hours] }, { collectionIds: [mia.collectionId] }]) {
    const reply = await app.call(eve.key, 'POST', `/api/chats/${hers}/messages`, {
      body: { content: QUESTION, ...scope },
    })
    assert.equal(reply.status, 404)
  }
  assert.deepEqual((await app.call(eve.key, 'GET', `/api/chats/${hers}/messages`)).body.items, [])
})

test('a document that a question leaves out is not answered from', async () => {
  const chatId = await newChat(mia.key)
  const events = await ask(mia.key, chatId, { content: QUESTION, exceptDocumentIds: [hours] })
  const end = events.at(-1)!.data as { notFound: boolean; citations: unknown[] }
  assert.deepEqual([end.notFound, end.citations], [true, []])
})

test('a question may leave out thousands of documents, and one more than that is refused in words', async () => {
  const chatId = await newChat(mia.key)
  const left = Array.from({ length: 15_000 }, (_, n) => (n === 7_000 ? hours : uuidv7()))
  const events = await ask(mia.key, chatId, { content: QUESTION, exceptDocumentIds: left })
  const end = events.at(-1)!.data as { notFound: boolean; citations: unknown[] }
  assert.deepEqual([end.notFound, end.citations], [true, []])
  const { status, body } = await app.call(mia.key, 'POST', `/api/chats/${chatId}/messages`, {
    body: { content: QUESTION, exceptDocumentIds: [...left, uuidv7()] },
  })
  assert.equal(status, 400)
  assert.match(body.detail, /at most 15000/)
})

test('a question that cannot be one is refused, and not kept', async () => {
  const chatId = await newChat(mia.key)
  for (const body of [
    {},
    { content: '' },
    { content: ' \n' },
    { content: 'x'.repeat(100_001) },
    { content: [QUESTION] },
  ])
    assert.equal((await app.call(mia.key, 'POST', `/api/chats/${chatId}/messages`, { body })).status, 400)
  assert.equal((await app.call(mia.key, 'POST', `/api/chats/${chatId}/messages`)).status, 415)
  assert.deepEqual((await app.call(mia.key, 'GET', `/api/chats/${chatId}/messages`)).body.items, [])
})

test('S91: leaving stops nothing; stopping does, keeps the text, and tells every reader', async (t) => {
  const { own, double, chatId } = await withModel(t)
  double.plan(begins(['It opens', ' at nine'], 'silence'))
  const { messageId } = await askAndLeave(own, chatId, ' at nine')
  const at = `/api/chats/${chatId}/messages/${messageId}`
  assert.equal((await newest(own, chatId)).state, 'writing')

  const second = follow(KEY, `${at}/events`, undefined, own)
  const stopped = await own.call(KEY, 'POST', `${at}/stop`)
  await double.requests[0]!.abandoned
  assert.deepEqual([stopped.status, stopped.body.state, stopped.body.content], [200, 'stopped', 'It opens at nine'])
  const end = (await second).at(-1)!
  assert.deepEqual([end.event, (end.data as { state: string }).state], ['answer-end', 'stopped'])
  assert.deepEqual((await own.call(KEY, 'POST', `${at}/stop`)).body, stopped.body)
  assert.equal((await own.call(KEY, 'POST', `${at}/continue`)).status, 409)
})

test('S92: two readers get the same events', async (t) => {
  const { own, double, chatId } = await withModel(t)
  double.plan(begins(['It opens'], { waitMs: 300 }, { word: ' at nine [1].' }, 'done'))
  const { messageId } = await askAndLeave(own, chatId, 'It opens')
  const at = `/api/chats/${chatId}/messages/${messageId}/events`
  const [one, two] = await Promise.all([follow(KEY, at, undefined, own), follow(KEY, at, undefined, own)])
  assert.deepEqual(one, two)
  assert.equal(textOf(one), 'It opens at nine [1].')
})

test('a question gets another answer, which the first does not disturb, and the next question knows the last one', async (t) => {
  const { own, double, chatId } = await withModel(t)
  double.plan(begins(['It opens'], 'silence'), says('At nine [1].'), says('At six [1].'))
  const { messageId } = await askAndLeave(own, chatId, 'It opens')
  const at = `/api/chats/${chatId}/messages/${messageId}`
  assert.equal((await own.call(KEY, 'POST', `${at}/regenerate`)).status, 409)
  await own.call(KEY, 'POST', `${at}/stop`)

  const { status, headers, body } = await own.call(KEY, 'POST', `${at}/regenerate`)
  assert.deepEqual([status, body.state, body.id === messageId], [202, 'writing', false])
  const events = await follow(KEY, headers.get('location')!, undefined, own)
  assert.equal(textOf(events), 'At nine [1].')
  const { items } = (await own.call(KEY, 'GET', `/api/chats/${chatId}/messages`)).body
  const [second, first, question] = items as MessageAnswer[]
  assert.deepEqual([second!.content, first!.content, items.length], ['At nine [1].', 'It opens', 3])
  assert.deepEqual([second!.questionId, first!.questionId, question!.questionId], [question!.id, question!.id, null])
  assert.deepEqual(
    double.requests.at(-1)!.body.messages.filter(({ role }) => role === 'assistant'),
    [],
  )

  await ask(KEY, chatId, { content: 'When does the reading room close?' }, own)
  const told = double.requests.at(-1)!.body.messages.filter(({ role }) => role === 'assistant')
  assert.deepEqual(told.length, 1)
  assert.match(told[0]!.content, /At nine/)
})

test('a question that is asked anew takes the place of the old one and of what followed it', async (t) => {
  const { own, double, chatId } = await withModel(t)
  const questions = [
    'When does the reading room open?',
    'Is the reading room open at night?',
    'Who may enter the reading room?',
  ]
  for (const [n, content] of questions.entries()) {
    double.plan(says(`Answer ${n} [1].`))
    await ask(KEY, chatId, { content }, own)
  }
  const { items } = (await own.call(KEY, 'GET', `/api/chats/${chatId}/messages`)).body as { items: MessageAnswer[] }
  const second = items.find(({ content }) => content === questions[1])!
  const at = `/api/chats/${chatId}/messages`
  const body = { content: 'When does the reading room close?' }
  const answerId = items[0]!.id
  assert.equal((await own.call(KEY, 'PATCH', `${at}/${answerId}`, { body })).status, 404, 'an answer is no question')

  double.plan(says('At six [1].'))
  const edited = await own.call(KEY, 'PATCH', `${at}/${second.id}`, { body })
  assert.equal(edited.status, 202)
  assert.equal(textOf(await follow(KEY, edited.headers.get('location')!, undefined, own)), 'At six [1].')
  const told = () => {
    const { messages } = double.requests.at(-1)!.body
    return messages.filter(({ role }) => role === 'assistant').map(({ content }) => content)
  }
  assert.deepEqual(
    told().map((text) => /Answer \d/.exec(text)?.[0]),
    ['Answer 0'],
  )
  const [, question] = (await own.call(KEY, 'GET', at)).body.items as MessageAnswer[]
  assert.deepEqual([question!.content, question!.editOf], [body.content, second.id])

  await ask(KEY, chatId, { content: 'Who may use the reading room?' }, own)
  assert.deepEqual(
    told().map((text) => /Answer \d|At six/.exec(text)?.[0]),
    ['Answer 0', 'At six'],
  )
})

test('of an answer people say what they think of it, and the last word counts', async () => {
  const chatId = await newChat(mia.key)
  const messageId = messageOf(await ask(mia.key, chatId, { content: QUESTION }))
  const at = `/api/chats/${chatId}/messages`
  const rate = (body: object) => app.call(mia.key, 'POST', `${at}/${messageId}/feedback`, { body })
  const kept = async () => (await app.call(mia.key, 'GET', at)).body.items[0].feedback
  assert.equal(await kept(), null)
  assert.equal((await rate({ value: 'down', reason: 'Another room.' })).status, 204)
  assert.equal(await kept(), 'down')
  assert.equal((await rate({ value: 'up' })).status, 204)
  assert.equal(await kept(), 'up')
  for (const wrong of [{}, { value: 'sideways' }, { value: 'up', reason: 1 }])
    assert.equal((await rate(wrong)).status, 400)
})

test('what went wrong with the model is a problem in the stream and a reason in the history', async (t) => {
  const { own, double, chatId } = await withModel(t)
  double.plan(begins(['It opens'], 'cut'))
  const events = await ask(KEY, chatId, { content: QUESTION }, own)
  const error = events.find(({ event }) => event === 'error')!.data as { code: string; type: string }
  assert.equal(error.type, `urn:knowbot:problem:${error.code}`)
  const { state, content, error: reason } = await newest(own, chatId)
  assert.deepEqual([state, content, reason!.code], ['failed', 'It opens', error.code])
})

test('a chat that is deleted stops its answer, and its readers are let go', async (t) => {
  const { own, double, chatId } = await withModel(t)
  double.plan(begins(['It opens', ' at nine'], 'silence'))
  const { messageId } = await askAndLeave(own, chatId, ' at nine')
  const reading = follow(KEY, `/api/chats/${chatId}/messages/${messageId}/events`, undefined, own)
  assert.equal((await own.call(KEY, 'DELETE', `/api/chats/${chatId}`)).status, 204)
  await double.requests[0]!.abandoned
  await reading
})

test('of a deleted chat nothing is left', async () => {
  const ida = await app.person('Ida')
  const chatId = await newChat(ida.key)
  const question = (await ask(ida.key, chatId, { content: 'What about marzipan?' }))[0]!.data as { questionId: string }
  const path = `/api/chats/${chatId}/messages/${question.questionId}`
  const edited = await app.call(ida.key, 'PATCH', path, { body: { content: 'What about nougat?' } })
  await follow(ida.key, edited.headers.get('location')!)
  const { database } = app.knowbot.storage
  const left = () => [
    database.all('SELECT id FROM chats WHERE public_id = ?', chatId).length,
    database.all(`SELECT id FROM messages WHERE content LIKE '%marzipan%' OR content LIKE '%nougat%'`).length,
    database.all('SELECT seq FROM journal WHERE events LIKE ?', `%${question.questionId}%`).length,
  ]
  assert.deepEqual(left(), [1, 2, 1])
  assert.equal((await app.call(ida.key, 'DELETE', `/api/chats/${chatId}?purge=now`)).status, 204)
  assert.deepEqual(left(), [0, 0, 0])
  assert.equal((await app.call(ida.key, 'POST', `/api/chats/${chatId}/restore`)).status, 404)
})

test('a deleted chat is on no way there, and comes back within ten minutes; nobody else brings it back', async () => {
  const ida = await app.person('Idun')
  const [chatId, other] = [await newChat(ida.key), await newChat(ida.key)]
  await ask(ida.key, chatId, { content: 'What about marzipan?' })
  assert.equal((await app.call(ida.key, 'DELETE', `/api/chats/${chatId}`)).status, 204)
  const at = `/api/chats/${chatId}`
  for (const path of [at, `${at}/messages`]) assert.equal((await app.call(ida.key, 'GET', path)).status, 404)
  for (const list of ['/api/chats', '/api/chats?query=marzipan'])
    assert.ok(!(await app.call(ida.key, 'GET', list)).text.includes(chatId))
  assert.equal((await app.call(mia.key, 'POST', `${at}/restore`)).status, 404)
  assert.equal((await app.call(ida.key, 'POST', `/api/chats/${other}/restore`)).status, 404)

  assert.equal((await app.call(ida.key, 'POST', `${at}/restore`)).body.id, chatId)
  assert.equal((await app.call(ida.key, 'GET', `${at}/messages`)).body.items.length, 2)
})

test('all chats are deleted at once and come back at once, those of others stay', async () => {
  const eva = await app.person('Eva')
  const ids = [await newChat(eva.key), await newChat(eva.key), await newChat(eva.key)]
  const mias = await newChat(mia.key)
  assert.deepEqual((await app.call(eva.key, 'DELETE', '/api/chats')).body, { chats: 3 })
  assert.deepEqual((await app.call(eva.key, 'GET', '/api/chats')).body.items, [])
  assert.equal((await app.call(mia.key, 'GET', `/api/chats/${mias}`)).status, 200)
  assert.deepEqual((await app.call(mia.key, 'POST', '/api/chats/restore')).body, { chats: 0 })
  assert.deepEqual((await app.call(eva.key, 'POST', '/api/chats/restore')).body, { chats: 3 })
  const { items } = (await app.call(eva.key, 'GET', '/api/chats')).body as { items: { id: string }[] }
  assert.deepEqual(items.map(({ id }) => id).sort(), ids.sort())
})

test('chats are found by title and by what was said, in every script, and only those of the asker', async () => {
  const zoe = await app.person('Zoe')
  const titled = (await app.call(zoe.key, 'POST', '/api/chats', { body: { title: 'Öffnungszeiten' } })).body.id
  const said = await newChat(zoe.key)
  await ask(zoe.key, said, { content: 'Where is 東京図書館, and is there a "Café" in it?' })
  const find = async (query: string, key = zoe.key) => {
    const { items } = (await app.call(key, 'GET', `/api/chats?query=${encodeURIComponent(query)}`)).body
    return (items as { id: string; excerpt: string | null }[]).map(({ id, excerpt }) => [id, excerpt])
  }
  const excerpt = 'Where is 東京図書館, and is there a "Café" in it?'
  assert.deepEqual(await find('offnungs'), [[titled, null]])
  // The title of the other is its question.
  for (const query of ['CAFE', '図書館', '東京', 'café tokyo'.slice(0, 4), '"Café" where'])
    assert.deepEqual(await find(query), [[said, excerpt]], query)
  for (const query of ['cafe nowhere', '%', 'owner : "u1u"', '" OR "']) assert.deepEqual(await find(query), [], query)
  assert.deepEqual(await find('cafe', mia.key), [])
  assert.equal((await find('  ')).length, 2)
})

test('whoever is removed takes their chats along', async () => {
  const leo = await app.person('Leo')
  await ask(leo.key, await newChat(leo.key), { content: QUESTION })
  assert.equal((await app.call(KEY, 'DELETE', `/api/users/${leo.id}`)).status, 204)
  const left = app.knowbot.storage.database.get(
    'SELECT count(*) AS count FROM chats JOIN users ON users.id = owner_id WHERE users.public_id = ?',
    leo.id,
  )
  assert.deepEqual({ ...left }, { count: 0 })
})

test('nobody holds more than eighty streams open, and who closes one may open another', async () => {
  const max = await app.person('Max')
  const open = await Promise.all(Array.from({ length: 80 }, () => app.open(max.key, 'GET', '/api/events')))
  assert.deepEqual([...new Set(open.map(({ status }) => status))], [200])
  const refused = await app.call(max.key, 'GET', '/api/events')
  assert.deepEqual([refused.status, refused.body.code, refused.headers.get('retry-after')], [429, 'rate_limited', '10'])
  const chatId = await newChat(max.key)
  const question = await app.call(max.key, 'POST', `/api/chats/${chatId}/messages`, { body: { content: QUESTION } })
  assert.equal(question.status, 429)
  assert.deepEqual((await app.call(max.key, 'GET', `/api/chats/${chatId}/messages`)).body.items, [])

  await open.pop()!.body!.cancel()
  const again = await app.open(max.key, 'GET', '/api/events')
  assert.equal(again.status, 200)
  for (const { body } of [...open, again]) await body!.cancel()
})

async function newChat(key: string, to = app): Promise<string> {
  return (await to.call(key, 'POST', '/api/chats', { body: {} })).body.id
}

/** The whole answer; every event is held to its schema. */
async function ask(key: string, chatId: string, body: object, to = app): Promise<ReadEvent[]> {
  return read(await to.open(key, 'POST', `/api/chats/${chatId}/messages`, { body }))
}

async function follow(key: string, path: string, lastEventId?: string, to = app): Promise<ReadEvent[]> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  return read(await to.open(key, 'GET', path, { headers }))
}

async function read(response: Response): Promise<ReadEvent[]> {
  assert.equal(response.status, 200)
  const events: ReadEvent[] = []
  for await (const event of readEvents(response)) {
    v.parse(CHAT_EVENTS[event.event as ChatEventName], event.data)
    events.push(event)
  }
  return events
}

/** Asks, and leaves as soon as this was read. */
async function askAndLeave(to: TestApp, chatId: string, text: string): Promise<{ messageId: string }> {
  const response = await to.open(KEY, 'POST', `/api/chats/${chatId}/messages`, { body: { content: QUESTION } })
  const seen: ReadEvent[] = []
  for await (const event of readEvents(response)) {
    seen.push(event)
    if (textOf(seen).endsWith(text)) return { messageId: messageOf(seen) }
  }
  return assert.fail('the answer ended before it was left')
}

async function newest(from: TestApp, chatId: string): Promise<MessageAnswer> {
  return (await from.call(KEY, 'GET', `/api/chats/${chatId}/messages?limit=1`)).body.items[0]
}

function messageOf([start]: readonly ReadEvent[]): string {
  return (start!.data as { messageId: string }).messageId
}

function textOf(events: readonly ReadEvent[]): string {
  return events.map(({ event, data }) => (event === 'text-delta' ? (data as { text: string }).text : '')).join('')
}

async function withModel(t: TestContext): Promise<{ own: TestApp; double: ModelDouble; chatId: string }> {
  const double = await startModelDouble(t)
  double.plan(says('It opens at nine [1].'))
  const config: TestAppOptions['config'] = { model: 'openai-compatible:double', modelUrl: double.url }
  const own = await freshApp(t, { config })
  await own.upload(KEY, 'hours.txt', HOURS)
  return { own, double, chatId: await newChat(KEY, own) }
}
