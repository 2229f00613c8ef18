/** Documents over HTTP: what goes in, how it stands, and what comes out again. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { MIB } from '../../src/lib/units.ts'
import { until } from '../runtime/support.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, type Reply, type TestApp } from '../support/app.ts'

const TEXT = 'The reading room opens at nine in the morning.\n'

/** An archive with one member of blanks (PKWARE APPNOTE 4.3.7), 100 MB in 100 kB. */
const ZIP_BOMB = (() => {
  const packed = deflateRawSync(Buffer.alloc(100 * MIB, ' '))
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(8, 8)
  header.writeUInt32LE(packed.length, 18)
  header.writeUInt32LE(100 * MIB, 22)
  header.writeUInt16LE('word/document.xml'.length, 26)
  return Buffer.concat([header, Buffer.from('word/document.xml'), packed])
})()

let app: TestApp
before(async (t) => {
  app = await freshApp(t as never, { config: { uploadBytesMax: 200_000 } })
})

test('an upload is answered at once with its place, and is read in the background', async () => {
  const { status, headers, body } = await app.call(KEY, 'POST', '/api/documents', {
    body: formOf('note.txt', 'Queued first.'),
  })
  assert.equal(status, 202)
  assert.equal(headers.get('location'), `/api/documents/${body.id}`)
  assert.deepEqual([body.name, body.status, body.bytes, body.error], ['note.txt', 'queued', 13, null])
  assert.equal(headers.has('preference-applied'), false)
})

test('with Prefer: wait it is answered when it is read', async () => {
  const { status, headers, body } = await app.upload(KEY, 'opening.txt', TEXT)
  assert.equal(status, 201)
  assert.equal(headers.get('preference-applied'), 'wait=60')
  assert.deepEqual(
    [body.status, body.pages, body.passages, body.type],
    ['ready', { total: 1, done: 1, unreadable: [] }, 1, 'text/plain'],
  )
  const { body: page } = await app.call(KEY, 'GET', `/api/documents/${body.id}/pages/1`)
  assert.deepEqual([page.text.trim(), page.source, page.words], [TEXT.trim(), 'text', null])
})

test('when the time to wait is over it is answered as it stands', async (t) => {
  const idle = await freshApp(t, { isWorking: false })
  for (const [prefer, applied] of [
    ['wait=0', 'wait=0'],
    ['respond-async, wait=1', 'wait=1'],
    ['wait=soon', null],
  ] as const) {
    const { status, headers, body } = await idle.call(KEY, 'POST', '/api/documents', {
      body: formOf('later.txt', `For later: ${prefer}.`),
      headers: { prefer },
    })
    assert.deepEqual([status, headers.get('preference-applied'), body.status], [202, applied, 'queued'])
  }
})

test('a document that cannot be read is answered with 200, failed, and the reason', async () => {
  const { status, body } = await app.upload(KEY, 'blank.txt', '   \n  ')
  assert.deepEqual([status, body.status, body.error.code], [200, 'failed', 'no_readable_text'])
})

test('the same bytes again are the same document; what is asked otherwise is told', async () => {
  const first = await app.upload(KEY, 'same.txt', 'The same bytes.')
  const again = await app.upload(KEY, 'other name.txt', 'The same bytes.', { language: 'de' })
  assert.equal(again.status, 200)
  assert.deepEqual([again.body.id, again.body.name], [first.body.id, 'same.txt'])
  assert.deepEqual(again.body.differs, { language: { before: null, asked: 'de' } })
})

test('the same bytes of a document that had failed are read again under the same id', async () => {
  const first = await app.upload(KEY, 'blank again.txt', '\n\n \n')
  const again = await app.call(KEY, 'POST', '/api/documents', { body: formOf('blank again.txt', '\n\n \n') })
  assert.deepEqual([again.status, again.body.id, again.body.status], [202, first.body.id, 'queued'])
})

test('the same bytes of somebody else are another document', async () => {
  const bob = await app.person('Bob of the bytes')
  const first = await app.upload(KEY, 'shared.txt', 'Two people have this.')
  const second = await app.upload(bob.key, 'shared.txt', 'Two people have this.')
  assert.equal(second.status, 201)
  assert.notEqual(second.body.id, first.body.id)
})

test('fields may stand before the file or behind it', async () => {
  const { id, collectionId } = (await app.upload(KEY, 'where.txt', 'Where am I?')).body
  assert.ok(id)
  for (const [index, order] of [
    ['collectionId', 'file'],
    ['file', 'collectionId'],
  ].entries()) {
    const form = new FormData()
    for (const field of order) {
      if (field === 'file') form.set('file', new Blob([`In order ${index}.`]), 'order.txt')
      else form.set(field, collectionId)
    }
    form.set('language', 'de')
    const { status, body } = await app.call(KEY, 'POST', '/api/documents', { body: form })
    assert.deepEqual([status, body.collectionId, body.language], [202, collectionId, 'de'])
  }
})

test('of many uploads at once each is answered with its own document', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `at once ${n}.txt`)
  const replies = await Promise.all(
    names.map((name) => app.call(KEY, 'POST', '/api/documents', { body: formOf(name, `The text of ${name}.`) })),
  )
  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.name]),
    names.map((name) => [202, name]),
  )
  assert.equal(new Set(replies.map(({ body }) => body.id)).size, names.length)
})

interface FormCase {
  what: string
  /** Fields in order; those with a name of a file are files. */
  parts: readonly { name: string; value: string; filename?: string }[]
  refused: [number, string]
  says: RegExp
}

const FILE = { name: 'file', value: 'Some words.', filename: 'a.txt' }
const FORMS: readonly FormCase[] = [
  {
    what: 'without a file',
    parts: [{ name: 'language', value: 'en' }],
    refused: [400, 'bad_request'],
    says: /without a file/,
  },
  { what: 'with nothing in it', parts: [], refused: [400, 'bad_request'], says: /form/ },
  {
    what: 'with two files',
    parts: [FILE, { ...FILE, value: 'More words.' }],
    refused: [400, 'bad_request'],
    says: /one file/,
  },
  {
    what: 'with a file in another field',
    parts: [{ ...FILE, name: 'document' }],
    refused: [400, 'bad_request'],
    says: /"document"/,
  },
  {
    what: 'with text in the place of the file',
    parts: [{ name: 'file', value: 'x' }],
    refused: [400, 'bad_request'],
    says: /filename/,
  },
  {
    what: 'with a field nobody knows',
    parts: [FILE, { name: 'owner', value: 'x' }],
    refused: [400, 'bad_request'],
    says: /"owner"/,
  },
  {
    what: 'with a language that is none',
    parts: [FILE, { name: 'language', value: '../etc' }],
    refused: [400, 'bad_request'],
    says: /language/,
  },
  {
    what: 'with a field twice',
    parts: [{ name: 'language', value: 'en' }, { name: 'language', value: 'de' }, FILE],
    refused: [400, 'bad_request'],
    says: /twice/,
  },
  {
    what: 'with a field of 2 kB',
    parts: [{ name: 'collectionId', value: 'x'.repeat(2000) }, FILE],
    refused: [400, 'bad_request'],
    says: /bytes/,
  },
  {
    what: 'with fifty fields',
    parts: Array.from({ length: 50 }, (_, n) => ({ name: `f${n}`, value: 'x' })),
    refused: [400, 'bad_request'],
    says: /fields/,
  },
  {
    what: 'for a collection that is not there',
    parts: [{ name: 'collectionId', value: 'nonsense' }, FILE],
    refused: [404, 'not_found'],
    says: /collection/,
  },
  {
    what: 'for such a collection behind the file',
    parts: [FILE, { name: 'collectionId', value: 'nonsense' }],
    refused: [404, 'not_found'],
    says: /collection/,
  },
  { what: 'with an empty file', parts: [{ ...FILE, value: '' }], refused: [400, 'document_empty'], says: /0 bytes/ },
  {
    what: 'with a program',
    parts: [{ ...FILE, value: '\x7fELF\x02\x01\x01\0\0\0\0' }],
    refused: [415, 'unsupported_file_type'],
    says: /a\.txt/,
  },
  {
    what: 'with a file above the limit',
    parts: [{ ...FILE, value: 'x'.repeat(200_001) }],
    refused: [413, 'document_too_large'],
    says: /195 kB/,
  },
]

for (const { what, parts, refused, says } of FORMS) {
  test(`a form ${what} is refused, says why, and leaves nothing`, async () => {
    const before = await state()
    const { status, body } = await app.call(KEY, 'POST', '/api/documents', multipart(parts))
    assert.deepEqual([status, body.code], refused, body.detail)
    assert.match(body.detail, says)
    assert.deepEqual(await state(), before)
  })
}

const TYPES: readonly [string | undefined, number][] = [
  [undefined, 415],
  ['application/json', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/mixed; boundary=b', 415],
  ['multipart/form-data', 415],
  ['multipart/form-data; boundary=', 400],
]

for (const [type, expected] of TYPES) {
  test(`an upload as ${type ?? 'nothing in particular'} is a ${expected}`, async () => {
    const body = new TextEncoder().encode('--b\r\n\r\n--b--\r\n')
    const reply = await app.call(KEY, 'POST', '/api/documents', { body, headers: type ? { 'content-type': type } : {} })
    assert.equal(reply.status, expected, reply.text)
    assert.match(reply.body.detail, /form/)
  })
}

test('a form that breaks off is refused and leaves nothing', async () => {
  const before = await state()
  const whole = multipart([{ ...FILE, value: 'word '.repeat(5000) }])
  const reply = await app.call(KEY, 'POST', '/api/documents', { ...whole, body: whole.body.subarray(0, 9000) })
  assert.deepEqual([reply.status, reply.body.code], [400, 'bad_request'])
  assert.deepEqual(await state(), before)
})

test('a client that goes away while it uploads leaves nothing', async () => {
  const before = await state()
  const { body, headers } = multipart([{ ...FILE, value: 'word '.repeat(5000) }])
  const gone = new AbortController()
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(body.subarray(0, 9000))
      setTimeout(() => {
        gone.abort()
        controller.error(new Error('the line broke'))
      }, 30)
    },
  })
  const reply = await app.call(KEY, 'POST', '/api/documents', { body: stream, headers, signal: gone.signal })
  assert.ok(reply.status >= 400)
  assert.deepEqual(await state(), before)
})

test('whoever reads documents is called for what has come although somebody else uploads over a slow line', async (t) => {
  const idle = await freshApp(t, { isWorking: false })
  const { body, headers } = multipart([{ ...FILE, value: 'word '.repeat(5000) }])
  const slow = Promise.withResolvers<void>()
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(body.subarray(0, 9000))
      await slow.promise
      controller.enqueue(body.subarray(9000))
      controller.close()
    },
  })
  const received = idle.call(KEY, 'POST', '/api/documents', { body: stream, headers })
  const callsBefore = idle.calledToWork
  await idle.call(KEY, 'POST', '/api/documents', { body: formOf('note.txt', 'It has come.') })
  await until(async () => idle.calledToWork > callsBefore, 'the call')
  slow.resolve()
  assert.equal((await received).status, 202)
})

test('an upload that is refused by its first bytes is answered while the rest is still being sent', async () => {
  const { body, headers } = multipart([{ ...FILE, value: `\x7fELF\x02\x01\x01\0${'\0'.repeat(100_000)}` }])
  let sent = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      // It never ends by itself.
      if (sent >= body.length) return new Promise(() => undefined)
      controller.enqueue(body.subarray(sent, sent + 10_000))
      sent += 10_000
    },
  })
  const reply = await app.call(KEY, 'POST', '/api/documents', { body: stream, headers })
  assert.deepEqual([reply.status, reply.body.code], [415, 'unsupported_file_type'])
})

test('S59: an archive that would unpack to 100 MB is refused by its type, and never unpacked', async () => {
  const { body: before } = await app.call(KEY, 'GET', '/api/documents')
  for (const name of ['bomb.zip', 'bomb.docx', 'bomb.pdf', 'bomb.txt']) {
    const { status, body } = await app.call(KEY, 'POST', '/api/documents', { body: formOf(name, ZIP_BOMB) })
    assert.deepEqual([name, status, body.code], [name, 415, 'unsupported_file_type'])
  }
  const { body: after } = await app.call(KEY, 'GET', '/api/documents')
  assert.deepEqual(after.items.length, before.items.length)
})

test('a size that is told and too large is refused before anything is sent', async () => {
  const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '500000' }
  const reply = await app.call(KEY, 'POST', '/api/documents', { body: silent, headers })
  assert.deepEqual([reply.status, reply.body.code], [413, 'document_too_large'])
})

test('documents are listed newest first and page by page, each once', async () => {
  const cy = await app.person('Cy')
  for (let n = 1; n <= 5; n++)
    await app.call(cy.key, 'POST', '/api/documents', { body: formOf(`${n}.txt`, `Number ${n}.`) })
  const names: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body }: Reply = await app.call(cy.key, 'GET', `/api/documents?limit=2${cursor && `&cursor=${cursor}`}`)
    names.push(...body.items.map(({ name }: { name: string }) => name))
    cursor = body.nextCursor
  }
  assert.deepEqual(names, ['5.txt', '4.txt', '3.txt', '2.txt', '1.txt'])
})

for (const query of ['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'limit=1&limit=2', 'cursor=x', 'page=2']) {
  test(`a list with ?${query} is refused with what is expected`, async () => {
    const { status, body } = await app.call(KEY, 'GET', `/api/documents?${query}`)
    assert.deepEqual([status, body.code], [400, 'bad_request'])
    assert.match(body.detail, /^In the query: /)
  })
}

test('the original comes back byte by byte, as an attachment that nothing may run in', async () => {
  const name = 'Größe "A" 漢字.html'
  const content = '<!doctype html><title>x</title><p>Some words to read.</p>'
  const { body } = await app.upload(KEY, name, content)
  const { status, headers, text } = await app.call(KEY, 'GET', `/api/documents/${body.id}/original`)
  assert.deepEqual([status, text], [200, content])
  assert.equal(headers.get('content-length'), String(Buffer.byteLength(content)))
  assert.equal(
    headers.get('content-disposition'),
    `attachment; filename="Gr__e _A_ __.html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22A%22%20%E6%BC%A2%E5%AD%97.html`,
  )
  assert.match(headers.get('content-security-policy')!, /^sandbox;/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
})

test('a deleted document is nowhere, can be restored, and then is everywhere again', async () => {
  const { body } = await app.upload(KEY, 'fleeting.txt', 'A fleeting zeppelin over Lakehurst.')
  const path = `/api/documents/${body.id}`
  assert.equal((await app.call(KEY, 'DELETE', path)).status, 204)
  for (const gone of [path, `${path}/original`, `${path}/pages/1`, `${path}/events`])
    assert.equal((await app.call(KEY, 'GET', gone)).status, 404, gone)
  assert.equal((await app.call(KEY, 'POST', `${path}/retry`)).status, 404)
  assert.equal((await app.call(KEY, 'DELETE', path)).status, 404)
  assert.deepEqual(
    (await app.call(KEY, 'POST', '/api/search', { body: { query: 'zeppelin Lakehurst' } })).body.hits,
    [],
  )

  assert.equal((await app.call(KEY, 'POST', `${path}/restore`)).status, 200)
  const { hits } = (await app.call(KEY, 'POST', '/api/search', { body: { query: 'zeppelin Lakehurst' } })).body
  assert.equal(hits[0].documentId, body.id)
})

test('what is purged now cannot be restored', async () => {
  const { body } = await app.upload(KEY, 'purged.txt', 'Gone for good.')
  assert.equal((await app.call(KEY, 'DELETE', `/api/documents/${body.id}?purge=now`)).status, 204)
  assert.equal((await app.call(KEY, 'POST', `/api/documents/${body.id}/restore`)).status, 404)
  assert.equal((await app.call(KEY, 'DELETE', `/api/documents/${body.id}?purge=later`)).status, 400)
})

test('the samples are added to the documents of whoever asks, once', async (t) => {
  const app = await freshApp(t, { isWorking: false })
  const { key } = await app.person('Sam')
  const first = await app.call(key, 'POST', '/api/documents/samples')
  assert.equal(first.status, 202)
  assert.deepEqual(
    first.body.items.map(({ name }: { name: string }) => name).sort(),
    readdirSync(join(import.meta.dirname, '../../samples')).sort(),
  )
  const again = await app.call(key, 'POST', '/api/documents/samples')
  assert.deepEqual(
    again.body.items.map(({ id }: { id: string }) => id),
    first.body.items.map(({ id }: { id: string }) => id),
  )
  assert.equal((await app.call(key, 'GET', '/api/documents')).body.items.length, first.body.items.length)
})

test('a document is read again, in another language if so told', async () => {
  const { body } = await app.upload(KEY, 'again.txt', 'Read me twice.')
  const { status, body: again } = await app.call(KEY, 'POST', `/api/documents/${body.id}/retry`, {
    body: { language: 'de' },
  })
  assert.deepEqual([status, again.language], [202, 'de'])
  assert.equal((await app.call(KEY, 'POST', `/api/documents/${body.id}/retry`)).status, 202)
  const refused = await app.call(KEY, 'POST', `/api/documents/${body.id}/retry`, { body: { language: 'Deutsch!' } })
  assert.equal(refused.status, 400)
})

for (const page of ['0', '2', '-1', 'x', '1.5', '999999999999']) {
  test(`page ${page} of a document of one page is not there`, async () => {
    const { body } = await app.upload(KEY, 'one page.txt', 'One page.')
    assert.equal((await app.call(KEY, 'GET', `/api/documents/${body.id}/pages/${page}`)).status, 404)
  })
}

function formOf(name: string, content: string | Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData()
  form.set('file', new Blob([content]), name)
  return form
}

function multipart(parts: FormCase['parts']): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> } {
  const written = parts.map(({ name, value, filename }) => {
    const disposition = `form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`
    return `--b\r\nContent-Disposition: ${disposition}\r\n\r\n${value}\r\n`
  })
  const body = new Uint8Array(Buffer.from(`${written.join('')}--b--\r\n`, 'latin1'))
  return { body, headers: { 'content-type': 'multipart/form-data; boundary=b' } }
}

/** What is kept: rows, originals, temporary files. */
async function state(): Promise<unknown> {
  const { storage } = app.knowbot
  const originals: string[] = []
  for await (const sha256 of storage.blobs.list()) originals.push(sha256)
  return {
    documents: storage.database.get('SELECT count(*) AS n FROM documents'),
    originals: originals.length,
    temporary: readdirSync(join(storage.folder, 'temporary')).filter((name) => name.startsWith('upload')),
  }
}
