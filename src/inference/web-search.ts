/**
 * A search engine for the web behind a small interface: Tavily, or a SearXNG of one's own. What is used of a result is what the
 * engine says of it: no page is fetched, so that no address of a stranger is ever called.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { KnowBotError } from '../errors.ts'
import { MIB, SECOND_MS } from '../lib/units.ts'
import { objectOf, parseObject, textOf } from './json.ts'

export interface WebResult {
  title: string
  /** http or https. */
  url: string
  /** The engine's excerpt. */
  text: string
}

export interface WebSearch {
  /** For people. */
  readonly name: string
  /** Best first. Throws `web_search_failed`; an abort throws the signal's reason. */
  find(query: string, signal: AbortSignal): Promise<WebResult[]>
}

export type WebEngine = 'tavily' | 'searxng'

export interface WebSearchSettings {
  engine: WebEngine
  /** Of a SearXNG; Tavily has its own. */
  url?: string | undefined
  key?: string | undefined
  timeoutMs?: number
}

const RESULTS_MAX = 5
const QUERY_LENGTH_MAX = 400
const TITLE_LENGTH_MAX = 200
const TEXT_LENGTH_MAX = 1000
const TIMEOUT_MS = 10 * SECOND_MS
const BODY_BYTES_MAX = 2 * MIB

/** Throws `invalid_setting` where something that the engine needs is not set. */
export function openWebSearch({ engine, url, key, timeoutMs = TIMEOUT_MS }: WebSearchSettings): WebSearch {
  const { name, prepare } = ENGINES[engine]
  const requestFor = prepare(url, key)
  return {
    name,
    async find(query, signal) {
      const asked = query.replace(/\s+/g, ' ').trim().slice(0, QUERY_LENGTH_MAX).toWellFormed()
      const body = await ask(requestFor(asked), { name, timeoutMs }, signal)
      const results = parseObject(body)?.['results']
      if (!Array.isArray(results)) throw failed(name, 'answered with something that is no list of results')
      return results.flatMap(resultOf).slice(0, RESULTS_MAX)
    },
  }
}

interface WebRequest {
  method: 'GET' | 'POST'
  url: URL
  headers: Record<string, string>
  body?: string
}

interface Engine {
  name: string
  prepare(url: string | undefined, key: string | undefined): (query: string) => WebRequest
}

const ENGINES: Readonly<Record<WebEngine, Engine>> = {
  // https://docs.tavily.com/documentation/api-reference/endpoint/search
  tavily: {
    name: 'Tavily',
    prepare(url = 'https://api.tavily.com', key) {
      if (key === undefined) throw invalid('KNOWBOT_WEB_SEARCH_KEY: tavily needs it')
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      return (query) => {
        const body = JSON.stringify({ query, search_depth: 'basic', max_results: RESULTS_MAX })
        return { method: 'POST', url: new URL(`${url}/search`), headers, body }
      }
    },
  },
  // https://docs.searxng.org/dev/search_api.html; `json` must be among the formats in its settings.yml.
  searxng: {
    name: 'SearXNG',
    prepare(url, key) {
      if (url === undefined) throw invalid('KNOWBOT_WEB_SEARCH_URL: searxng needs it, the address of the server')
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` }
      return (query) => {
        const address = new URL(`${url}/search`)
        address.search = new URLSearchParams({ q: query, format: 'json' }).toString()
        return { method: 'GET', url: address, headers }
      }
    },
  },
}

/** One request, without redirects, in bounded time and size. */
async function ask(
  { method, url, headers, body }: WebRequest,
  { name, timeoutMs }: { name: string; timeoutMs: number },
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted()
  const { request } =
    url.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  const outgoing = request(url, {
    method,
    agent: false,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'KnowBot', ...headers },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  })
  try {
    const response = await responseTo(outgoing, body)
    if (response.statusCode !== 200) throw failed(name, explain(response.statusCode ?? 0))
    return await readAll(response, name)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof KnowBotError) throw error
    const { code, name: kind } = error as NodeJS.ErrnoException
    throw failed(
      name,
      kind === 'AbortError'
        ? `did not answer within ${timeoutMs / SECOND_MS} s`
        : `cannot be reached (${code ?? 'no answer'})`,
      error,
    )
  } finally {
    outgoing.destroy()
  }
}

function responseTo(outgoing: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  outgoing.on('response', resolve)
  outgoing.on('error', reject) // Stays: a destroyed request may say so after its answer was read.
  outgoing.end(body)
  return promise
}

async function readAll(response: IncomingMessage, name: string): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const piece of response as AsyncIterable<string>) {
    text += piece
    if (text.length > BODY_BYTES_MAX) throw failed(name, 'answered with more than anybody reads')
  }
  return text
}

function explain(status: number): string {
  if (status === 401 || status === 403) return `refused (${status}): the key is wrong, or JSON is not among its formats`
  if (status === 429 || status === 432) return `has had enough questions for now (${status})`
  return `answered ${status}`
}

function resultOf(value: unknown): WebResult[] {
  const result = objectOf(value)
  const url = URL.parse(textOf(result?.['url']))
  const text = clean(textOf(result?.['content']), TEXT_LENGTH_MAX)
  if (!url || !/^https?:$/.test(url.protocol) || text === '') return []
  return [{ title: clean(textOf(result?.['title']), TITLE_LENGTH_MAX) || url.hostname, url: url.href, text }]
}

/** On one line, without tags and control characters. */
function clean(text: string, lengthMax: number): string {
  return text
    .slice(0, lengthMax * 4)
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, lengthMax)
    .toWellFormed()
}

function failed(name: string, what: string, cause?: unknown): KnowBotError {
  return new KnowBotError('web_search_failed', `${name} ${what}.`, { cause })
}

function invalid(sentence: string): KnowBotError {
  return new KnowBotError('invalid_setting', sentence)
}
