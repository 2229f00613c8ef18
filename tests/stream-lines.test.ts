/** The line between a server and its readers: silent for long, renewed before a platform cuts it, and through a proxy that collects. */
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { startBufferingProxy } from './support/buffering-proxy.ts'
import { type ReadEvent, readEvents } from './support/events.ts'
import { begins, type ModelDouble, startModelDouble } from './support/model-double.ts'
import { BOOTSTRAP_KEY, startServer, type TestServer, upload } from './support/server.ts'

const QUESTION = 'How many seats does the reading room have?'
const TEXT = 'The reading room has 42 seats, six of them with a lamp. It opens at nine in the morning.\n'

let double: ModelDouble
let server: TestServer
before(async (t) => {
  const hook = t as unknown as TestContext
  double = await startModelDouble(hook)
  const args = ['--heartbeat', '1', '--stream-renew', '3']
  const environment = { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: double.url }
  server = await startServer({ args, environment })
  hook.after(() => server[Symbol.asyncDispose]())
  assert.equal((await upload(server, 'handbook.txt', TEXT))['status'], 'ready')
})

test('S95: while the model is silent the line is kept open; it is renewed in time, and nothing is lost or told twice', async () => {
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
  double.plan(begins(['It has'], { until }, { word: ' 42 seats' }, 'done'))
  const path = await newChat()
  const comments: string[] = []
  const first = await Array.fromAsync(readEvents(await ask(server.url, path), comments))
  // Ended by the server, in the middle, and as a line ends that is whole.
  assert.equal(first.at(-1)!.event, 'text-delta')
  assert.ok(comments.length >= 3, `${comments.length} comments in three seconds`)

  const events = `${path}/${(first[0]!.data as { messageId: string }).messageId}/events`
  const again = await get(server.url, events, first.at(-1)!.id!)
  goOn()
  const rest = await Array.fromAsync(readEvents(again))
  const all = [...first, ...rest]
  assert.deepEqual(
    all.map(({ id }) => Number(id!.split('.')[1])),
    all.map((_, index) => index + 1),
  )
  assert.deepEqual([textOf(all), rest.at(-1)!.event], ['It has 42 seats', 'answer-end'])
})

test('S95: an answer that cannot be resumed is not cut', async () => {
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
  double.plan(begins(['It has'], { until }, { word: ' 42 seats' }, 'done'))
  const comments: string[] = []
  const events: ReadEvent[] = []
  const headers = { ...HEADERS, accept: 'text/event-stream' }
  const body = JSON.stringify({ question: QUESTION })
  const response = await fetch(`${server.url}/api/ask`, { method: 'POST', headers, body })
  const waited = setInterval(() => comments.length >= 5 && goOn(), 100)
  for await (const event of readEvents(response, comments)) events.push(event)
  clearInterval(waited)
  assert.deepEqual([textOf(events), events.at(-1)!.event], ['It has 42 seats', 'answer-end'])
})

test('S96: a proxy that collects answers passes the first word on while the model still writes', async (t) => {
  const proxy = await startBufferingProxy(t, server.url)
  const directMs = await firstWordMs(server.url)
  const proxiedMs = await firstWordMs(proxy.url)
  t.diagnostic(`first word: ${directMs} ms direct, ${proxiedMs} ms through the proxy`)
  const { 'cache-control': caching, 'x-accel-buffering': buffering, ...others } = proxy.answers.at(-1)!
  assert.deepEqual([buffering, caching], ['no', 'no-store, no-transform'])
  assert.deepEqual([others['content-length'], others['content-encoding']], [undefined, undefined])
})

test('S96: through a proxy that never passes anything on before the end, the answer comes whole', async (t) => {
  const proxy = await startBufferingProxy(t, server.url, { isStubborn: true })
  double.plan(begins(['It has', ' 42 seats'], 'done'))
  const events = await Array.fromAsync(readEvents(await ask(proxy.url, await newChat())))
  assert.deepEqual([textOf(events), events.at(-1)!.event], ['It has 42 seats', 'answer-end'])
})

const HEADERS = { authorization: `Bearer ${BOOTSTRAP_KEY}`, 'content-type': 'application/json' }

/** The path of its messages. */
async function newChat(): Promise<string> {
  const response = await server.fetch('/api/chats', { method: 'POST', headers: HEADERS, body: '{}' })
  return `/api/chats/${((await response.json()) as { id: string }).id}/messages`
}

function ask(url: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify({ content: QUESTION }) })
}

function get(url: string, path: string, lastEventId: string): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { ...HEADERS, 'last-event-id': lastEventId } })
}

/** The model goes on only when its first word has arrived: without that the test would not end. */
async function firstWordMs(url: string): Promise<number> {
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
  double.plan(begins(['It has'], { until }, 'done'))
  const path = await newChat()
  const startedAt = performance.now()
  let tookMs = 0
  for await (const { event } of readEvents(await ask(url, path))) {
    if (event !== 'text-delta') continue
    tookMs ||= Math.round(performance.now() - startedAt)
    goOn()
  }
  return tookMs
}

function textOf(events: readonly ReadEvent[]): string {
  return events.map(({ event, data }) => (event === 'text-delta' ? (data as { text: string }).text : '')).join('')
}
