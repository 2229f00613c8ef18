/** Pictures of pages over HTTP: drawn from the original when somebody looks, kept, and gone with the document. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { makePdf, PAGE_HEIGHT, PAGE_WIDTH, type PagePlan, textLines } from '../corpus/pdf.ts'
import { makeTiff } from '../corpus/pictures.ts'
import { until } from '../runtime/support.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, type TestApp } from '../support/app.ts'
import { endReaders, readers } from '../support/extraction.ts'

const LINES = ['The harbour library opens at nine.', 'Nobody may take the reading lamp.']

/** Nobody reads documents here: a picture needs the original alone. */
let app: TestApp
before(async (t) => {
  app = await freshApp(t as never, { isWorking: false })
})

test('a page of a PDF is drawn as wide as asked for, in the next of a few steps', async () => {
  const id = await add('printed.pdf', pdfOf({ content: textLines(LINES) }))
  for (const [asked, drawn] of [
    ['', 1200],
    ['?width=1', 400],
    ['?width=99999', 2400],
  ] as const) {
    const { format, width, height } = await pictureOf(id, 1, asked)
    assert.deepEqual([format, width, height], ['jpeg', drawn, Math.round((drawn * PAGE_HEIGHT) / PAGE_WIDTH)])
  }
})

test('a page that is turned is drawn as it is shown, and its ink lies where its words are said to be', async (t) => {
  const reading = await freshApp(t)
  const turns = [0, 90, 180, 270] as const
  const pdf = makePdf(turns.map((rotate) => ({ content: textLines(LINES), rotate })))
  const { id } = (await reading.upload(KEY, 'turned.pdf', new Uint8Array(pdf))).body
  for (const [index, rotate] of turns.entries()) {
    const page = (await reading.call(KEY, 'GET', `/api/documents/${id}/pages/${index + 1}`)).body
    const { pixels, width, height } = await pictureOf(id, index + 1, '?width=800', reading)
    assert.equal(width > height, rotate % 180 === 0)
    const scale = width / page.width
    const isInWord = (x: number, y: number) =>
      page.words.some(
        (word: { x: number; y: number; width: number; height: number }) =>
          x >= word.x * scale - 2 &&
          y >= word.y * scale - 2 &&
          x <= (word.x + word.width) * scale + 2 &&
          y <= (word.y + word.height) * scale + 2,
      )
    let ink = 0
    for (let at = 0; at < pixels.length; at++) {
      if (pixels[at]! > 100) continue
      ink++
      assert.ok(isInWord(at % width, Math.floor(at / width)), `ink outside of all words, turned by ${rotate}`)
    }
    assert.ok(ink > 1000, `${ink} dark pixels`)
  }
})

test('a server that stops ends the drawing of pages before it closes what it keeps, and says so', async (t) => {
  const stopping = await freshApp(t, { isWorking: false })
  const id = await add('printed.pdf', pdfOf({ content: textLines(LINES) }), stopping)
  const drawing = stopping.call(KEY, 'GET', `/api/documents/${id}/pages/1/image`)
  // A reader that does nothing any more would draw for as long as it may.
  const stopped = await until(async () => (await endReaders('SIGSTOP'))[0], 'a reader')
  await stopping.knowbot[Symbol.asyncDispose]()
  assert.equal((await readers()).includes(stopped), false)
  const { status, body } = await drawing
  assert.deepEqual([status, body.code], [503, 'shutting_down'])
  assert.deepEqual(readdirSync(join(stopping.knowbot.storage.folder, 'temporary')), [])
})

test('a scan is shown upright, and never larger than it is', async () => {
  const lying = await sharp({ create: { width: 500, height: 300, channels: 3, background: '#c33' } })
    .composite([{ input: await square(100), left: 0, top: 0 }])
    .jpeg()
    .withMetadata({ orientation: 6 })
    .toBuffer()
  const id = await add('scan.jpg', lying)
  const { pixels, width, height } = await pictureOf(id, 1)
  assert.deepEqual([width, height], [300, 500])
  assert.ok(pixels[50 * width + 250]! < 30 && pixels[50 * width + 50]! > 60, 'the black corner went to the right')
})

test('each frame of a TIFF has its picture', async () => {
  const frames = [255, 0].map((gray) => ({ width: 60, height: 40, pixels: new Uint8Array(2400).fill(gray) }))
  const id = await add('fax.tiff', makeTiff(frames))
  for (const [page, gray] of [
    [1, 255],
    [2, 0],
  ] as const) {
    const { pixels } = await pictureOf(id, page)
    assert.ok(pixels.every((pixel) => Math.abs(pixel - gray) < 5))
  }
  assert.equal((await ask(id, 3)).status, 404)
})

test('a picture is drawn once, may be kept by the browser of whoever saw it, and is confirmed by its tag', async () => {
  const id = await add('kept.pdf', pdfOf({ content: textLines(['Drawn once.']) }))
  const first = await ask(id, 1, '?width=400')
  assert.equal(first.headers.get('cache-control'), 'private, max-age=86400, immutable')
  assert.equal(first.headers.get('vary'), 'Cookie, Authorization')
  assert.match(first.headers.get('content-security-policy')!, /^sandbox/)
  assert.deepEqual(readdirSync(folderOf(id)), ['1-400.jpg'])
  const headers = { 'if-none-match': first.headers.get('etag')! }
  const path = `/api/documents/${id}/pages/1/image?width=400`
  assert.equal((await app.call(KEY, 'GET', path, { headers })).status, 304)
  const stranger = await app.person('Sven')
  assert.equal((await app.call(stranger.key, 'GET', path, { headers })).status, 404)
  assert.equal((await app.call(stranger.key, 'GET', path)).status, 404)
})

test('many who ask for the same page at once get the same picture', async () => {
  const id = await add('busy.pdf', pdfOf({ content: textLines(['Asked for by many.']) }))
  const replies = await Promise.all(Array.from({ length: 5 }, () => ask(id, 1)))
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
  assert.equal(new Set(replies.map(({ text }) => text)).size, 1)
})

const REFUSALS: [what: string, name: string, bytes: () => Buffer, page: string, status: number, code: string][] = [
  ['a text', 'note.txt', () => Buffer.from('No paper.'), '1', 404, 'no_picture'],
  ['a page that is not there', 'a.pdf', () => pdfOf({ content: textLines(['One page.']) }), '2', 404, 'not_found'],
  ['page zero', 'b.pdf', () => pdfOf({ content: textLines(['No page zero.']) }), '0', 404, 'not_found'],
  ['a locked PDF', 'locked.pdf', () => makePdf([{}], { password: 'key' }), '1', 422, 'password_needed'],
  ['a broken PDF', 'broken.pdf', () => Buffer.from(`%PDF-1.7\n${'x'.repeat(2000)}`), '1', 422, 'document_damaged'],
  ['a page that unpacks to more than there is', 'bomb.pdf', makeBomb, '1', 503, 'out_of_memory'],
]
for (const [what, name, bytes, page, status, code] of REFUSALS) {
  test(`${what} has no picture, and the answer says why: ${code}`, async () => {
    const id = await add(name, bytes())
    const reply = await ask(id, page)
    assert.deepEqual([reply.status, reply.body.code], [status, code])
    if (status === 503) assert.ok(reply.headers.get('retry-after'))
  })
}

test('a width that is no number of pixels is refused', async () => {
  const id = await add('width.pdf', pdfOf({ content: textLines(['Of no width.']) }))
  for (const width of ['0', '-1', 'wide', '1e9', '']) assert.equal((await ask(id, 1, `?width=${width}`)).status, 400)
})

test('with a document its pictures go: at once to whoever asks, and from the disk when it is purged', async (t) => {
  const reading = await freshApp(t)
  const { id } = (await reading.upload(KEY, 'short-lived.pdf', new Uint8Array(pdfOf({ content: textLines(LINES) }))))
    .body
  const path = `/api/documents/${id}`
  assert.equal((await reading.call(KEY, 'GET', `${path}/pages/1/image`)).status, 200)
  await reading.call(KEY, 'DELETE', path)
  assert.equal((await reading.call(KEY, 'GET', `${path}/pages/1/image`)).status, 404)
  const gone = untilGone(folderOf(id, reading))
  await reading.call(KEY, 'DELETE', `${path}?purge=now`)
  await gone
})

test('nobody who waits for a picture leaves a reader behind', async () => {
  const id = await add('left.pdf', pdfOf({ content: textLines(['Left alone.']) }))
  const controller = new AbortController()
  const asked = app.open(KEY, 'GET', `/api/documents/${id}/pages/1/image`, { signal: controller.signal })
  controller.abort()
  assert.equal((await asked).status, 400)
  assert.equal((await ask(id, 1)).status, 200, 'the next one has its turn')
})

function pdfOf(page: PagePlan): Buffer {
  return makePdf([page])
}

/** 300 MB of spaces, packed twice to a few hundred bytes. */
function makeBomb(): Buffer {
  const content = deflateSync(deflateSync(Buffer.alloc(300e6, ' ')))
  return makePdf([{ content, filter: '[/FlateDecode /FlateDecode]' }])
}

async function add(name: string, bytes: Buffer, to = app): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(bytes)]), name)
  return (await to.call(KEY, 'POST', '/api/documents', { body: form })).body.id
}

function ask(id: string, page: number | string, query = '') {
  return app.call(KEY, 'GET', `/api/documents/${id}/pages/${page}/image${query}`)
}

async function pictureOf(id: string, page: number, query = '', of = app) {
  const response = await of.open(KEY, 'GET', `/api/documents/${id}/pages/${page}/image${query}`)
  assert.equal(response.status, 200)
  const bytes = Buffer.from(await response.arrayBuffer())
  assert.equal(Number(response.headers.get('content-length')), bytes.length)
  const { format } = await sharp(bytes).metadata()
  const { data, info } = await sharp(bytes).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  return { format, width: info.width, height: info.height, pixels: data }
}

function square(side: number): Promise<Buffer> {
  return sharp({ create: { width: side, height: side, channels: 3, background: '#000' } })
    .png()
    .toBuffer()
}

function untilGone(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(path), () => {
      if (existsSync(path)) return
      watcher.close()
      resolve()
    })
  })
}

function folderOf(id: string, of = app): string {
  return join(of.knowbot.storage.folder, 'pictures', id)
}
