/** What every request meets before its route: host, site, method, body, rate; and what every answer carries. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createApp } from '../../src/app.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, PASSWORD, type TestApp } from '../support/app.ts'
import { quietLog } from '../support/folder.ts'

let app: TestApp
before(async (t) => {
  app = await freshApp(t as never)
})

const NESTED = (levels: number) => `{"query":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`

interface BodyCase {
  what: string
  body: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  status: number
  says: RegExp
}

const BODIES: readonly BodyCase[] = [
  { what: 'null', body: 'null', status: 400, says: /Expected a JSON object as the body, got null/ },
  { what: 'an array', body: '[]', status: 400, says: /got an array/ },
  { what: 'a string', body: '"query"', status: 400, says: /got a string/ },
  { what: 'a number', body: '7', status: 400, says: /got a number/ },
  { what: 'nothing', body: '', status: 400, says: /got nothing/ },
  { what: 'an object that lacks what is needed', body: '{}', status: 400, says: /query: this is missing/ },
  { what: 'of the wrong type inside', body: '{"query": 7}', status: 400, says: /query: expected a string, got 7/ },
  {
    what: 'an object where a string belongs',
    body: '{"query": {"$ne": null}}',
    status: 400,
    says: /query: expected a string, got an object/,
  },
  {
    what: 'with a key nobody knows',
    body: '{"query": "x", "owner": 1}',
    status: 400,
    says: /owner: there is no such key/,
  },
  { what: 'with __proto__', body: '{"query": "x", "__proto__": {"limit": 1}}', status: 400, says: /__proto__/ },
  { what: 'cut off', body: '{"query": "rea', status: 400, says: /Expected JSON/ },
  { what: 'with something behind it', body: '{"query": "x"} y', status: 400, says: /Expected JSON/ },
  { what: 'NaN', body: '{"query": "x", "limit": NaN}', status: 400, says: /Expected JSON/ },
  { what: '10,000 levels deep', body: NESTED(10_000), status: 400, says: /at most 64 levels, got 10000/ },
  { what: '65 levels deep', body: NESTED(65), status: 400, says: /at most 64 levels, got 65/ },
  {
    what: '64 levels deep, of the wrong type',
    body: NESTED(64),
    status: 400,
    says: /query: expected a string, got an array/,
  },
  {
    what: 'not UTF-8',
    body: new Uint8Array(Buffer.from('{"query": "caf\xe9"}', 'latin1')),
    status: 400,
    says: /UTF-8/,
  },
  { what: 'UTF-16', body: new Uint8Array(Buffer.from('{"query": "x"}', 'utf16le')), status: 400, says: /JSON/ },
  { what: 'above 1 MB', body: `{"query": "${'x'.repeat(1024 * 1024)}"}`, status: 413, says: /at most 1 MB/ },
  {
    what: 'declared above 1 MB',
    body: '{}',
    headers: { 'content-length': '2000000' },
    status: 413,
    says: /got 1.9 MB/,
  },
  {
    what: 'text',
    body: '{"query": "x"}',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    says: /got text\/plain/,
  },
  {
    what: 'a form',
    body: 'query=x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    says: /application\/json/,
  },
  {
    what: 'of no type',
    body: '{"query": "x"}',
    headers: { 'content-type': '' },
    status: 415,
    says: /application\/json/,
  },
  {
    what: 'in Latin-1',
    body: '{"query": "x"}',
    headers: { 'content-type': 'application/json; charset=iso-8859-1' },
    status: 415,
    says: /UTF-8/,
  },
  {
    what: 'compressed',
    body: '{"query": "x"}',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    says: /not compressed/,
  },
]

for (const { what, body, headers, status, says } of BODIES) {
  test(`a body that is ${what} is a ${status} that says what was expected and what came`, async () => {
    const reply = await app.call(KEY, 'POST', '/api/search', {
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.headers.get('content-type'), 'application/problem+json')
    assert.match(reply.body.detail, says)
    assert.ok(reply.body.detail.length < 500, 'a problem does not repeat what was sent')
  })
}

for (const type of [
  'application/json',
  'Application/JSON; charset=UTF-8',
  'application/vnd.knowbot+json',
  'application/json;charset="utf-8"',
]) {
  test(`a body of type ${type} is read`, async () => {
    const reply = await app.call(KEY, 'POST', '/api/search', {
      body: '\ufeff{"query": "x"}',
      headers: { 'content-type': type },
    })
    assert.equal(reply.status, 200, reply.text)
  })
}

test('a body that is too large is refused before it has come to its end', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(0x20))
    },
  })
  const reply = await app.call(KEY, 'POST', '/api/search', {
    body: endless,
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(reply.status, 413)
  assert.ok(sent < 2_000_000)
})

const HOSTS: readonly [string, Partial<{ bind: string[]; publicUrl: string }>, Record<string, number>][] = [
  [
    'bound to loopback only',
    {},
    {
      localhost: 200,
      'localhost:8000': 200,
      '127.0.0.1:8000': 200,
      '[::1]:8000': 200,
      'app.localhost': 200,
      'evil.example': 421,
      '127.0.0.1.evil.example': 421,
      '192.168.1.2': 421,
    },
  ],
  [
    'with a public URL',
    { bind: ['0.0.0.0:8000'], publicUrl: 'https://docs.example.org' },
    {
      'docs.example.org': 200,
      'DOCS.example.org:443': 200,
      'localhost:8000': 200,
      'evil.example': 421,
      'docs.example.org.evil.example': 421,
      'example.org': 421,
    },
  ],
  [
    'bound to everything, nobody knows its name',
    { bind: ['0.0.0.0:8000', '[::]:8000'] },
    { 'anything.example': 200, '192.168.1.2:8000': 200 },
  ],
  [
    'bound to one address of the network',
    { bind: ['192.168.1.2:8000'], publicUrl: 'http://knowbot.lan' },
    { '192.168.1.2:8000': 200, 'knowbot.lan': 200, 'evil.example': 421 },
  ],
]

for (const [what, config, hosts] of HOSTS) {
  test(`${what}, the server answers for its own names, and for every name only whether it lives`, async (t) => {
    const fresh = await freshApp(t, { config })
    for (const [host, expected] of Object.entries(hosts)) {
      const reply = await fresh.call(KEY, 'GET', '/api/me', { headers: { host } })
      assert.equal(reply.status, expected, host)
      if (expected !== 200) assert.equal(reply.body.code, 'unknown_host')
      assert.equal((await fresh.call(undefined, 'GET', '/api/health', { headers: { host } })).status, 200)
    }
    const local = await fresh.call(undefined, 'GET', '/api/me', {
      headers: { host: 'x' },
      arrival: { listener: 'local', peer: null },
    })
    assert.equal(local.status, 200)
  })
}

const SITES: readonly [string, Record<string, string>, boolean][] = [
  ['of our own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }, true],
  ['of our own page in a browser without Sec-Fetch-Site', { origin: 'http://localhost' }, true],
  ['of our own page behind a proxy that speaks https', { origin: 'https://localhost' }, true],
  ['of no page', {}, true],
  ['that a person typed', { 'sec-fetch-site': 'none' }, true],
  ['of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
  ['of a neighbouring host', { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost' }, false],
  ['of another site in a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }, false],
  ['of a sandboxed frame', { origin: 'null' }, false],
  ['of another port', { origin: 'http://localhost:3000' }, false],
]

for (const [what, headers, isTaken] of SITES) {
  test(`a change ${what} is ${isTaken ? 'taken' : 'refused'}, reading is not asked`, async () => {
    const change = await app.call(undefined, 'DELETE', '/api/session', { headers })
    assert.equal(change.status, isTaken ? 204 : 403)
    if (!isTaken) assert.equal(change.body.code, 'cross_site')
    assert.equal((await app.call(KEY, 'GET', '/api/me', { headers })).status, 200)
  })
}

test('a page of another site cannot use the cookie of somebody who is signed in', async () => {
  await app.person('Bob')
  const signedIn = await app.call(undefined, 'POST', '/api/session', { body: { username: 'Bob', password: PASSWORD } })
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
  const form = { body: 'x', headers: { cookie, origin: 'https://evil.example', 'content-type': 'text/plain' } }
  for (const path of ['/api/documents', '/api/search', '/api/ask', '/api/keys', '/api/session'])
    assert.equal((await app.call(undefined, 'POST', path, form)).body.code, 'cross_site', path)
})

const METHODS: readonly [string, string, number, string | null][] = [
  ['PUT', '/api/documents', 405, 'POST, GET, DELETE, HEAD, OPTIONS'],
  ['POST', '/api/me', 405, 'GET, HEAD, OPTIONS'],
  ['DELETE', '/api/search', 405, 'POST, OPTIONS'],
  ['OPTIONS', '/api/documents', 204, 'POST, GET, DELETE, HEAD, OPTIONS'],
  ['GET', '/api/nothing', 404, null],
  ['GET', '/api/documents/', 404, null],
  ['POST', '/', 404, null],
  ['GET', '/api/../api/me', 200, null],
  ['GET', '/api/documents/%2e%2e%2fme', 404, null],
  ['GET', '/api/documents/%ff', 404, null],
]

for (const [method, path, status, allow] of METHODS) {
  test(`${method} ${path} is a ${status}${allow ? ' that says what is allowed' : ''}`, async () => {
    const reply = await app.call(KEY, method, path)
    assert.equal(reply.status, status)
    if (status === 204) assert.equal(reply.headers.get('allow'), allow)
    if (status === 405) assert.match(reply.body.detail, new RegExp(allow!))
  })
}

test('HEAD answers the headers of GET and nothing else', async () => {
  for (const path of ['/api/health', '/api/documents', '/api/events', '/api/openapi.json']) {
    const reply = await app.call(KEY, 'HEAD', path)
    assert.deepEqual([reply.status, reply.text], [200, ''])
  }
})

test('every answer carries the headers that keep browsers from doing more than they should', async () => {
  for (const [method, path] of [
    ['GET', '/api/me'],
    ['GET', '/api/nothing'],
    ['DELETE', '/api/session'],
    ['POST', '/api/search'],
    ['GET', '/api/health'],
  ] as const) {
    const { headers } = await app.call(KEY, method, path)
    const policy = headers.get('content-security-policy')!
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
      assert.ok(policy.includes(directive))
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    assert.match(headers.get('permissions-policy')!, /camera=\(\)/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.has('access-control-allow-origin'), false)
  }
})

test('too many requests are answered with 429 and when to come back; the bootstrap key is not counted', async () => {
  const { key } = await app.person('Hurried')
  const statuses = new Set<number>()
  let last = await app.call(key, 'POST', '/api/search', { body: { query: 'x' } })
  for (let n = 0; n < 400 && last.status !== 429; n++) {
    last = await app.call(key, 'POST', '/api/search', { body: { query: 'x' } })
    statuses.add(last.status)
  }
  assert.deepEqual([...statuses].sort(), [200, 429])
  assert.ok(Number(last.headers.get('retry-after')) >= 1)
  for (let n = 0; n < 400; n++)
    assert.equal((await app.call(KEY, 'POST', '/api/search', { body: { query: 'x' } })).status, 200)
})

test('when there is too much to do, answers go first and uploads last', () => {
  const { classify } = createApp(app.knowbot)
  const cases = [
    ['GET', '/api/health', 'critical'],
    ['POST', '/api/ask?x', 'critical'],
    ['POST', '/api/documents', 'background'],
    ['GET', '/api/documents?limit=1', 'normal'],
    ['GET', '/', 'normal'],
  ] as const
  for (const [method, path, expected] of cases) assert.equal(classify({ method, path }), expected)
})

test('what goes wrong on our side is told without its details, which are in the log', async (t) => {
  const lines: string[] = []
  const fresh = await freshApp(t)
  const broken = { ...fresh.knowbot, log: quietLog(lines), status: () => Promise.reject(new Error('secret path /x/y')) }
  const request = new Request('http://localhost/api/status', {
    headers: { host: 'localhost', authorization: `Bearer ${KEY}` },
  })
  const response = await createApp(broken).fetch(request, { peer: null, listener: 'public' })
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.doesNotMatch(text, /secret/)
  assert.match(lines.join(''), /request-failed.*secret path/)
})
