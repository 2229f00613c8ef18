/**
 * A server of embeddings of the world outside: real HTTP on loopback, OpenAI's `/v1/embeddings` and Ollama's `/api/embed`. Each of
 * its models is a function from text to vector; what it does instead of answering, the test says. It knows nothing of KnowBot.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type EmbeddingFunction = (text: string) => ArrayLike<number>

export interface SeenEmbedding {
  path: string
  headers: IncomingMessage['headers']
  model: string
  texts: string[]
  bytes: number
}

/** What one request gets instead of vectors. */
export type Instead = { status: number; body?: string; headers?: Record<string, string> } | 'silence' | 'cut'

export interface EmbeddingDouble extends AsyncDisposable {
  /** With its `/v1`. */
  readonly url: string
  readonly requests: readonly SeenEmbedding[]
  /** By the name that is asked for; another name is refused with 404. */
  readonly models: Map<string, EmbeddingFunction>
  /** Undefined: vectors. Asked for each request. */
  misbehave: ((request: SeenEmbedding) => Instead | undefined | Promise<Instead | undefined>) | undefined
}

export async function openEmbeddingDouble(models: Record<string, EmbeddingFunction>): Promise<EmbeddingDouble> {
  const requests: SeenEmbedding[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const double: EmbeddingDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    models: new Map(Object.entries(models)),
    misbehave: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
  return double

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request)
    const { model, input } = JSON.parse(text) as { model: string; input: string | string[] }
    const [path, headers] = [request.url ?? '', request.headers]
    const seen = { path, headers, model, texts: [input].flat(), bytes: Buffer.byteLength(text) }
    requests.push(seen)
    const instead = await double.misbehave?.(seen)
    if (instead === 'silence') return
    if (instead === 'cut') return void response.destroy()
    if (instead) return void response.writeHead(instead.status, instead.headers).end(instead.body ?? '{"error":{}}')
    const embed = double.models.get(model)
    if (!embed) return void response.writeHead(404).end(JSON.stringify({ error: { message: `no model ${model}` } }))
    const vectors = seen.texts.map((one) => Array.from(embed(one)))
    const body = path.endsWith('/api/embed')
      ? { model, embeddings: vectors }
      : { object: 'list', model, data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })) }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let text = ''
  for await (const piece of request) text += piece
  return text
}
