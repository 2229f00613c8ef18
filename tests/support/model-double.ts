/**
 * A model server of the world outside: real HTTP on loopback, answering each request with the next script. It plays what
 * servers do, the good and the bad; it knows nothing of KnowBot. It speaks what it is asked in: OpenAI's Chat Completions, or
 * Anthropic's Messages below `/messages`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What one request gets, step by step. */
export type Step =
  | { send: string }
  /** A chunk with this text. */
  | { word: string }
  | { waitMs: number }
  /** Goes on when the test says so. */
  | { until: Promise<void> }
  /** Nothing more, and the line stays open. */
  | 'silence'
  /** The connection is cut. */
  | 'cut'
  /** What says that the answer is whole. */
  | 'done'

export interface Script {
  /** The request is taken, and never answered. */
  isMute?: true
  status?: number
  headers?: Readonly<Record<string, string>>
  steps: readonly Step[]
}

export interface SeenRequest {
  path: string
  headers: IncomingMessage['headers']
  body: {
    model: string
    stream: boolean
    temperature?: number
    system?: string
    max_tokens?: number
    messages: { role: string; content: string }[]
  }
  /** Resolves when the client has left before the answer was at its end. */
  abandoned: Promise<void>
}

export interface ModelDouble {
  /** With its `/v1`. */
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** The first request, when it is there. */
  readonly asked: Promise<SeenRequest>
  /** What comes next; the last script stays when the others are used up. */
  plan(...scripts: readonly Script[]): void
}

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8' }

export async function startModelDouble(t: TestContext): Promise<ModelDouble> {
  const requests: SeenRequest[] = []
  const { promise: asked, resolve: tellAsked } = Promise.withResolvers<SeenRequest>()
  let scripts: Script[] = [says('An answer.')]
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const { promise: abandoned, resolve } = Promise.withResolvers<void>()
      response.on('close', () => response.writableFinished || resolve())
      const seen = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text), abandoned }
      requests.push(seen)
      tellAsked(seen)
      const script = scripts.length > 1 ? scripts.shift()! : scripts[0]!
      return play(script, response, request.url?.endsWith('/messages') ? MESSAGES : CHAT_COMPLETIONS)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    asked,
    plan: (...next) => {
      scripts = [...next]
    },
  }
}

/** A good answer, one chunk for each piece. */
export function says(...words: readonly string[]): Script {
  return { headers: STREAM, steps: [...words.map((word) => ({ word })), 'done'] }
}

/** A good beginning, then whatever. */
export function begins(words: readonly string[], ...rest: readonly Step[]): Script {
  return { headers: STREAM, steps: [...words.map((word) => ({ word })), ...rest] }
}

/** A refusal in the words of a provider. */
export function refuses(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Script {
  // OpenAI's shape and Anthropic's in one.
  const body = JSON.stringify({ type: 'error', error: { message, type: 'error', code: null } })
  return { status, headers: { 'content-type': 'application/json', ...headers }, steps: [{ send: body }] }
}

/** Bytes as they were, with a 200. */
export function sends(text: string, contentType = STREAM['content-type']): Script {
  return { headers: { 'content-type': contentType }, steps: [{ send: text }] }
}

/** An address where nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/v1`
}

async function play(script: Script, response: ServerResponse, format: Format): Promise<void> {
  if (script.isMute) return
  const { status = 200, headers = STREAM, steps } = script
  response.writeHead(status, headers)
  response.flushHeaders()
  let hasWords = false
  for (const step of steps) {
    if (response.destroyed) return
    if (step === 'silence') return
    if (step === 'cut') {
      // What was written goes out before the connection ends.
      await new Promise((resolve) => setImmediate(resolve))
      response.destroy()
      return
    }
    if (step === 'done') response.write(format.end)
    else if ('word' in step) {
      response.write((hasWords ? '' : format.beginning) + format.word(step.word))
      hasWords = true
    } else if ('send' in step) response.write(step.send)
    else if ('until' in step) await step.until
    else await new Promise((resolve) => setTimeout(resolve, step.waitMs))
  }
  response.end()
}

interface Format {
  beginning: string
  word(text: string): string
  end: string
}

const CHAT_COMPLETIONS: Format = {
  beginning: '',
  word: (content) => chunk({ content }, null),
  end: `${chunk({}, 'stop')}data: [DONE]\n\n`,
}

function chunk(delta: Record<string, unknown>, finishReason: string | null): string {
  const choice = { index: 0, delta, finish_reason: finishReason }
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'double', choices: [choice] })}\n\n`
}

const MESSAGES: Format = {
  beginning:
    event('message_start', {
      message: { id: 'msg_1', role: 'assistant', usage: { input_tokens: 20, output_tokens: 1 } },
    }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('ping', {}),
  word: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  end:
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }) +
    event('message_stop', {}),
}

function event(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let text = ''
  for await (const piece of request) text += piece
  return text
}
