/** A browser for tests of the page: Debian's Chromium, driven by playwright-core. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { resolve } from 'node:path'
import {
  type BrowserContext,
  type BrowserContextOptions,
  type Browser as Chromium,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import type { TestServer } from '../support/server.ts'

const CHROMIUM = '/usr/bin/chromium'
const PAGE = resolve(import.meta.dirname, '../../web/dist/index.html')

/** Why these tests cannot run here; false where they can. */
export const cannotRun = !existsSync(CHROMIUM)
  ? `Chromium is not installed as ${CHROMIUM}`
  : !existsSync(PAGE) && 'the page is not built (npm run build in web/)'

export const ADA = { name: 'Ada', password: 'correct horse battery' }
export const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }

/** All tests of one file, one after the other in one browser. */
export const TOGETHER_MS_MAX = 15 * 60_000
/** Of a machine that is busy with the other tests as well. */
const WAIT_MS_MAX = 60_000

const ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

export function openBrowser(): Promise<Chromium> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS.split(' ') })
}

export interface Visit extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
}

/** A window of its own, with its own cookies. Whatever the page does against its policy or by mistake fails the test. */
export async function visit(browser: Chromium, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(WAIT_MS_MAX)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) troubles.push(message.text())
  })
  await page.goto(url)
  return {
    page,
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      assert.deepEqual(troubles, [])
    },
  }
}

/** The first administrator, made in the page by the link that the start printed. */
export async function setUp(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(ADA.name)
  await page.getByLabel('Password', { exact: true }).fill(ADA.password)
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(ADA.name)
  await page.getByLabel('Password', { exact: true }).fill(ADA.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

/** The same administrator without a browser, for tests that begin later. */
export async function createAda(server: TestServer): Promise<void> {
  const body = JSON.stringify({ username: ADA.name, password: ADA.password, role: 'administrator' })
  const headers = { 'content-type': 'application/json' }
  const response = await server.fetch('/api/users', { method: 'POST', headers, body })
  assert.equal(response.status, 201, await response.text())
}

export async function addFile(page: Page, name: string, content: string | Buffer): Promise<void> {
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(content) })
}

/** The row of a document, once it says `words`. */
export async function rowThatSays(page: Page, name: string, words: string | RegExp): Promise<Locator> {
  const row = page.getByRole('listitem').filter({ hasText: name }).filter({ hasText: words })
  await row.waitFor()
  return row
}

/** Asks, and answers the article while its answer is being written. */
export async function begin(page: Page, question: string): Promise<Locator> {
  await page.getByRole('textbox', { name: 'Your question' }).fill(question)
  await page.keyboard.press('Enter')
  return page.getByRole('article', { name: question }).last()
}

/** Asks, and answers the article once its answer is complete. */
export async function ask(page: Page, question: string): Promise<Locator> {
  const exchange = await begin(page, question)
  await exchange.and(page.locator('[aria-busy=false]')).waitFor()
  return exchange
}

/** A picture of text, as a scanner would make it: black on white, 150 dots to the inch. */
export async function pictureOf(browser: Chromium, text: string): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1240, height: 700 } })
  await page.setContent(`<body style="margin:80px;font:34px/1.6 'Liberation Serif',serif;color:#111">${text}</body>`)
  const picture = await page.screenshot()
  await page.close()
  return picture
}

/** The process that answers, without a warning. The log says which it is. */
export function killWebWorker(server: TestServer): void {
  const lines = server.log().trim().split('\n')
  const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>)
  const worker = events.findLast(({ event, role }) => event === 'worker-ready' && role === 'web')
  process.kill(Number(worker?.['pid']), 'SIGKILL')
}

export interface Line extends AsyncDisposable {
  readonly url: string
  /** All connections, in the middle of whatever they carry; new ones get through. */
  cut(): void
}

/** A way to the server that can break. */
export async function openLine(url: string): Promise<Line> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // It is cut on purpose.
    return socket
  }
  const line = createServer((near) => {
    const far = keep(connect(Number(new URL(url).port), '127.0.0.1'))
    keep(near).pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    cut,
    async [Symbol.asyncDispose]() {
      line.close()
      cut()
    },
  }
}
