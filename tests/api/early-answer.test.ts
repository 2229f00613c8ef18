/** Refusals over real sockets, for clients that read an answer only when they have sent everything. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { BOOTSTRAP_KEY, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startServer()
})
after(() => server[Symbol.asyncDispose]())

const MB = 1024 * 1024
const FORM = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
const SIGNED_IN = `Authorization: Bearer ${BOOTSTRAP_KEY}\r\n`

const CASES: {
  what: string
  head: string
  begins: string
  megabytes: number
  isChunked: boolean
  status: number
  code: string
}[] = [
  {
    what: 'a program',
    head: SIGNED_IN,
    begins: `${FORM}\x7fELF\x02\x01\x01\0`,
    megabytes: 20,
    isChunked: false,
    status: 415,
    code: 'unsupported_file_type',
  },
  {
    what: 'a program in pieces of unknown number',
    head: SIGNED_IN,
    begins: `${FORM}\x7fELF\x02\x01\x01\0`,
    megabytes: 20,
    isChunked: true,
    status: 415,
    code: 'unsupported_file_type',
  },
  {
    what: 'too much that is told before',
    head: SIGNED_IN,
    begins: FORM,
    megabytes: 60,
    isChunked: false,
    status: 413,
    code: 'document_too_large',
  },
  {
    what: 'too much that is not told before',
    head: SIGNED_IN,
    begins: FORM,
    megabytes: 60,
    isChunked: true,
    status: 413,
    code: 'document_too_large',
  },
  {
    what: 'something without a key',
    head: '',
    begins: FORM,
    megabytes: 20,
    isChunked: true,
    status: 401,
    code: 'unauthenticated',
  },
]

for (const { what, head, begins, megabytes, isChunked, status, code } of CASES) {
  test(`${what} is refused with ${status}, which is there when ${megabytes} MB have been sent`, async () => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.pause()
    // Zeros keep a program from looking like text.
    const block = Buffer.alloc(MB, begins.includes('ELF') ? '\0' : 'word ')
    const first = Buffer.from(begins, 'latin1')
    const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${first.length + megabytes * MB}`
    const write = async (bytes: Buffer) => {
      const framed = isChunked
        ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
        : bytes
      if (!socket.write(framed)) await once(socket, 'drain')
    }
    socket.write(
      `POST /api/documents HTTP/1.1\r\nHost: localhost\r\n${head}Content-Type: multipart/form-data; boundary=b\r\n${length}\r\n\r\n`,
    )
    await write(first)
    for (let sent = 0; sent < megabytes; sent++) await write(block)
    if (isChunked) socket.write('0\r\n\r\n')
    let answer = ''
    for await (const chunk of socket.setEncoding('latin1')) {
      answer += chunk
      if (/"detail":".*"\}/.test(answer)) break
    }
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.ok(answer.includes(`"code":"${code}"`), answer)
  })
}

test('afterwards nothing is left of them', async () => {
  const { items } = (await (await server.fetch('/api/documents')).json()) as { items: unknown[] }
  assert.deepEqual(items, [])
})
