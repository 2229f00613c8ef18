/** The real application over a real folder in this process, without sockets: requests go in and answers come out. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import * as v from 'valibot'
import type { Principal } from '../../src/accounts.ts'
import { Problem } from '../../src/api.ts'
import type { AnswerShape, Route } from '../../src/app/route.ts'
import { ROUTES } from '../../src/app/routes.ts'
import type { AppOptions, Arrival } from '../../src/app.ts'
import { createApp } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config.ts'
import { ALL_WELL, type Condition, type KnowBot, openKnowBot, prepareFolder } from '../../src/knowbot.ts'

export const BOOTSTRAP_KEY = 'bootstrap-of-the-suite-0123456789'
export const PASSWORD = 'five brown cups of tea'

export interface Reply {
  status: number
  headers: Headers
  /** Parsed where it is JSON, else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: the body of any route; each is held to its schema before a test sees it.
  body: any
  text: string
}

export interface CallOptions {
  /** Sent as JSON, unless it is bytes, text or a form. */
  body?: unknown
  headers?: Record<string, string>
  arrival?: Partial<Arrival>
  /** `https`: told by a trusted proxy. */
  scheme?: 'http' | 'https'
  signal?: AbortSignal
}

export interface TestApp {
  readonly knowbot: KnowBot
  /** The start's one-time code. */
  readonly setupCode: string | undefined
  /** As whoever has the key; as nobody with `undefined`. */
  call(key: string | undefined, method: string, path: string, options?: CallOptions): Promise<Reply>
  /** The answer itself, for streams. */
  open(key: string | undefined, method: string, path: string, options?: CallOptions): Promise<Response>
  /** How often somebody was called to do jobs. */
  readonly calledToWork: number
  /** As when the process has been asked to end. */
  drain(): void
  /** As when the supervisor tells how the server stands: well, but for this. */
  stand(condition: Partial<Condition>): void
  /** A new person, and a key of theirs. */
  person(
    name: string,
    role?: Principal['role'],
    scopes?: readonly ('read' | 'write' | 'chat' | 'admin')[],
  ): Promise<Person>
  /** Uploads and waits until it is read. */
  upload(
    key: string,
    name: string,
    content: string | Uint8Array<ArrayBuffer>,
    fields?: Record<string, string>,
  ): Promise<Reply>
}

export interface Person {
  id: string
  key: string
  keyId: string
  collectionId: string
}

export interface TestAppOptions extends AppOptions {
  config?: Partial<Config>
  /** The data folder, when it has to lie somewhere; it is emptied at the end all the same. */
  folder?: string
  /** Whether documents are read in the background, as the job worker would. */
  isWorking?: boolean
}

export async function freshApp(t: TestContext, options: TestAppOptions = {}): Promise<TestApp> {
  const {
    config: settings = {},
    isWorking = true,
    folder = mkdtempSync(join(tmpdir(), 'knowbot-test-')),
    ...appOptions
  } = options
  const config = {
    ...loadConfig({ data: folder, 'bootstrap-key': BOOTSTRAP_KEY, 'log-level': 'error' }, {}),
    ...settings,
  }
  const lines = await prepareFolder(config)
  const setupCode = lines.map((line) => /#setup=(\S+)/.exec(line)?.[1]).find(Boolean)
  const stop = new AbortController()
  const draining = new AbortController()
  let working: Promise<void> | undefined
  let condition = ALL_WELL
  let calledToWork = 0
  const conditionListeners = new Set<(condition: Condition) => void>()
  const knowbot: KnowBot = await openKnowBot(config, {
    role: 'web',
    publish: () => undefined,
    subscribe: () => () => undefined,
    announceWork({ waiting }) {
      if (waiting) calledToWork += 1
      if (!waiting || !isWorking || working || stop.signal.aborted) return
      // The door of jobs is not open yet while KnowBot is being opened.
      working = Promise.resolve()
        .then(() => knowbot.runJobs(stop.signal))
        .finally(() => {
          working = undefined
        })
    },
    draining: draining.signal,
    get condition() {
      return condition
    },
    onCondition(listener) {
      conditionListeners.add(listener)
      return () => conditionListeners.delete(listener)
    },
    status: async () => ({ workers: [{ pid: process.pid, role: 'web' }] }),
    metrics: async () => '# TYPE runtime_workers_wanted gauge\nruntime_workers_wanted 1\n',
  })
  t.after(async () => {
    stop.abort()
    await working
    await knowbot[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  const app = createApp(knowbot, appOptions)

  const open: TestApp['open'] = (key, method, path, { body, headers = {}, arrival, signal, scheme = 'http' } = {}) => {
    const isRaw =
      body === undefined ||
      typeof body === 'string' ||
      body instanceof Uint8Array ||
      body instanceof FormData ||
      body instanceof ReadableStream
    // As the runtime puts it together from the request's head.
    const request = new Request(`${scheme}://${headers['host'] ?? 'localhost'}${path}`, {
      method,
      headers: {
        host: 'localhost',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body), duplex: 'half' }),
      ...(signal ? { signal } : {}),
    })
    return app.fetch(request, { peer: { address: '127.0.0.1' }, listener: 'public', ...arrival })
  }
  const call: TestApp['call'] = async (key, method, path, callOptions) => {
    const reply = await read(await open(key, method, path, callOptions))
    assertDocumented(method, path, reply)
    return reply
  }

  return {
    knowbot,
    setupCode,
    get calledToWork() {
      return calledToWork
    },
    open,
    call,
    drain: () => draining.abort(),
    stand(told) {
      condition = { ...ALL_WELL, ...told }
      for (const listener of conditionListeners) listener(condition)
    },
    async person(name, role = 'member', scopes) {
      const { id } = await knowbot.accounts.users.create({ name, password: PASSWORD, role })
      const principal = (await knowbot.accounts.authenticateKey(BOOTSTRAP_KEY))!
      const granted =
        scopes ?? (role === 'administrator' ? ['read', 'write', 'chat', 'admin'] : ['read', 'write', 'chat'])
      const created = await knowbot.accounts.keys.create(principal, {
        name: 'test',
        userId: id,
        scopes: granted as never,
      })
      const own = (await knowbot.accounts.authenticateKey(created.key))!
      const [home] = await knowbot.accounts.collections(own)
      return { id, key: created.key, keyId: created.id, collectionId: home!.id }
    },
    upload(key, name, content, fields = {}) {
      const form = new FormData()
      form.set('file', new Blob([content]), name)
      for (const [field, value] of Object.entries(fields)) form.set(field, value)
      return call(key, 'POST', '/api/documents', { body: form, headers: { prefer: 'wait=60' } })
    },
  }
}

async function read(response: Response): Promise<Reply> {
  const { status, headers } = response
  const text = await response.text()
  const isJson = /[/+]json/.test(headers.get('content-type') ?? '')
  return { status, headers, text, body: isJson && text !== '' ? JSON.parse(text) : text }
}

/** Every answer that a test sees is held to what the table promises of it. */
function assertDocumented(method: string, path: string, { status, headers, body, text }: Reply): void {
  if (status >= 400 && headers.get('content-type') === 'application/problem+json') {
    v.parse(Problem, body)
    assert.equal(body.status, status)
    assert.ok(body.detail.length > 10, `a problem without a sentence: ${body.detail}`)
    return
  }
  const route = routeOf(method, path)
  if (!route || method === 'HEAD' || method === 'OPTIONS') return
  const shapes = [route.answers[status]].flat() as (AnswerShape | undefined)[]
  assert.ok(shapes[0], `${method} ${path}: ${status} is not in the table: ${text.slice(0, 200)}`)
  const { schema } = shapes[0]
  if (schema) v.parse(schema, body)
  else if (status === 204) assert.equal(text, '')
}

export function routeOf(method: string, path: string): Route | undefined {
  const { pathname } = new URL(path, 'http://localhost')
  return ROUTES.find(
    (route) => route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  )
}
