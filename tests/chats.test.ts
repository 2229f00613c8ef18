/** Chats through the door of chat: answers that go on without readers, and that no death of a process takes away. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type AnswerEvent, type AnswerPlace, type Chat, openChat, type StreamedEvent } from '../src/chat.ts'
import { openChatModel } from '../src/inference.ts'
import { type Messages, openMessages } from '../src/lib/messages.ts'
import { HOUR_MS, MINUTE_MS } from '../src/lib/units.ts'
import { uuidv7 } from '../src/lib/uuid.ts'
import { openSearch } from '../src/search.ts'
import { openStorage, type Storage } from '../src/storage.ts'
import { addPerson, freshStorage, type Person, quietLog } from './support/folder.ts'
import { addDocument } from './support/library.ts'
import { begins, type ModelDouble, says, startModelDouble } from './support/model-double.ts'

const NEVER = new AbortController().signal
const QUESTION = { question: 'How many seats does the reading room have?' }
const WORDS = Array.from({ length: 60 }, (_, index) => `word${index} `)

test('a chat is made, listed newest first, renamed and deleted', async (t) => {
  const { chat, ana } = await fresh(t)
  const first = await chat.create(ana, { title: 'First' })
  const second = await chat.create(ana, {})
  assert.equal(second.title, 'New chat')
  const { items, nextCursor } = chat.list(ana, { limit: 1 })
  assert.deepEqual([items[0]?.id, nextCursor], [second.id, second.id])
  const rest = chat.list(ana, { limit: 1, cursor: second.id })
  assert.deepEqual([rest.items[0]?.id, rest.items[0]?.title, rest.nextCursor], [first.id, 'First', null])
  await chat.change(ana, first.id, { title: '  Seats and \n lamps ' })
  assert.equal(chat.get(ana, first.id).title, 'Seats and lamps')
  await chat.remove(ana, first.id)
  assert.throws(() => chat.get(ana, first.id), { code: 'not_found' })
})

test('what was deleted more than ten minutes ago is purged by the process that begins to serve', async (t) => {
  const { chat, ana, storage, ask } = await fresh(t)
  const [old, recent] = [await ask(), await ask()]
  for (const place of [old, recent]) await ended(chat, ana, place)
  for (const { chatId } of [old, recent]) await chat.remove(ana, chatId)
  const elevenMinutesAgo = Date.now() - 11 * MINUTE_MS
  await storage.database.write((tx) =>
    tx.run('UPDATE chats SET deleted_at = ? WHERE public_id = ?', elevenMinutesAgo, old.chatId),
  )
  await assert.rejects(chat.restore(ana, old.chatId), { code: 'not_found' })
  await chat.recover()
  const count = (sql: string) => storage.database.get<{ n: number }>(sql)!.n
  assert.equal(count('SELECT count(*) AS n FROM chats'), 1)
  assert.equal(count('SELECT count(*) AS n FROM messages'), 2)
  assert.equal(count('SELECT count(DISTINCT stream) AS n FROM journal'), 1)
  assert.equal(count('SELECT count(*) AS n FROM chat_texts'), 3)
  await chat.restore(ana, recent.chatId)
  assert.equal(chat.get(ana, recent.chatId).id, recent.chatId)
})

test("somebody else's chat is not there, on no way", async (t) => {
  const { chat, ana, storage, ask } = await fresh(t)
  const place = await ask()
  await ended(chat, ana, place)
  const eve = await addPerson(storage, 'eve')
  const notThere = { code: 'not_found' }
  assert.deepEqual(chat.list(eve, { limit: 10 }).items, [])
  assert.throws(() => chat.get(eve, place.chatId), notThere)
  assert.throws(() => chat.messages(eve, place.chatId, { limit: 10 }), notThere)
  assert.throws(() => chat.follow(eve, place, undefined, NEVER), notThere)
  assert.throws(() => chat.stop(eve, place), notThere)
  await assert.rejects(chat.send(eve, place.chatId, QUESTION), notThere)
  await assert.rejects(chat.continue(eve, place), notThere)
  await assert.rejects(chat.change(eve, place.chatId, { title: 'mine' }), notThere)
  await assert.rejects(chat.remove(eve, place.chatId), notThere)
  await assert.rejects(chat.restore(eve, place.chatId), notThere)
  assert.deepEqual(chat.search(eve, 'seats', { limit: 10 }).items, [])
  // Nor is an answer of one chat in another.
  const other = await chat.create(ana, {})
  assert.throws(() => chat.follow(ana, { ...place, chatId: other.id }, undefined, NEVER), notThere)
})

test('the history holds question and answer with its citations, and the chat takes its title from the question', async (t) => {
  const { chat, ana, double, ask } = await fresh(t)
  double.plan(says('It has 42 seats [1].'))
  const place = await ask()
  await ended(chat, ana, place)
  const { items } = chat.messages(ana, place.chatId, { limit: 10 })
  const [answer, question] = items
  assert.deepEqual([question?.role, question?.content], ['user', QUESTION.question])
  assert.deepEqual([answer?.content, answer?.state, answer?.mode], ['It has 42 seats [1].', 'complete', 'model'])
  assert.match(answer?.citations[0]?.quote ?? '', /42 seats/)
  assert.equal(chat.get(ana, place.chatId).title, QUESTION.question)
})

test('a question that points back is searched with the one before it, and the model is told what was said', async (t) => {
  const { chat, ana, double, ask } = await fresh(t)
  double.plan(says('It has 42 seats [1].'), says('At nine [1].'))
  const place = await ask()
  await ended(chat, ana, place)
  const { messageId } = await chat.send(ana, place.chatId, { question: 'And how many of them have a lamp?' })
  const events = await ended(chat, ana, { ...place, messageId })
  const steps = events.flatMap(({ event }) => (event.type === 'step' ? [event] : []))
  assert.deepEqual(
    [steps[0]?.name, steps[0]?.label],
    ['rewrite', `Searching for “And how many of them have a lamp? ${QUESTION.question}”`],
  )
  const { messages } = double.requests[1]!.body
  assert.deepEqual(
    messages.slice(1, 3).map(({ role, content }) => [role, content]),
    [
      ['user', QUESTION.question],
      ['assistant', 'It has 42 seats.'],
    ],
  )
  assert.match(messages[3]!.content, /Question: And how many of them have a lamp\?$/)
})

test('S88: a reader that left comes back with what it has seen last, and gets the rest, each event once', async (t) => {
  const { chat, ana, double, ask } = await fresh(t)
  double.plan({ steps: [...WORDS.flatMap((word) => [{ word }, { waitMs: 2 }]), 'done'] })
  const place = await ask()
  const before: StreamedEvent[] = []
  for await (const event of chat.follow(ana, place, undefined, NEVER)) {
    before.push(event)
    if (before.length === 40) break
  }
  const after = await Array.fromAsync(chat.follow(ana, place, before.at(-1)!.id, NEVER))
  const all = [...before, ...after]
  assert.deepEqual(
    all.map(({ id }) => Number(id.split('.')[1])),
    all.map((_, index) => index + 1),
  )
  assert.equal(textOf(all), endOf(all).answer)
  assert.ok(endOf(all).answer.startsWith('word0 word1 '))
})

test('S91: stopping ends the model at once and keeps the text; a reader that leaves stops nothing', async (t) => {
  const { chat, ana, double, ask } = await fresh(t)
  double.plan(begins(['It has', ' 42 seats'], 'silence'))
  const place = await ask()
  for await (const { event } of chat.follow(ana, place, undefined, NEVER)) if (isText(event, ' 42 seats')) break
  assert.equal(chat.messages(ana, place.chatId, { limit: 1 }).items[0]?.state, 'writing')

  const second = Array.fromAsync(chat.follow(ana, place, undefined, NEVER))
  const startedAt = performance.now()
  chat.stop(ana, place)
  await double.requests[0]!.abandoned
  assert.ok(performance.now() - startedAt < 200, 'the model was stopped too late')
  const end = endOf(await second)
  assert.deepEqual([end.state, end.answer], ['stopped', 'It has 42 seats'])
  const [answer] = chat.messages(ana, place.chatId, { limit: 1 }).items
  assert.deepEqual([answer?.state, answer?.content], ['stopped', 'It has 42 seats'])
})

test('S92: two readers of one answer get the same events', async (t) => {
  const { chat, ana, double, ask } = await fresh(t)
  double.plan(says(...WORDS))
  const place = await ask()
  const [one, two] = await Promise.all([ended(chat, ana, place), ended(chat, ana, place)])
  assert.deepEqual(one, two)
})

test('S93: a finished answer is replayed to its end, an unknown one is not there', async (t) => {
  const { chat, ana, ask } = await fresh(t)
  const place = await ask()
  const live = await ended(chat, ana, place)
  assert.deepEqual(await ended(chat, ana, place), live)
  assert.throws(() => chat.follow(ana, { ...place, messageId: 'unknown' }, undefined, NEVER), { code: 'not_found' })
})

test('an event id that we do not know begins with what is kept', async (t) => {
  const { chat, ana, ask } = await fresh(t)
  const place = await ask()
  const { answer, citations } = endOf(await ended(chat, ana, place))
  for (const unknown of ['another.3', `${'x'.repeat(5000)}`, '.', '']) {
    const [reset, end, ...rest] = await Array.fromAsync(chat.follow(ana, place, unknown, NEVER))
    const { messageId } = place
    assert.deepEqual(reset?.event, { type: 'answer-reset', messageId, answer, citations })
    assert.deepEqual([end?.event.type, rest.length], ['answer-end', 0])
  }
})

test('an answer whose events are forgotten is told from its message', async (t) => {
  const { chat, ana, ask, storage } = await fresh(t)
  const place = await ask()
  const { answer } = endOf(await ended(chat, ana, place))
  const yesterday = uuidv7(Date.now() - 25 * HOUR_MS)
  await storage.database.write((tx) => {
    tx.run('UPDATE journal SET stream = ?', yesterday)
    tx.run('UPDATE messages SET stream = ? WHERE stream IS NOT NULL', yesterday)
  })
  const before = await ended(chat, ana, place)
  assert.equal(before[0]?.event.type, 'answer-start')
  await chat.recover()
  const told = await ended(chat, ana, place)
  assert.deepEqual(
    told.map(({ event }) => event.type),
    ['answer-reset', 'answer-end'],
  )
  assert.equal(endOf(told).answer, answer)
})

test('an answer is followed and stopped from another worker', async (t) => {
  const { ana, double, ask, other } = await fresh(t)
  double.plan(begins(['It has', ' 42 seats'], 'silence'))
  const place = await ask()
  const events: StreamedEvent[] = []
  for await (const streamed of other.follow(ana, place, undefined, NEVER)) {
    events.push(streamed)
    if (isText(streamed.event, ' 42 seats')) other.stop(ana, place)
  }
  assert.deepEqual([endOf(events).state, textOf(events)], ['stopped', 'It has 42 seats'])
})

test('a worker that begins leaves the answers of the others alone', async (t) => {
  const { chat, ana, double, ask, other } = await fresh(t)
  double.plan(begins(['It has'], { waitMs: 300 }, { word: ' 42 seats' }, 'done'))
  const place = await ask()
  await other.recover()
  assert.deepEqual([endOf(await ended(chat, ana, place)).state, double.requests.length], ['complete', 1])
})

test('S89: an answer that is being written when its worker leaves is interrupted, and is gone on with', async (t) => {
  const { chat, ana, double, ask, other } = await fresh(t)
  double.plan(begins(['It has', ' 42 sea'], 'silence'), says('seats', ' [1].'))
  const place = await ask()
  for await (const { event } of chat.follow(ana, place, undefined, NEVER)) if (isText(event, ' 42 sea')) break
  await chat[Symbol.asyncDispose]()
  const [answer] = other.messages(ana, place.chatId, { limit: 1 }).items
  assert.deepEqual(
    [answer?.state, answer?.content, answer?.error?.code],
    ['interrupted', 'It has 42 sea', 'interrupted'],
  )

  await other.continue(ana, place)
  const events = await ended(other, ana, place)
  const reset = events.find(({ event }) => event.type === 'answer-reset')
  assert.equal(reset?.event.type === 'answer-reset' && reset.event.answer, 'It has 42 ')
  const end = endOf(events)
  assert.deepEqual([end.state, end.answer], ['complete', 'It has 42 seats [1].'])
  assert.equal(end.citations.length, 1)
  const { messages } = double.requests[1]!.body
  assert.deepEqual([messages[2]?.role, messages[2]?.content], ['assistant', 'It has 42 '])
  await assert.rejects(other.continue(ana, place), { code: 'conflict', message: /this one is complete/ })
})

test('S90: of an answer whose process is killed, all but the last moment is there, and it can be continued', async (t) => {
  const { ana, double, storage, other, chat } = await fresh(t)
  const sent: string[] = []
  double.plan(
    { steps: [...WORDS.slice(0, 40).flatMap((word) => [{ word }, { waitMs: 20 }]), 'silence'] },
    says('and the end [1].'),
  )
  const { id: chatId } = await chat.create(ana, {})
  const program = join(import.meta.dirname, 'support/answer-writer.ts')
  const args = [program, storage.folder, ana.userId, ana.homeCollection, chatId, double.url].map(String)
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(writer.stdout, 'data')) as [Buffer]
  const place = { chatId, messageId: line.toString().trim() }
  for await (const { event } of other.follow(ana, place, undefined, NEVER)) {
    if (event.type === 'text-delta') sent.push(event.text)
    if (sent.join('').includes('word20')) break
  }
  writer.kill('SIGKILL')
  await once(writer, 'exit')

  await other.recover()
  const [answer] = other.messages(ana, chatId, { limit: 1 }).items
  assert.equal(answer?.state, 'interrupted')
  assert.ok(answer.content.startsWith(sent.join('').trimEnd()), 'what a reader has seen is kept')
  const events = await ended(other, ana, place)
  assert.deepEqual([events.at(-2)?.event.type, endOf(events).state], ['error', 'interrupted'])
  await other.continue(ana, place)
  const end = endOf(await ended(other, ana, place))
  assert.deepEqual([end.state, end.answer], ['complete', `${answer.content.replace(/\w+$/, '')}and the end [1].`])
})

interface Fresh {
  storage: Storage
  ana: Person
  double: ModelDouble
  chat: Chat
  /** The chat of another worker on the same folder. */
  other: Chat
  /** A question in a new chat. */
  ask(): Promise<AnswerPlace>
}

async function fresh(t: TestContext): Promise<Fresh> {
  const double = await startModelDouble(t)
  const model = openChatModel({ provider: 'openai-compatible', model: 'double', url: double.url, timeoutS: 30 })
  const storage = freshStorage(t)
  const ana = await addPerson(storage, 'ana')
  const text = 'The reading room has 42 seats, six of them with a lamp. It opens at nine in the morning.'
  await addDocument(storage, openSearch(storage), ana, { name: 'handbook.txt', pages: [text] })
  const [messages, others] = linkedMessages()
  const otherStorage = openStorage(storage.folder, { role: 'web' })
  const chat = openChat({ storage, search: openSearch(storage), model, log: quietLog(), messages })
  const other = openChat({
    ...{ storage: otherStorage, search: openSearch(otherStorage), model, log: quietLog(), messages: others },
  })
  t.after(async () => {
    await chat[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    await otherStorage[Symbol.asyncDispose]()
  })
  return {
    ...{ storage, ana, double, chat, other },
    async ask() {
      const { id: chatId } = await chat.create(ana, {})
      const { messageId } = await chat.send(ana, chatId, QUESTION)
      return { chatId, messageId }
    },
  }
}

/** Two processes and the relay between them. */
function linkedMessages(): [Messages, Messages] {
  const receivers: ((topic: string, data: never) => void)[] = []
  const end = (own: number): Messages =>
    openMessages({
      send: (topic, data) => receivers[1 - own]?.(topic, data as never),
      receive: (listener) => {
        receivers[own] = listener
      },
    })
  return [end(0), end(1)]
}

function ended(chat: Chat, asker: Person, place: AnswerPlace): Promise<StreamedEvent[]> {
  return Array.fromAsync(chat.follow(asker, place, undefined, NEVER))
}

function endOf(events: readonly StreamedEvent[]): Extract<AnswerEvent, { type: 'answer-end' }> {
  const last = events.at(-1)?.event
  assert.ok(last?.type === 'answer-end', `the last event is ${last?.type}`)
  return last
}

function textOf(events: readonly StreamedEvent[]): string {
  return events.map(({ event }) => (event.type === 'text-delta' ? event.text : '')).join('')
}

function isText(event: AnswerEvent, text: string): boolean {
  return event.type === 'text-delta' && event.text.includes(text)
}
