/** Search engines of the world outside: real HTTP on loopback, in the forms of Tavily and of SearXNG. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface EngineAnswer {
  status?: number
  /** In its own words, as JSON or as they are. */
  body: unknown
  /** The request is taken, and never answered. */
  isMute?: true
}

export interface SeenSearch {
  method: string
  path: string
  query: string | undefined
  headers: IncomingMessage['headers']
  body: Record<string, unknown> | undefined
}

export interface EngineDouble {
  readonly url: string
  readonly searches: readonly SeenSearch[]
  /** What every further search gets. */
  plan(answer: EngineAnswer): void
}

export async function startEngineDouble(t: TestContext): Promise<EngineDouble> {
  const searches: SeenSearch[] = []
  let next: EngineAnswer = { body: { results: [] } }
  const server = createServer(async (incoming, outgoing) => {
    let text = ''
    for await (const piece of incoming.setEncoding('utf8')) text += piece
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://engine')
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
    const query = searchParams.get('q') ?? (body?.['query'] as string | undefined)
    searches.push({ method: incoming.method!, path: pathname, query, headers: incoming.headers, body })
    if (next.isMute) return
    outgoing.writeHead(next.status ?? 200, { 'content-type': 'application/json', location: 'http://127.0.0.1:1/' })
    outgoing.end(typeof next.body === 'string' ? next.body : JSON.stringify(next.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    searches,
    plan: (answer) => {
      next = answer
    },
  }
}
