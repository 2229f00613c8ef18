/** The page in a real browser, against a real server: from the link that the start prints to a quote marked in its page. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startServer, type TestServer } from '../support/server.ts'
import {
  ADA,
  addFile,
  ask,
  cannotRun,
  openBrowser,
  PHONE,
  pictureOf,
  rowThatSays,
  setUp,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const LEASE = `Lease of the ground floor

The reading room has 48 seats and a view of the orchard.

Heating costs are shared by floor area, and settled once a year in March.
`
const NOTICE = `<p>The museum opens at nine in the morning.</p><p>The entrance fee is fourteen crowns for adults.</p>`

describe('the page', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, () => {
  let browser: Browser
  let server: TestServer
  /** Ada's cookie, once she has one: signing in costs a deliberately slow hash each time. */
  let signedIn: BrowserContextOptions = {}

  before(async () => {
    server = await startServer()
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test('the link of the first start leads to an account, a document, an answer and its quote in the page', async () => {
    assert.ok(server.setupUrl)
    await using visited = await visit(browser, server.setupUrl)
    const { page, context } = visited
    await setUp(page)
    signedIn = { storageState: await context.storageState() }
    assert.equal(new URL(page.url()).hash, '', 'the code is gone from the address')

    await addFile(page, 'lease.txt', LEASE)
    await rowThatSays(page, 'lease.txt', 'ready · 1 page')
    const exchange = await ask(page, 'How many seats does the reading room have?')
    const quote = exchange.getByRole('figure').filter({ hasText: '48 seats' }).first()
    await quote.getByText('lease.txt').waitFor()

    await quote.getByRole('button').click()
    const reader = page.getByRole('dialog', { name: 'lease.txt' })
    assert.match((await reader.locator('mark').textContent()) ?? '', /48 seats/)
    await reader.getByText('Heating costs are shared by floor area').waitFor()
  })

  test('a picture of text is read, asked about and quoted', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await addFile(page, 'notice.png', await pictureOf(browser, NOTICE))
    await rowThatSays(page, 'notice.png', 'ready · 1 page')
    const exchange = await ask(page, 'What is the entrance fee for adults?')
    await exchange.getByRole('figure').filter({ hasText: 'fourteen crowns' }).getByRole('button').first().click()
    const reader = page.getByRole('dialog', { name: 'notice.png' })
    await reader.locator('svg.page-marks rect').first().waitFor()
    await reader.getByRole('radio', { name: 'What the bot sees' }).check()
    assert.match((await reader.locator('mark').textContent()) ?? '', /fourteen crowns/)
    await reader.getByText('Read from the picture').waitFor()
  })

  test('what is in no document is said not to be found', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const exchange = await ask(page, 'Which volcano erupted near the submarine cable?')
    await exchange.getByText('Not found in your documents').waitFor()
    assert.equal(await exchange.getByRole('figure').filter({ visible: true }).count(), 0)
  })

  test('a wrong password is told apart from nothing else, and the right one lets in and out again', async () => {
    await using visited = await visit(browser, server.url)
    const { page } = visited
    await page.getByLabel('Name').fill(ADA.name)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('do not belong together').waitFor()
    await signIn(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('a file that cannot be read says why, and goes away when dismissed', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await addFile(page, 'nonsense.bin', Buffer.from([0, 159, 146, 150, 0, 1, 2, 3, 255, 254, 0, 7]))
    const row = await rowThatSays(page, 'nonsense.bin', /Not added\. .+/)
    await row.getByRole('button', { name: 'Dismiss: nonsense.bin' }).click()
    await row.waitFor({ state: 'detached' })
  })

  test('a broken document fails with its reason', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await addFile(page, 'broken.pdf', `%PDF-1.7\n${'x'.repeat(2000)}`)
    await rowThatSays(page, 'broken.pdf', /failed: .+/)
  })

  test('a deleted document is found no more, and undo brings it back', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    await addFile(page, 'garden.txt', 'The greenhouse is painted green every seven years.\n')
    await rowThatSays(page, 'garden.txt', 'ready')
    await page.getByRole('button', { name: 'Delete garden.txt' }).click()
    const undo = page.getByRole('button', { name: 'Undo: bring back garden.txt' })
    // The button that was pressed is gone; the focus is on the way back.
    await undo.and(page.locator(':focus')).waitFor()
    const without = await ask(page, 'How often is the greenhouse painted?')
    await without.getByText('Not found in your documents').waitFor()
    await undo.click()
    await rowThatSays(page, 'garden.txt', 'ready')
    const again = await ask(page, 'How often is the greenhouse painted green?')
    await again.getByRole('figure').filter({ hasText: 'every seven years' }).first().waitFor()
  })

  test('many files at once are all read, and a part of a name finds one of them', async () => {
    await using visited = await visit(browser, server.url, signedIn)
    const { page } = visited
    const names = Array.from({ length: 9 }, (_, i) => `minutes-${i + 1}.txt`)
    const files = names.map((name) => ({ name, mimeType: '', buffer: Buffer.from(`These are the ${name}.\n`) }))
    await page.locator('input[type=file]').first().setInputFiles(files)
    const filter = page.getByRole('searchbox', { name: 'Filter by name' })
    for (const name of names) {
      await filter.fill(name) // What is out of sight is not drawn.
      await rowThatSays(page, name, 'ready')
    }
    await filter.fill('TES-7')
    await page.getByRole('listitem').filter({ hasText: 'minutes-1.txt' }).waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('listitem').filter({ hasText: '.txt' }).count(), 1)
  })

  test('an answer is copied with its quotes as footnotes', async () => {
    await using visited = await visit(browser, server.url, {
      ...signedIn,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const { page } = visited
    const exchange = await ask(page, 'How many seats does the reading room have?')
    await exchange.getByRole('button', { name: 'Copy' }).click()
    await exchange.getByRole('button', { name: 'Copied' }).waitFor()
    const text = await page.evaluate<string>('navigator.clipboard.readText()')
    assert.match(text, /\[1\] lease\.txt, page 1: “.*48 seats/s)
  })

  test('progress reaches a second window by itself', async () => {
    await using first = await visit(browser, server.url, signedIn)
    await using second = await visit(browser, server.url, signedIn)
    await addFile(first.page, 'shared.txt', 'A document that both windows see.\n')
    await rowThatSays(second.page, 'shared.txt', 'ready')
  })

  test('everything can be done with the keyboard alone', async () => {
    await using visited = await visit(browser, server.url)
    const { page } = visited
    const { keyboard } = page
    await page.getByLabel('Name').waitFor()
    await keyboard.type(ADA.name)
    await tabTo(page, /^- textbox "Password"/)
    await keyboard.type(ADA.password)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    assert.match(await focused(page), /^- textbox "Your question"/)

    await keyboard.type('How many seats')
    await keyboard.press('Shift+Enter')
    await keyboard.type('does the reading room have?')
    await keyboard.press('Enter')
    const exchange = page.getByRole('article', { name: 'How many seats does the reading room have?' })
    await exchange.and(page.locator('[aria-busy=false]')).waitFor()
    await tabBackTo(page, /^- button "Quote 1 lease.txt/)
    await keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'lease.txt' }).waitFor()
    await keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.match(await focused(page), /^- button "Quote 1/, 'the focus is back where the reading began')

    await keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await keyboard.press('Escape')
    assert.match(await focused(page), /^- button "Quote 1/)

    await keyboard.press('/')
    assert.match(await focused(page), /^- textbox "Your question"/)
    await tabBackTo(page, /^- button "Sign out"/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('on a phone nothing is wider than the screen, and the reader covers it', async () => {
    await using visited = await visit(browser, server.url, PHONE)
    const { page } = visited
    await page.getByLabel('Name').waitFor()
    await assertFits(page)
    await signIn(page)
    await assertFits(page)
    await page.getByRole('button', { name: /^Documents/ }).click()
    await page.getByRole('searchbox', { name: 'Filter by name' }).fill('lease')
    await rowThatSays(page, 'lease.txt', 'ready')
    await assertFits(page)
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    const exchange = await ask(page, 'How many seats does the reading room have?')
    await assertFits(page)
    await exchange.getByRole('figure').getByRole('button').first().tap()
    const reader = page.getByRole('dialog', { name: 'lease.txt' })
    await reader.locator('mark').waitFor()
    assert.equal((await reader.boundingBox())?.width, PHONE.viewport.width)
    await assertFits(page)
    await reader.getByRole('button', { name: 'Close' }).tap()
    await reader.waitFor({ state: 'detached' })
  })
})

async function assertFits(page: Page): Promise<void> {
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= PHONE.viewport.width, `${width} pixels on ${PHONE.viewport.width}`)
}

/** Role and name of what has the focus, as a screen reader says them: `- button "Ask"`. */
async function focused(page: Page): Promise<string> {
  const element = page.locator(':focus')
  return (await element.count()) === 0 ? '' : element.ariaSnapshot()
}

const STOPS_MAX = 100

async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    await page.keyboard.press(key)
    if (name.test(await focused(page))) return
  }
  assert.fail(`${name} was not reached by ${key}`)
}

function tabBackTo(page: Page, name: RegExp): Promise<void> {
  return tabTo(page, name, 'Shift+Tab')
}
