/** Foreign bytes to pages: every promise of the door, with real processes and real text recognition. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KnowBotError } from '../src/errors.ts'
import {
  type ExtractedPage,
  type ExtractionEvent,
  type ExtractionRequest,
  extract,
  sniffType,
} from '../src/extraction.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'knowbot-extraction-'))
})
after(() => rm(folder, { recursive: true }))

test('a text arrives as one page with its line ends made equal and no NUL', async () => {
  const page = await onlyPage('a.txt', 'one\r\ntwo\rthree\0four\n')
  assert.equal(page.text, 'one\ntwo\nthree four\n')
  assert.equal(page.source, 'text')
})

const ENCODINGS: [what: string, bytes: Buffer, expected: string][] = [
  ['UTF-8 with a mark', Buffer.from('\ufeffgrün'), 'grün'],
  ['UTF-16', Buffer.from('\ufeffgrün', 'utf16le'), 'grün'],
  ['UTF-16 of the other byte order', Buffer.from('\ufeffgrün', 'utf16le').swap16(), 'grün'],
  [
    'Latin-1',
    Buffer.from('Die Größe der Brücke über den Fluß ist für die Schüler ungewiß.', 'latin1'),
    'Die Größe der Brücke über den Fluß ist für die Schüler ungewiß.',
  ],
  [
    'Polish Windows',
    Buffer.from(
      '5a61bff3b3e62067ea9c6cb9206a619ff12e2050f36a649f2c206b69f1bf652074ea2063686d75726e6f9ce620772067b3b96220666c61737a792e',
      'hex',
    ),
    'Zażółć gęślą jaźń. Pójdź, kińże tę chmurność w głąb flaszy.',
  ],
  [
    'Russian DOS',
    Buffer.from(
      '91eaa5e8ec20a5e9f120ede2a8e520acefa3aaa8e520e4e0a0ade6e3a7e1aaa8e520a1e3abaeaa2c20a4a020a2ebafa5a920e7a0ee2e',
      'hex',
    ),
    'Съешь ещё этих мягких французских булок, да выпей чаю.',
  ],
  [
    'UTF-8 with one broken place',
    Buffer.concat([Buffer.from('grün '.repeat(40)), Buffer.from([0xff])]),
    `${'grün '.repeat(40)}\ufffd`,
  ],
  ['a lone surrogate in UTF-16', Buffer.from([0xff, 0xfe, 0x41, 0, 0, 0xd8, 0x42, 0]), 'A\ufffdB'],
]
for (const [what, bytes, expected] of ENCODINGS) {
  test(`a text in ${what} is read`, async () => assert.equal((await onlyPage('a.txt', bytes)).text, expected))
}

test('Markdown keeps its text and tells its headings and title', async () => {
  const text = '# Bees\n\nThey fly.\n\n```\n# no heading\n```\n\n## Wings\n\nFour.\n'
  const events = await read('bees.md', text)
  assert.deepEqual(events[0], { kind: 'opened', pagesTotal: 1, title: 'Bees' })
  const page = pagesOf(events)[0]!
  assert.equal(page.text, text)
  assert.deepEqual(headingsOf(page), ['1 Bees', '2 Wings'])
})

test('of HTML the content is read: no scripts, no ways to other pages, nothing hidden', async () => {
  const events = await read(
    'page.html',
    `<!doctype html><html lang="en"><head><title>All &amp; about
      bees</title><style>p { color: red }</style></head><body>
      <nav><a href="/">Home</a></nav><header>Site name</header>
      <h1>Bees &amp; <b>wasps</b></h1><p>They   fly<br>far.</p><script>alert('x')</script>
      <ul><li>one<li><p>two</p><ul><li>deeper</ul></ul>
      <table><tr><th>Name<th>Legs</tr><tr><td><p>Bee</p></td><td>6</td></tr></table>
      <p hidden>secret</p><p style="display: none">secret</p><div aria-hidden="true">secret</div>
      <pre>a  b
  c</pre><footer>Imprint</footer></body></html>`,
  )
  assert.deepEqual(events[0], { kind: 'opened', pagesTotal: 1, title: 'All & about bees' })
  const page = pagesOf(events)[0]!
  assert.equal(page.text, 'Bees & wasps\n\nThey fly\nfar.\n\none\ntwo\ndeeper\n\nName\tLegs\nBee\t6\n\na  b\n  c')
  assert.deepEqual(headingsOf(page), ['1 Bees & wasps'])
  assert.equal(page.language, 'en')
})

test('of HTML with a main part only that is read', async () => {
  const page = await onlyPage('page.html', '<body><div>Menu</div><main><p>The text.</p></main><div>Other</div>')
  assert.equal(page.text, 'The text.')
})

test('HTML in the encoding that it declares is read', async () => {
  const page = await onlyPage('page.html', Buffer.from('<meta charset="iso-8859-2"><p>\xb1\xea', 'latin1'))
  assert.equal(page.text, 'ąę')
})

const REFUSALS: [
  what: string,
  name: string,
  content: string | Buffer,
  code: string,
  more?: Partial<ExtractionRequest>,
][] = [
  ['an empty file', 'a.pdf', '', 'document_empty'],
  ['HTML nested too deep', 'a.html', '<div>'.repeat(600), 'document_damaged'],
  ['more text than is read', 'a.txt', 'x'.repeat(101), 'text_limit', { limits: { textCharactersMax: 100 } }],
]
for (const [what, name, content, code, more] of REFUSALS) {
  test(`${what} is refused with ${code}`, async () => {
    await assert.rejects(read(name, content, more), (error) => {
      assert.ok(error instanceof KnowBotError, String(error))
      assert.equal(error.code, code)
      assert.ok(error.message.length > 20)
      return true
    })
  })
}

test('reading can be cancelled before and while it goes on', async () => {
  const cancelled = { code: 'cancelled' }
  await assert.rejects(read('a.txt', 'x', { signal: AbortSignal.abort() }), cancelled)
  const controller = new AbortController()
  const reading = read('a.txt', 'x', { signal: controller.signal })
  controller.abort()
  await assert.rejects(reading, cancelled)
})

test('nothing is left in the temporary folder', async () => {
  const temporaryFolder = await mkdtemp(join(folder, 'temporary-'))
  await read('a.txt', 'x', { temporaryFolder })
  assert.deepEqual(await readdir(temporaryFolder), [])
})

async function read(
  name: string,
  content: string | Buffer,
  more: Partial<ExtractionRequest> = {},
): Promise<ExtractionEvent[]> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'document')
  await writeFile(path, content)
  const type = sniffType(Buffer.from(content).subarray(0, 4096), name)
  assert.ok(type, `no type for ${name}`)
  return readAll({ path, type, name, signal: new AbortController().signal, temporaryFolder: folder, ...more })
}

async function readAll(request: ExtractionRequest): Promise<ExtractionEvent[]> {
  return Array.fromAsync(extract(request))
}

async function onlyPage(name: string, content: string | Buffer): Promise<ExtractedPage> {
  const pages = pagesOf(await read(name, content))
  assert.equal(pages.length, 1)
  return pages[0]!
}

function pagesOf(events: readonly ExtractionEvent[]): ExtractedPage[] {
  return events.flatMap((event) => (event.kind === 'page' ? [event.page] : []))
}

function headingsOf(page: ExtractedPage): string[] {
  return page.headings.map(({ start, end, level }) => `${level} ${page.text.slice(start, end)}`)
}
