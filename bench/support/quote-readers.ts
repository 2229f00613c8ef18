/**
 * People who ask for quotes in a chat, one question after the other, in a process of their own: `url key` on the command line, then by
 * IPC `{people, thinkMs, questions}` to begin and `{people: 0}` to stop after the answers in hand. Each answer is reported as a `Heard`.
 */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'

export interface Heard {
  /** From the request to the event, in ms; null where none came. */
  sourcesMs: number | null
  quoteMs: number | null
  failure: string | undefined
}

export interface Order {
  people: number
  thinkMs: number
  questions: readonly string[]
}

const [, , url = '', key = ''] = process.argv
const agent = new Agent({ keepAlive: true })
let order: Order = { people: 0, thinkMs: 0, questions: [] }
let running = 0
let asked = 0

process.on('message', (next: Order) => {
  order = { ...order, ...next }
  while (running < order.people) void askAlways(++running)
  if (running === 0) process.send?.('stopped')
})
process.on('disconnect', () => process.exit())

async function askAlways(number: number): Promise<void> {
  // People do not ask in step.
  await sleep(Math.random() * order.thinkMs)
  const chat = await beginChat()
  while (number <= order.people) {
    process.send?.(await ask(`/api/chats/${chat.id}/messages`))
    await sleep(order.thinkMs * (0.5 + Math.random()))
  }
  if (--running === 0) process.send?.('stopped')
}

async function beginChat(): Promise<{ id: string }> {
  for (;;) {
    try {
      return JSON.parse(await textOf(await call('POST', '/api/chats', '{}'))) as { id: string }
    } catch (error) {
      process.send?.({ sourcesMs: null, quoteMs: null, failure: (error as Error).message } satisfies Heard)
      await sleep(order.thinkMs)
    }
  }
}

async function ask(path: string): Promise<Heard> {
  const question = order.questions[asked++ % order.questions.length]!
  const startedAt = performance.now()
  const heard: Heard = { sourcesMs: null, quoteMs: null, failure: 'no answer-end' }
  try {
    const response = await call('POST', path, JSON.stringify({ content: question, mode: 'quotes' }))
    if (response.statusCode !== 200) heard.failure = `status ${response.statusCode}`
    let text = ''
    for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
      text += piece
      const ms = performance.now() - startedAt
      if (heard.sourcesMs === null && text.includes('event: sources-found')) heard.sourcesMs = ms
      if (heard.quoteMs === null && text.includes('event: citation')) heard.quoteMs = ms
      if (text.includes('event: answer-end')) heard.failure = undefined
    }
  } catch (error) {
    heard.failure = (error as Error).message
  }
  return heard
}

function call(method: string, path: string, body: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' }
  const options: RequestOptions = { method, headers, agent }
  return new Promise((resolve, reject) => {
    request(url + path, options, resolve)
      .on('error', reject)
      .end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) text += piece
  return text
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
