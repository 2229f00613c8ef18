/** Bad input by the front door: each gets a clear problem or becomes a failed document, and the server goes on as before. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { makePdf } from './support/pdf.ts'
import { BOOTSTRAP_KEY, startServer, type TestServer } from './support/server.ts'

let server: TestServer
let workers: string
before(async () => {
  server = await startServer()
  workers = await workerPids()
})
after(async () => {
  // The whole file ran against one server: nobody died of it.
  assert.equal(await workerPids(), workers)
  await server[Symbol.asyncDispose]()
})

const SOME_TEXT = 'The reading room opens at nine in the morning.'

interface UploadCase {
  what: string
  name: string
  bytes: Uint8Array | string
  /** Refused at the door with this status and code, or taken and failed with this code, or ready. */
  ends: { status: number; code: string } | { failed: readonly string[] } | 'ready'
}

const UPLOADS: readonly UploadCase[] = [
  { what: 'an empty file', name: 'empty.txt', bytes: '', ends: { status: 400, code: 'document_empty' } },
  {
    what: 'a program called .pdf',
    name: 'tool.pdf',
    bytes: Buffer.from('7f454c460201010000000000', 'hex'),
    ends: { status: 415, code: 'unsupported_file_type' },
  },
  { what: 'a text called .pdf', name: 'note.pdf', bytes: SOME_TEXT, ends: 'ready' },
  { what: 'a PDF called .txt', name: 'report.txt', bytes: makePdf(['Annual report of the library']), ends: 'ready' },
  {
    what: 'a PDF that breaks off',
    name: 'cut.pdf',
    bytes: makePdf(['Annual report']).subarray(0, 180),
    ends: { failed: ['document_damaged'] },
  },
  {
    what: 'an encrypted PDF',
    name: 'locked.pdf',
    bytes: makePdf(['Secret'], { password: 'nobody gave it' }),
    ends: { failed: ['password_needed'] },
  },
  {
    what: 'a PNG whose header claims 30,000 × 30,000 pixels',
    name: 'huge.png',
    bytes: pngHeader(30_000, 30_000),
    ends: { failed: ['image_too_large'] },
  },
  {
    what: 'a PNG that breaks off',
    name: 'cut.png',
    bytes: pngHeader(400, 300).subarray(0, 50),
    ends: { failed: ['document_damaged'] },
  },
  {
    what: 'a text in invalid UTF-8',
    name: 'latin.txt',
    bytes: Buffer.from('Caf\xe9 and na\xefve readers. '.repeat(20), 'latin1'),
    ends: 'ready',
  },
  {
    what: 'a text of NUL bytes',
    name: 'nul.txt',
    bytes: Buffer.alloc(5000),
    ends: { status: 415, code: 'unsupported_file_type' },
  },
  {
    what: 'a file of white space',
    name: 'blank.txt',
    bytes: ' \n\t\n '.repeat(50),
    ends: { failed: ['no_readable_text'] },
  },
]

for (const { what, name, bytes, ends } of UPLOADS) {
  test(`${what} ends with ${typeof ends === 'string' ? 'a document that is ready' : 'a reason'}`, async () => {
    const { status, body } = await post(name, bytes)
    if (ends === 'ready') assert.deepEqual([body['status'], body['error']], ['ready', null])
    else if ('status' in ends) assert.deepEqual([status, body['code']], [ends.status, ends.code])
    else {
      const error = body['error'] as { code: string; message: string } | null
      assert.equal(body['status'], 'failed')
      assert.ok(ends.failed.includes(error?.code ?? ''), JSON.stringify(body))
      assert.ok(error!.message.length > 20, error!.message)
    }
  })
}

const NAMES: readonly [string, string][] = [
  ['that climbs out of the folder', '../../../etc/passwd.txt'],
  ['with back slashes', '..\\..\\windows\\system.txt'],
  ['of 300 characters', `${'n'.repeat(296)}.txt`],
  ['with line ends and quotes', 'a"b\r\nX-Evil: 1.txt'],
  ['that is nothing but dots', '...'],
  ['from right to left', '\u202Etxt.exe.txt'],
]

for (const [index, [what, name]] of NAMES.entries()) {
  test(`a file name ${what} is data and nothing else`, async () => {
    const { status, body } = await post(name, `${SOME_TEXT} ${index}`)
    assert.equal(body['status'], 'ready', JSON.stringify(body))
    assert.equal(status, 201)
    const shown = String(body['name'])
    assert.ok(shown.length > 0 && shown.length <= 255)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    assert.doesNotMatch(shown, /[\u0000-\u001f/\\\u202e]/)
    const original = await server.fetch(`/api/documents/${body['id']}/original`)
    assert.equal(await original.text(), `${SOME_TEXT} ${index}`)
    assert.match(original.headers.get('content-disposition')!, /^attachment/)
  })
}

test('a file name with a NUL is no part header, and is refused as such', async () => {
  const { status, body } = await post('a\0b.txt', SOME_TEXT)
  assert.deepEqual([status, body['code']], [400, 'bad_request'])
})

test('a file above the limit is refused with 413 while it is still being sent', async () => {
  const { status, body } = await post('big.txt', Buffer.alloc(51 * 1024 * 1024, 'a'))
  assert.deepEqual([status, body['code']], [413, 'document_too_large'])
})

test('an upload of 200 MB that says so is refused before it is sent', async () => {
  const answer = await raw(
    `POST /api/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${BOOTSTRAP_KEY}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 209715200\r\n\r\n--b\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.match(answer, /document_too_large/)
})

test('an upload that ends before its Content-Length leaves nothing behind', async () => {
  const count = await documentCount()
  await raw(
    `POST /api/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${BOOTSTRAP_KEY}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="short.txt"\r\n\r\nbroken off`,
    'half-close',
  )
  assert.equal(await documentCount(), count)
})

const BODIES: readonly [string, string | Uint8Array<ArrayBuffer>, number][] = [
  ['null', 'null', 400],
  ['that is an array', '[]', 400],
  ['10,000 levels deep', '['.repeat(10_000) + ']'.repeat(10_000), 400],
  ['that breaks off', '{"query": "rea', 400],
  ['in another encoding than UTF-8', Buffer.from('{"query": "caf\xe9"}', 'latin1'), 400],
  ['with an unknown key', '{"query": "room", "owner": "somebody"}', 400],
  ['with a number where text is expected', '{"query": 7}', 400],
  ['of 2 MB', JSON.stringify({ query: 'a'.repeat(2 * 1024 * 1024) }), 413],
]

for (const [what, body, expected] of BODIES) {
  test(`a JSON body ${what} is a ${expected} that says what was expected`, async () => {
    const response = await server.fetch('/api/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.equal(response.status, expected)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    const problem = (await response.json()) as { code: string; detail: string; status: number }
    assert.equal(problem.status, expected)
    assert.ok(problem.detail.length > 10)
  })
}

async function post(
  name: string,
  bytes: Uint8Array | string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  // By hand, because FormData would clean the name before it is sent.
  const file = Buffer.from(bytes as Uint8Array)
  const quoted = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const head = Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="${quoted}"\r\n\r\n`)
  const response = await server.fetch('/api/documents', {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b', prefer: 'wait=60' },
    body: Buffer.concat([head, file, Buffer.from('\r\n--b--\r\n')]),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Sends the text as it is and reads until the server closes; `half-close` ends our side at once. */
function raw(text: string, mode: 'half-close' | 'open' = 'open'): Promise<string> {
  const { hostname, port } = new URL(server.url)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.setEncoding('latin1').on('data', (data) => {
    answer += data
    if (mode === 'open' && answer.includes('\r\n\r\n') && answer.includes('}')) socket.end()
  })
  socket.on('close', () => resolve(answer)).on('error', reject)
  if (mode === 'half-close') socket.end(text)
  else socket.write(text)
  return promise
}

async function documentCount(): Promise<number> {
  const { items } = (await (await server.fetch('/api/documents?limit=100')).json()) as { items: unknown[] }
  return items.length
}

async function workerPids(): Promise<string> {
  const status = (await (await server.fetch('/api/status')).json()) as { workers?: { pid: number; role: string }[] }
  return JSON.stringify((status.workers ?? []).filter(({ role }) => role === 'web').map(({ pid }) => pid))
}

/** A PNG with a right header and one row of data, whatever size it claims. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(width + 1))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
