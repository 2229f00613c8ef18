import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openHttpStream } from './http-stream.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const BODY = '{"ü":1}'
const LONG = 'x'.repeat(200_000)

/** What the server sends before it closes, and what is made of it. */
const ANSWERS: [what: string, sent: string, body: string][] = [
  ['chunks', `${CHUNKED}5\r\nForty\r\n4\r\n-two\r\n0\r\n\r\n`, 'Forty-two'],
  ['chunks with extensions and trailers', `${CHUNKED}A;a="b"\r\nForty-two.\r\n000\r\nx-sum: 1\r\n\r\n`, 'Forty-two.'],
  ['a chunk larger than a read', `${CHUNKED}${LONG.length.toString(16)}\r\n${LONG}\r\n0\r\n\r\n`, LONG],
  ['a length, and bytes behind it that belong to nothing', `${OK}content-length: 5\r\n\r\nForty-two`, 'Forty'],
  ['the same length twice', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nForty`, 'Forty'],
  ['neither, to the end of the connection', `${OK}\r\nForty-two`, 'Forty-two'],
  ['an early hint before the answer', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${CHUNKED}1\r\n7\r\n0\r\n\r\n`, '7'],
  ['no body at all', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ['a body of nothing', `${OK}content-length: 0\r\n\r\n`, ''],
  ['bytes that are no text', `${OK}content-length: 2\r\n\r\n\xff\x00`, '\xff\x00'],
]

for (const [what, sent, body] of ANSWERS) {
  for (const cut of ['whole', 'byte by byte'] as const) {
    if (cut !== 'whole' && sent.length > 1000) continue
    test(`an answer is read: ${what}, ${cut}`, async (t) => {
      const heard = await ask(t, cut === 'whole' ? [sent] : [...sent])
      assert.deepEqual([heard.body, heard.error?.message], [body, undefined])
    })
  }
}

const BROKEN: [what: string, sent: string, message: RegExp][] = [
  ['closes before it has said anything', '', /socket hang up/],
  ['closes within a chunk', `${CHUNKED}9\r\nForty`, /aborted/],
  ['closes between two chunks', `${CHUNKED}5\r\nForty\r\n`, /aborted/],
  ['closes before the length it named', `${OK}content-length: 9\r\n\r\nForty`, /aborted/],
  ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', /no HTTP/],
  ['sends a head without an end', `${OK}x: ${'y'.repeat(20_000)}`, /a head without an end/],
  ['sends a header that is none', `${OK}no colon\r\n\r\n`, /a header that is none/],
  ['names two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nForty`, /a length that is none/],
  ['names a length that is none', `${OK}content-length: -1\r\n\r\n`, /a length that is none/],
  ['compresses what was to be plain', `${OK}transfer-encoding: gzip\r\n\r\n`, /a body that is gzip/],
  ['sends a chunk without its length', `${CHUNKED}forty\r\n`, /a chunk without its length/],
  ['names a chunk of 16 bytes of length', `${CHUNKED}fffffffffffffff0\r\n`, /a chunk without its length/],
  ['sends more than it announced', `${CHUNKED}5\r\nForty-two\r\n`, /more than was announced/],
  ['ends a line without CR', `${CHUNKED}5\nForty\n`, /without CR/],
  ['sends a line without an end', `${CHUNKED}5;${'x'.repeat(1000)}`, /a line too long/],
  ['sends trailers without an end', `${CHUNKED}0\r\nx: ${'y'.repeat(20_000)}`, /trailers without an end/],
]

for (const [what, sent, message] of BROKEN) {
  test(`a server that ${what} is no answer`, async (t) => {
    const { error } = await ask(t, [sent])
    assert.match(error?.message ?? 'none', message)
  })
}

test('the request has what HTTP needs, once, and the body as UTF-8', async (t) => {
  const { request } = await ask(t, [`${OK}\r\n`])
  const [head = '', body] = request.split('\r\n\r\n')
  const [first, ...lines] = head.split('\r\n')
  assert.equal(first, 'POST /v1/x?y=1 HTTP/1.1')
  assert.match(lines[0]!, /^host: 127\.0\.0\.1:\d+$/)
  assert.deepEqual(lines.slice(1), [
    'authorization: Basic YW5hOnA6dw==',
    'accept: */*',
    'content-length: 8',
    'connection: close',
  ])
  assert.equal(Buffer.from(body!, 'latin1').toString(), BODY)
})

test('a header that would begin another one is not sent', () => {
  const request = { url: new URL('http://127.0.0.1:1/'), headers: { authorization: 'a\r\nx: y' }, body: '' }
  const nothing = () => undefined
  assert.throws(
    () => openHttpStream(request, { head: nothing, body: nothing, end: nothing, fail: nothing }),
    /Invalid character in header/,
  )
})

test('after destroy nothing is called any more, in the middle of a read as well', async (t) => {
  const url = await serve(t, [`${CHUNKED}1\r\n1\r\n1\r\n2\r\n0\r\n\r\n`])
  const heard: string[] = []
  const closed = Promise.withResolvers<void>()
  const stream = openHttpStream(
    { url: new URL(url.address), headers: {}, body: '' },
    {
      head: () => undefined,
      body(bytes) {
        heard.push(bytes.toString())
        stream.destroy()
      },
      end: () => heard.push('end'),
      fail: () => heard.push('fail'),
    },
  )
  void url.closed.then(() => closed.resolve())
  await closed.promise
  assert.deepEqual(heard, ['1'])
})

interface Heard {
  body: string
  request: string
  error?: Error
}

async function ask(t: TestContext, pieces: readonly string[]): Promise<Heard> {
  const server = await serve(t, pieces)
  const { promise, resolve } = Promise.withResolvers<{ body: string; error?: Error }>()
  let body = ''
  const url = new URL(server.address.replace('127.', 'ana:p%3Aw@127.'))
  openHttpStream(
    { url, headers: { accept: '*/*' }, body: BODY },
    {
      head: () => undefined,
      body(bytes) {
        body += bytes.toString('latin1')
      },
      end: () => resolve({ body }),
      fail: (error) => resolve({ body, error }),
    },
  )
  return { ...(await promise), request: server.seen() }
}

/** Sends the pieces to whoever has asked, each in a turn of its own, and closes. */
async function serve(t: TestContext, pieces: readonly string[]) {
  let seen = ''
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const server = createServer({ noDelay: true }, async (socket) => {
    socket.on('error', () => undefined).on('close', () => resolve())
    seen += (await once(socket, 'data'))[0].toString('latin1')
    for (const piece of pieces) {
      socket.write(piece, 'latin1')
      await new Promise((next) => setImmediate(next))
    }
    socket.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}/v1/x?y=1`, closed, seen: () => seen }
}
