/**
 * Makes the pictures of the page in docs/images: a real server that reads the samples, and Debian's Chromium in front of it.
 *
 *   npm run screenshots
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContextOptions, Browser as Chromium, Page } from 'playwright-core'
import sharp from 'sharp'
import { ADA, ask, cannotRun, createAda, openBrowser, visit } from '../tests/browser/support.ts'
import { startServer, type TestServer } from '../tests/support/server.ts'

const ROOT = join(import.meta.dirname, '..')
const IMAGES = join(ROOT, 'docs/images')
const IMAGE_BYTES_MAX = 300 * 1024
const LOOK_MS = 500

const DESK: BrowserContextOptions = { viewport: { width: 1360, height: 850 }, deviceScaleFactor: 1.5 }
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
}

/** What is quoted, on the picture of a page or in its text. */
const MARKED = '.reader mark, .reader .page-marks rect'

/** Opening hours of a library in Arabic: content that runs from right to left. */
const ARABIC = `مكتبة شارع البحر: دليل الزوار

تفتح المكتبة أبوابها من الثلاثاء إلى الجمعة من الساعة التاسعة صباحا حتى السادسة والنصف مساء.
يبلغ الاشتراك السنوي ثمانية عشر يورو، وهو مجاني للأطفال دون الرابعة عشرة.
قاعة القراءة فيها اثنان وأربعون مقعدا وستة مكاتب مزودة بمقابس كهربائية.
`

assert.ok(!cannotRun, String(cannotRun))
await mkdir(IMAGES, { recursive: true })
await using server = await startServer()
await createAda(server)
const browser = await openBrowser()
try {
  const storageState = await signedIn(browser, server)
  // As Ada, so that she sees it: the bootstrap key has documents of its own.
  const cookie = storageState.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  for (const name of readdirSync(join(ROOT, 'samples')))
    await add(cookie, name, readFileSync(join(ROOT, 'samples', name)))
  await picture('desktop-light', { ...DESK, storageState, colorScheme: 'light' }, async (page) => {
    await ask(page, 'What does a printed page in colour cost?')
    await page.getByRole('button', { name: 'New chat' }).click()
    await ask(page, 'How many days of leave does everybody have?')
    await page.getByRole('button', { name: 'New chat' }).click()
    const exchange = await ask(page, 'What did the new boiler cost?')
    await exchange.getByRole('figure').getByRole('button').first().click()
    await page.locator(MARKED).first().waitFor()
  })
  await picture('desktop-dark', { ...DESK, storageState, colorScheme: 'dark' }, async (page) => {
    await ask(page, 'In whose memory was the stone bench given?')
  })
  await picture('phone', { ...PHONE, storageState, colorScheme: 'light' }, async (page) => {
    await ask(page, 'When is story time for children?')
  })
  await picture('phone-dark', { ...PHONE, storageState, colorScheme: 'dark' }, async (page) => {
    await page.getByRole('button', { name: /^Documents/ }).click()
    await page.getByRole('listitem').first().waitFor()
  })
  await picture('page', { ...DESK, storageState, colorScheme: 'dark' }, async (page) => {
    const exchange = await ask(page, 'What did the new boiler cost?')
    await exchange.getByRole('figure').getByRole('button').first().click()
    await page.getByRole('radio', { name: 'Both' }).check()
    await page.locator('img[data-there=true]').waitFor()
  })
  await picture('formatted', { ...DESK, storageState, colorScheme: 'light' }, async (page) => {
    const exchange = await ask(page, 'How long may films and music be borrowed?')
    await exchange.getByRole('figure').filter({ hasText: 'staff-handbook.md' }).getByRole('button').first().click()
    await page.locator('.formatted mark').first().waitFor()
  })
  await picture('page-phone', { ...PHONE, storageState, colorScheme: 'light' }, async (page) => {
    const exchange = await ask(page, 'How many visits did the library count?')
    await exchange.getByRole('figure').getByRole('button').first().click()
    await page.locator('img[data-there=true]').waitFor()
  })
  await picture('settings', { ...DESK, storageState, colorScheme: 'light' }, async (page) => {
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByText('Serving since').waitFor()
  })
  await add(cookie, 'دليل الزوار.txt', Buffer.from(ARABIC))
  for (const [name, device] of [
    ['right-to-left', DESK],
    ['phone-right-to-left', PHONE],
  ] as const) {
    await picture(name, { ...device, storageState, colorScheme: 'light', locale: 'ar' }, async (page) => {
      await page.locator('#question').fill('كم مقعدا في قاعة القراءة؟')
      await page.keyboard.press('Enter')
      const exchange = page.getByRole('article').last().and(page.locator('[aria-busy=false]'))
      const quote = exchange.getByRole('figure').getByRole('button').first()
      await quote.waitFor()
      if (device === PHONE) return
      await quote.click()
      await page.locator(MARKED).first().waitFor()
    })
  }
} finally {
  await browser.close()
}

async function picture(
  name: string,
  options: BrowserContextOptions,
  act: (page: Page) => Promise<void>,
): Promise<void> {
  await using visited = await visit(browser, server.url, options)
  const { page } = visited
  await page.locator('.welcome h2').waitFor()
  await act(page)
  if ((await page.locator('.page-picture').count()) > 0) await page.locator('img[data-there=true]').waitFor()
  // Nothing that blinks or is pointed at by chance.
  await page.mouse.move(0, 0)
  const bytes = await sharp(await page.screenshot({ caret: 'hide' }))
    .png({ palette: true, colours: 128, compressionLevel: 9, effort: 10 })
    .toBuffer()
  assert.ok(bytes.length <= IMAGE_BYTES_MAX, `Expected at most ${IMAGE_BYTES_MAX} bytes, got ${bytes.length}: ${name}`)
  await writeFile(join(IMAGES, `${name}.png`), bytes)
}

async function signedIn(browser: Chromium, { url }: TestServer) {
  await using visited = await visit(browser, url)
  const { page, context } = visited
  await page.getByLabel('Name').fill(ADA.name)
  await page.getByLabel('Password', { exact: true }).fill(ADA.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  return await context.storageState()
}

async function add(cookie: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const form = new FormData()
  form.set('file', new Blob([bytes]), name)
  const headers = { cookie, prefer: 'wait=60' }
  const response = await fetch(`${server.url}/api/documents`, { method: 'POST', body: form, headers })
  let document = (await response.json()) as { id: string; status: string }
  // A busy machine may take longer than a request may wait.
  while (document.status === 'queued' || document.status === 'reading') {
    await sleep(LOOK_MS)
    const now = await fetch(`${server.url}/api/documents/${document.id}`, { headers: { cookie } })
    document = (await now.json()) as typeof document
  }
  assert.equal(document.status, 'ready', JSON.stringify(document))
}
