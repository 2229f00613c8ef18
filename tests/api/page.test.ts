/** The page as it is served: compressed, cached, and unable to do what it should not. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { freshApp, type TestApp } from '../support/app.ts'
import { freshFolder } from '../support/folder.ts'

const HTML = '<!doctype html><title>KnowBot</title>'
const SCRIPT = 'console.log("page")'

let app: TestApp
before(async (t) => {
  const { folder } = builtPage(t as never)
  app = await freshApp(t as never, { pageFolder: folder })
})

test('the page is served to everybody, and asked for again each time', async () => {
  const { status, headers, text } = await app.call(undefined, 'GET', '/')
  assert.deepEqual([status, text], [200, HTML])
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
  assert.equal(headers.get('cache-control'), 'no-cache')
})

test('HEAD tells about the page what GET would', async () => {
  const { status, headers, text } = await app.call(undefined, 'HEAD', '/')
  assert.deepEqual([status, text], [200, ''])
  assert.equal(headers.get('content-length'), String(HTML.length))
})

test('its policy allows its own files and no more, and no string becomes markup', async () => {
  const policy = (await app.call(undefined, 'GET', '/')).headers.get('content-security-policy')!
  for (const directive of [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ])
    assert.ok(policy.split('; ').includes(directive), directive)
  assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/)
})

test('files with a hash in their name are kept for ever', async () => {
  const { headers } = await app.call(undefined, 'GET', '/assets/index-Bx0bhO6v.js')
  assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.equal(headers.get('content-type'), 'text/javascript; charset=utf-8')
})

const ENCODINGS: readonly [string, string | null][] = [
  ['br, gzip', 'br'],
  ['gzip', 'gzip'],
  ['gzip;q=1.0, br;q=0', 'gzip'],
  ['deflate', null],
  ['', null],
  ['*', 'br'],
]

for (const [accepted, encoding] of ENCODINGS) {
  test(`with Accept-Encoding: ${accepted || 'nothing'} the script comes ${encoding ? `as ${encoding}` : 'as it is'}`, async () => {
    const response = await app.open(undefined, 'GET', '/assets/index-Bx0bhO6v.js', {
      headers: { 'accept-encoding': accepted },
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const expected = { br: brotliCompressSync(SCRIPT), gzip: gzipSync(SCRIPT) }[encoding ?? ''] ?? Buffer.from(SCRIPT)
    assert.deepEqual([response.headers.get('content-encoding'), bytes], [encoding, expected])
    assert.equal(response.headers.get('content-length'), String(expected.length))
    assert.equal(response.headers.get('vary'), 'accept-encoding')
  })
}

test('what the browser has already is not sent again, and each encoding has a tag of its own', async () => {
  const ask = (headers: Record<string, string>) => app.call(undefined, 'GET', '/assets/index-Bx0bhO6v.js', { headers })
  const plain = (await ask({})).headers.get('etag')!
  const packed = (await ask({ 'accept-encoding': 'br' })).headers.get('etag')!
  assert.notEqual(plain, packed)
  const again = await ask({ 'if-none-match': `"x", W/${plain}` })
  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal((await ask({ 'if-none-match': packed })).status, 200)
})

for (const path of [
  '/index',
  '/assets/',
  '/assets/missing.js',
  '/../package.json',
  '/%2e%2e/package.json',
  '/assets/..%2f..%2fpackage.json',
  '/index.html.br',
  '/assets/index-Bx0bhO6v.js.gz',
  '//etc/passwd',
  '/.env',
]) {
  test(`${path} is no file of the page`, async () => {
    assert.equal((await app.call(undefined, 'GET', path)).status, 404)
  })
}

test('before it is built the page says so, and once it is built it is there', async (t) => {
  const { folder, build } = emptyPage(t)
  const fresh = await freshApp(t, { pageFolder: folder })
  const { status, body } = await fresh.call(undefined, 'GET', '/')
  assert.equal(status, 404)
  assert.match(body.detail, /not built/)
  build()
  assert.equal((await fresh.call(undefined, 'GET', '/')).text, HTML)
})

function emptyPage(t: TestContext) {
  const folder = freshFolder(t)
  const build = () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), HTML)
    writeFileSync(join(folder, 'notes.map'), 'not for anybody')
    const script = join(folder, 'assets', 'index-Bx0bhO6v.js')
    writeFileSync(script, SCRIPT)
    writeFileSync(`${script}.br`, brotliCompressSync(SCRIPT))
    writeFileSync(`${script}.gz`, gzipSync(SCRIPT))
  }
  return { folder, build }
}

function builtPage(t: TestContext) {
  const page = emptyPage(t)
  page.build()
  return page
}
