/** Documents of text as their authors laid them out: formatted, with the quote marked, and with nothing of them that does anything. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { FULL_PAGE_PICTURE, makePdf, PAGE_HEIGHT, PAGE_WIDTH } from '../corpus/pdf.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  ask,
  cannotRun,
  createAda,
  openBrowser,
  PHONE,
  pictureOf,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const HANDBOOK = `---
title: Handbook of the observatory
---
# The observatory

See [the rules](https://rules.example/visitors?from=handbook) and ![the dome](http://far.example/dome.png).

At the end are [the last words](#last-words).

## Fees

| Who | Fee |
| --- | ---: |
| Children | nothing |
| Grown-ups with a *telescope* | **14 crowns** |

1. The **great dome** opens at *nine* and
   closes at \`six\`.
2. The small dome is closed.

${'Nothing is to be seen here.\n\n'.repeat(40)}
> The night guard **drinks [eleven cups](https://tea.example) of tea** before dawn.

\`\`\`sh
point --at "the brightest star"
\`\`\`

## Last words

The end.
`
const ARABIC =
  '# دليل المرصد\n\n| من | الرسم |\n| --- | --- |\n| الأطفال | مجانا |\n\n- لا كلاب\n- لا قطط\n\n```\npoint --at star\n```\n'
const VISITORS = `<!doctype html><html lang="en"><head><title>Visitors</title><style>body { display: none }</style></head><body>
<nav>Home | Contact</nav><main><h1>Visitors of the <em>lighthouse</em></h1>
<p>The lamp was lit in <b>1871</b> by a keeper from <a href="https://hull.example/">Hull</a>.<p>It burns <i>four</i> gallons
of oil a&nbsp;night.
<table><caption>Steps</caption><tr><th>Floor<th>Steps<tr><td>Lamp room<td>two hundred and <b>six</b></table>
<ul><li>No dogs<li>No <code>drones</code></ul></main><footer>Imprint</footer></body></html>`
const HOSTILE = `<html><head><base href="http://far.example/"><meta http-equiv="refresh" content="0;url=http://far.example/r">
<link rel="stylesheet" href="http://far.example/s.css"><style>.reader, body * { display: none !important }</style></head>
<body onload="window.hacked = 1" background="http://far.example/b.png"><script>window.hacked = 2</script>
<p id="question" class="unseen" style="position:fixed;inset:0;z-index:9" onmouseover="window.hacked = 3">The poisoned well is seven fathoms deep.</p>
<img src="http://far.example/i.png" srcset="http://far.example/i2.png 2x" onerror="window.hacked = 4" alt="a well">
<svg onload="window.hacked = 5"><image href="http://far.example/v.png"/><style><img src=x onerror="window.hacked = 6"></style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=7&gt;"></mglyph></table></mtext></math>
<iframe src="http://far.example/f" srcdoc="<script>parent.hacked = 8</script>"></iframe><object data="http://far.example/o"></object>
<video poster="http://far.example/p.png" src="http://far.example/v.mp4" autoplay></video><form action="http://far.example/g"><input name="q" autofocus onfocus="window.hacked = 9"><button>Go</button></form>
<a href="javascript:window.hacked = 10">run</a> <a href="java&#9;script:window.hacked = 11">run</a> <a href="/api/session" ping="http://far.example/p">go</a>
<a name="app" href="data:text/html,<script>parent.hacked = 12</script>">data</a><p dir="rtl" lang="ar">البئر المسمومة</p></body></html>`
const HOSTILE_MARKDOWN = `# The cursed spring

The cursed spring has nine eels. <script>window.hacked = 21</script>

<img src="http://far.example/m.png" onerror="window.hacked = 22"> ![x](http://far.example/n.png) ![y](javascript:window.hacked=23)

[run](javascript:window.hacked=24) <javascript:window.hacked=25> [run](data:text/html;base64,PHNjcmlwdD4=) [r][1]

[1]: vbscript:window.hacked=26

[2]: https://eels.example "On eels"

<style>.reader { display: none }</style>
`
const BAD = join(import.meta.dirname, '../../../shared/data/bad-input')
/** Hostile documents of others that are read at all. */
const FOREIGN = [
  'generated/text/dev-html-active.html',
  'generated/text/dev-md-xss.md',
  'third-party/lists/xss-payloads.html',
  'third-party/html/tika/testHTML_charset_utf8.html',
]

describe('formatted documents', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, () => {
  let browser: Browser
  let server: TestServer
  let signedIn: BrowserContextOptions = {}

  before(async () => {
    server = await startServer()
    await createAda(server)
    browser = await openBrowser()
    await using visited = await visit(browser, server.url)
    const { page, context } = visited
    await signIn(page)
    signedIn = { storageState: await context.storageState() }
    const documents: Record<string, string> = {
      'observatory.md': HANDBOOK,
      'visitors.html': VISITORS,
      'دليل.md': ARABIC,
      'well.html': HOSTILE,
      'spring.md': HOSTILE_MARKDOWN,
    }
    for (const [name, text] of Object.entries(documents)) await add(page, name, Buffer.from(text))
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test('Markdown is shown with its headings, lists, tables and links, and the quote is marked over all of them', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const { reader, quote } = await openQuote(
      page,
      'How many cups of tea does the night guard drink?',
      'observatory.md',
    )
    assert.match(quote, /eleven cups/)
    const sheet = reader.getByRole('region', { name: 'Page 1' })
    await sheet.getByRole('heading', { name: 'The observatory', level: 3 }).waitFor()
    await sheet.getByRole('heading', { name: 'Fees', level: 4 }).waitFor()
    assert.equal(await sheet.getByRole('cell', { name: '14 crowns' }).locator('strong').count(), 1)
    assert.deepEqual(await sheet.getByRole('listitem').allTextContents(), [
      'The great dome opens at nine and\ncloses at six.',
      'The small dome is closed.',
    ])
    const link = sheet.getByRole('link', { name: 'the rules' })
    assert.equal(await link.getAttribute('href'), 'https://rules.example/visitors?from=handbook')
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow')
    assert.equal(await link.getAttribute('target'), '_blank')
    const marked = sheet.locator('mark')
    assert.match((await marked.allTextContents()).join(''), /The night guard drinks eleven cups of tea before dawn\.$/)
    assert.equal(await sheet.getByRole('link', { name: 'eleven cups' }).locator('mark').count(), 1)
    await assertInView(sheet, marked.first())
  })

  test('HTML is shown as it is laid out, with the quote marked, and without what the bot leaves out', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const { reader } = await openQuote(page, 'How many steps lead to the lamp room?', 'visitors.html')
    const sheet = reader.getByRole('region', { name: 'Page 1' })
    await sheet.getByRole('heading', { name: 'Visitors of the lighthouse' }).waitFor()
    assert.match((await sheet.locator('mark').allTextContents()).join(' '), /Lamp room.*two hundred and\s+six/)
    assert.equal(await sheet.getByRole('cell', { name: 'two hundred and six' }).locator('strong mark').count(), 1)
    assert.equal(await sheet.getByText(/Home|Imprint/).count(), 0)
    await assertInView(sheet, sheet.locator('mark').first())
    await page.keyboard.press('Escape')
    const other = await openQuote(page, 'How many gallons of oil does it burn a night?', 'visitors.html')
    assert.match(
      (await other.reader.locator('.formatted mark').allTextContents()).join(''),
      /burns four gallons\s+of oil/,
    )
  })

  test('what the bot sees is one press away, beside it or instead, with the same quote marked', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const { reader } = await openQuote(page, 'How many cups of tea does the night guard drink?', 'observatory.md')
    await reader.getByRole('radio', { name: 'What the bot sees' }).check()
    const text = reader.getByRole('region', { name: 'Text of page 1' })
    assert.match(
      (await text.locator('mark').textContent()) ?? '',
      /\*\*drinks \[eleven cups\]\(https:\/\/tea\.example\)/,
    )
    assert.equal(await reader.locator('.formatted').count(), 0)
    await reader.getByRole('radio', { name: 'Both' }).check()
    await reader.locator('.formatted mark').first().waitFor()
    await text.locator('mark').waitFor()
    await reader.getByRole('radio', { name: 'Formatted' }).check()
    await text.waitFor({ state: 'detached' })
    assert.equal(await reader.getByRole('button', { name: 'Closer' }).count(), 0, 'what has no paper has no size of it')
  })

  test('a quote that is not part of what is shown formatted is shown in the text, and says so', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await page.getByRole('button', { name: 'Show the text of spring.md' }).click()
    const reader = page.getByRole('dialog', { name: 'spring.md' })
    await reader.locator('.formatted').waitFor()
    const start = HOSTILE_MARKDOWN.indexOf('[2]: https') // A definition, which shows nothing of itself.
    const other = await visited.context.newPage()
    await other.goto(`${page.url()}&start=${start}&end=${start + 25}`)
    await other.getByText('The quote is not part of what is shown formatted, so here is the text.').waitFor()
    assert.equal(await other.locator('.page-text mark').textContent(), '[2]: https://eels.example')
    await other.getByRole('button', { name: 'Show it formatted' }).click()
    await other.locator('.formatted h3').waitFor()
    assert.equal(await other.locator('mark').count(), 0)
  })

  for (const [name, question, words] of [
    ['well.html', 'How many fathoms deep is the poisoned well?', 'The poisoned well is seven fathoms deep.'],
    ['spring.md', 'How many eels has the cursed spring?', 'The cursed spring has nine eels.'],
  ] as const) {
    test(`of a hostile document nothing runs, nothing is fetched and nothing escapes: ${name}`, async () => {
      await using visited = await visit(browser, server.url, signedIn)
      const { page } = visited
      const guard = await watch(page, server.url)
      const { reader } = await openQuote(page, question, name)
      const sheet = reader.locator('.formatted')
      assert.match((await sheet.locator('mark').allTextContents()).join(''), new RegExp(words.slice(0, 20)))
      await assertInert(sheet)
      for (const link of await sheet.getByText(/^(?:run|go|data)$/).all()) await link.click()
      await guard.check()
    })
  }

  test('hostile documents of others stay inert', { skip: !existsSync(BAD) && `needs ${BAD}` }, async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const guard = await watch(page, server.url)
    for (const path of FOREIGN) {
      const name = path.split('/').at(-1)!
      await add(page, name, readFileSync(join(BAD, path)))
      await page.getByRole('button', { name: `Show the text of ${name}` }).click()
      const reader = page.getByRole('dialog', { name })
      await reader.locator('.formatted').waitFor()
      await assertInert(reader.locator('.formatted'))
      await reader.getByRole('button', { name: 'Close' }).click()
    }
    await guard.check()
  })

  for (const [where, options] of [
    ['at a desk', {}],
    ['on a phone', PHONE],
    ['in the dark', { colorScheme: 'dark' }],
    ['from right to left', { locale: 'ar' }],
  ] as const) {
    test(`a formatted document ${where} fits, and no one is kept from reading it`, async () => {
      await using visited = await visit(browser, server.url, { ...signedIn, ...options, bypassCSP: true })
      const { page } = visited
      const start = HANDBOOK.indexOf('night guard')
      const place = `#document=${await idOf(page, 'observatory.md')}&page=1&start=${start}&end=${start + 60}`
      await page.goto(`${server.url}/${place}`)
      const sheet = page.locator('dialog.reader .formatted')
      await sheet.locator('a mark').waitFor()
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
      await page.evaluate(axe.source)
      const { violations } = (await page.evaluate(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
      )) as {
        violations: { id: string; nodes: { html: string }[] }[]
      }
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        [],
      )
    })
  }

  test('an address of another place, opened where the page is open, leads there and stays', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await page.getByRole('button', { name: 'Show the text of visitors.html' }).click()
    await page.getByRole('dialog', { name: 'visitors.html' }).locator('.formatted').waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const hash = `#document=${await idOf(page, 'observatory.md')}&page=1`
    await page.goto(`${server.url}/${hash}`)
    await page.getByRole('dialog', { name: 'observatory.md' }).locator('.formatted table').waitFor()
    assert.equal(new URL(page.url()).hash, hash)
    assert.ok(!asked.includes('/api/me'), 'who is there is not asked again')
  })

  test('a list and a table in Arabic begin at the right, whatever the language of the page', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await page.getByRole('button', { name: 'Show the text of دليل.md' }).click()
    const sheet = page.getByRole('dialog', { name: 'دليل.md' }).locator('.formatted')
    const places = async (part: string) => (await sheet.getByText(part, { exact: true }).boundingBox())!
    assert.ok((await places('من')).x > (await places('الرسم')).x)
    const [frame, item] = [(await sheet.boundingBox())!, (await sheet.locator('li').first().boundingBox())!]
    // Room for the bullet at the right, and none at the left.
    assert.ok(frame.x + frame.width - item.x - item.width > item.x - frame.x + 16, JSON.stringify({ frame, item }))
    const code = sheet.locator('pre')
    assert.equal(
      await code.evaluate(
        (node) =>
          (globalThis as never as { getComputedStyle(of: unknown): { direction: string } }).getComputedStyle(node)
            .direction,
      ),
      'ltr',
    )
  })

  test('a link to a place of the same document leads there, and the address stays', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await page.goto(`${server.url}/#document=${await idOf(page, 'observatory.md')}&page=1`)
    const sheet = page.getByRole('dialog', { name: 'observatory.md' }).locator('.formatted')
    const address = page.url()
    await sheet.getByRole('button', { name: 'the last words' }).click()
    await assertInView(sheet, sheet.getByRole('heading', { name: 'Last words' }))
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Last words')
    assert.equal(page.url(), address)
  })

  test('the script that formats comes when a document is opened, and not before', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const loaded = () => page.evaluate<string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`)
    await page.getByRole('textbox', { name: 'Your question' }).waitFor()
    assert.deepEqual(
      (await loaded()).filter((name) => /formatted|markdown/.test(name)),
      [],
    )
    await page.getByRole('button', { name: 'Show the text of visitors.html' }).click()
    await page.locator('.formatted').waitFor()
    assert.ok((await loaded()).some((name) => /formatted-html/.test(name)))
  })

  test('a document that is being read is opened as far as that is, and goes on by itself', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page, context } = visited
    // Each page is a picture, so that reading takes long enough to look at it meanwhile.
    const scan = await pictureOf(browser, '<p>The bell of the harbour weighs nine hundred pounds.</p>')
    await page.request.post(`${server.url}/api/documents`, {
      multipart: { file: { name: 'bell.pdf', mimeType: 'application/pdf', buffer: await scannedPdf(scan, 24) } },
    })
    await rowThatSays(page, 'bell.pdf', /reading page [2-9] of 24/)
    await page.getByRole('button', { name: 'Show the text of bell.pdf' }).click()
    const reader = page.getByRole('dialog', { name: 'bell.pdf' })
    await reader.getByText(/^Still being read: \d+ of 24 pages are here so far\.$/).waitFor()
    await reader.getByRole('radio', { name: 'What the bot sees' }).check()
    await reader.getByText('The bell of the harbour').waitFor()

    const last = await context.newPage()
    await last.goto(`${server.url}/#document=${await idOf(page, 'bell.pdf')}&page=24`)
    const ahead = last.getByRole('dialog', { name: 'bell.pdf' })
    await ahead.getByText('This page has not been read yet.').waitFor()
    await ahead.getByText('The bell of the harbour').waitFor({ timeout: 3 * 60_000 })
    await ahead.getByText(/^Still being read/).waitFor({ state: 'detached' })
    await reader.getByText(/^Still being read/).waitFor({ state: 'detached' })
  })
})

async function add(page: Page, name: string, buffer: Buffer): Promise<void> {
  const url = new URL('/api/documents', page.url()).href
  const multipart = { file: { name, mimeType: 'application/octet-stream', buffer } }
  for (let status = 'queued'; status !== 'ready'; ) {
    const response = await page.request.post(url, { multipart, headers: { prefer: 'wait=60' }, timeout: 70_000 })
    status = (await response.json()).status
    assert.notEqual(status, 'failed', name)
  }
}

/** The top of the picture on each page. */
async function scannedPdf(picture: Buffer, pages: number): Promise<Buffer> {
  const { width } = await sharp(picture).metadata()
  const height = Math.round((width! * PAGE_HEIGHT) / PAGE_WIDTH)
  const top = sharp(picture).extract({ left: 0, top: 0, width: width!, height })
  const pixels = await top.toColourspace('b-w').raw().toBuffer()
  const page = { content: FULL_PAGE_PICTURE, picture: { width: width!, height, pixels } }
  return makePdf(Array.from({ length: pages }, () => page))
}

async function idOf(page: Page, name: string): Promise<string> {
  const response = await page.request.get(new URL('/api/documents?limit=200', page.url()).href)
  const { items } = (await response.json()) as { items: { id: string; name: string }[] }
  return items.find((item) => item.name === name)!.id
}

async function openQuote(page: Page, question: string, name: string): Promise<{ quote: string; reader: Locator }> {
  const exchange = await ask(page, question)
  const card = exchange.getByRole('figure').filter({ hasText: name }).first()
  const quote = (await card.locator('blockquote').textContent()) ?? ''
  await card.getByRole('button').click()
  const reader = page.getByRole('dialog', { name })
  await reader.locator('.formatted mark').first().waitFor()
  return { quote, reader }
}

async function assertInView(region: Locator, inside: Locator): Promise<void> {
  const [frame, box] = [(await region.boundingBox())!, (await inside.boundingBox())!]
  assert.ok(box.y >= frame.y && box.y + box.height <= frame.y + frame.height, JSON.stringify({ frame, box }))
}

/** What a document could do to the page, from the first look on. */
async function watch(page: Page, own: string): Promise<{ check(): Promise<void> }> {
  const elsewhere: string[] = []
  page.on('request', (request) => !request.url().startsWith(`${own}/`) && elsewhere.push(request.url()))
  page.on('dialog', (dialog) => {
    elsewhere.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.context().on('page', (opened) => elsewhere.push(`window: ${opened.url()}`))
  const address = new URL(page.url()).origin
  return {
    async check() {
      assert.deepEqual(elsewhere, [])
      assert.equal(await page.evaluate('globalThis.hacked'), undefined)
      assert.equal(new URL(page.url()).origin, address)
    },
  }
}

const ALLOWED =
  'p div button blockquote pre code kbd samp hr br wbr figure figcaption h3 h4 h5 h6 ul ol li dl dt dd ruby rt a span strong em s u sub sup small q table caption thead tbody tfoot tr th td mark svg path'

/** Nothing but allowed elements and attributes, and all of it within its frame. */
async function assertInert(sheet: Locator): Promise<void> {
  const found = (await sheet.evaluate(elementsOf)) as {
    name: string
    attributes: [string, string][]
    position: string
  }[]
  const allowed = new Set(ALLOWED.split(' '))
  for (const { name, attributes, position } of found) {
    assert.ok(allowed.has(name), name)
    assert.equal(position, 'static', name)
    for (const [attribute, value] of attributes) {
      const isOurs =
        name === 'svg' || name === 'path' || (attribute === 'class' && /^(?:left-picture|to-anchor)$/.test(value))
      assert.ok(
        isOurs ||
          /^(?:dir|lang|href|title|target|rel|start|colspan|rowspan|data-align|data-anchor|type)$/.test(attribute),
        attribute,
      )
      if (attribute === 'href') assert.match(value, /^(?:https?|mailto):/)
    }
  }
}

/** Runs in the page. */
function elementsOf(root: unknown): unknown {
  interface Element {
    localName: string
    attributes: Iterable<{ name: string; value: string }>
    querySelectorAll(all: string): Iterable<Element>
  }
  const styleOf = (globalThis as unknown as { getComputedStyle(of: Element): { position: string } }).getComputedStyle
  return [...(root as Element).querySelectorAll('*')].map((element) => ({
    name: element.localName,
    attributes: [...element.attributes].map(({ name, value }) => [name, value]),
    position: styleOf(element).position,
  }))
}
