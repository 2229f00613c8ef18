/** Chats in the page: an answer outlives the window, the line and the process that tells it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { begins, says, startModelDouble } from '../support/model-double.ts'
import { startServer } from '../support/server.ts'
import {
  addFile,
  ask,
  begin,
  cannotRun,
  createAda,
  killWebWorker,
  openBrowser,
  openLine,
  PHONE,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const LEASE = 'The reading room has 48 seats and a view of the orchard.\n'
/** After so long, what was written is on disk: the contract says 250 ms. */
const KEPT_MS = 500
const QUESTION = 'How many seats does the reading room have?'

test('chats', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url, KNOWBOT_MODEL_KEY: 'none' },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page, context } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', LEASE)
  await rowThatSays(page, 'lease.txt', 'ready')
  const chats = page.getByRole('region', { name: 'Chats' })
  const newChat = chats.getByRole('button', { name: 'New chat' })
  const exchange = page.getByRole('article', { name: QUESTION })
  const written = exchange.locator('.written')

  /** An answer in two halves; the second comes when the test says so. */
  const planHalves = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    model.plan(begins(['The reading room'], { until: promise }, { word: ' has 48 seats [1].' }, 'done'))
    return resolve
  }

  await t.test(
    'the first question makes a chat with an address, which a reload brings back with its quotes',
    async () => {
      model.plan(says('There are ', '48 seats', ' [1].'))
      await ask(page, QUESTION)
      await chats.getByRole('link', { name: QUESTION }).waitFor()
      assert.match(new URL(page.url()).search, /^\?chat=[\w-]{36}$/)
      await page.reload()
      await written.getByText('There are 48 seats').waitFor()
      await exchange.getByRole('button', { name: /^Quote 1: show it in lease.txt/ }).click()
      assert.match((await page.locator('mark').textContent()) ?? '', /48 seats/)
      await page.keyboard.press('Escape')
    },
  )

  await t.test('a reload in the middle of an answer goes on with it', async () => {
    await newChat.click()
    const goOn = planHalves()
    await begin(page, QUESTION)
    await written.getByText('The reading room').waitFor()
    const asked = model.requests.length
    await page.reload()
    await written.getByText('The reading room').waitFor()
    goOn()
    await written.getByText('The reading room has 48 seats').waitFor()
    await exchange.and(page.locator('[aria-busy=false]')).waitFor()
    assert.equal(model.requests.length, asked, 'the model was asked once')
  })

  await t.test(
    'a second window shows the same answer while it is written, and what is asked there afterwards',
    async () => {
      await newChat.click()
      const goOn = planHalves()
      await begin(page, QUESTION)
      await written.getByText('The reading room').waitFor()
      const second = await context.newPage()
      await second.goto(page.url())
      const there = second.getByRole('article', { name: QUESTION })
      await there.locator('.written').getByText('The reading room').waitFor()
      goOn()
      await there.locator('.written').getByText('The reading room has 48 seats').waitFor()
      await written.getByText('The reading room has 48 seats').waitFor()

      model.plan(says('A view of ', 'the orchard', ' [1].'))
      await ask(second, 'What view does it have?')
      await page
        .getByRole('article', { name: 'What view does it have?' })
        .locator('.written')
        .getByText('A view of the orchard')
        .waitFor()
      await second.close()
    },
  )

  await t.test('a line that breaks in the middle of an answer is taken up where it broke', async () => {
    await using line = await openLine(server.url)
    await using visited = await visit(browser, line.url, { storageState: await context.storageState() })
    const goOn = planHalves()
    const there = await begin(visited.page, QUESTION)
    await there.locator('.written').getByText('The reading room').waitFor()
    const resumed = visited.page.waitForRequest((request) => request.headers()['last-event-id'] !== undefined)
    line.cut()
    await resumed
    goOn()
    await there.locator('.written').getByText('The reading room has 48 seats').waitFor()
  })

  await t.test('a window that nobody looks at gives its line back, and goes on when it is looked at', async () => {
    await newChat.click()
    const goOn = planHalves()
    await begin(page, QUESTION)
    await written.getByText('The reading room').waitFor()
    const given = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/messages'))
    await look(page, false)
    await given
    const resumed = page.waitForRequest((request) => request.headers()['last-event-id'] !== undefined)
    await look(page, true)
    await resumed
    goOn()
    await written.getByText('The reading room has 48 seats').waitFor()
  })

  await t.test('leaving a chat does not stop its answer, and coming back finds it', async () => {
    await newChat.click()
    const goOn = planHalves()
    await begin(page, QUESTION)
    await written.getByText('The reading room').waitFor()
    await page.keyboard.press('Control+Shift+O')
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    goOn()
    await page.goBack()
    await written.getByText('The reading room has 48 seats').waitFor()
  })

  await t.test('stop ends an answer that another window began, and a reload keeps what was written', async () => {
    await newChat.click()
    model.plan(begins(['The reading room', ' has, as far as'], 'silence'))
    await begin(page, QUESTION)
    await written.getByText('The reading room has, as far as').waitFor()
    await page.reload()
    await written.getByText('The reading room has, as far as').waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await exchange.getByText('Stopped here.').waitFor()
    await model.requests.at(-1)!.abandoned
    await page.reload()
    await exchange.getByText('Stopped here.').waitFor()
    await written.getByText('The reading room has, as far as').waitFor()
  })

  await t.test('when the process that answers dies, what was written is kept and can be continued', async () => {
    await newChat.click()
    model.plan(begins(['The reading room has '], 'silence'), says('48 seats [1].'))
    await begin(page, QUESTION)
    await written.getByText('The reading room has').waitFor()
    await sleep(KEPT_MS)
    killWebWorker(server)
    await exchange.getByText('The answer breaks off here.').waitFor()
    await written.getByText('The reading room has').waitFor()
    await page.getByText('The line to the server is down.').waitFor({ state: 'hidden' })
    await exchange.getByRole('button', { name: 'Continue' }).click()
    await written.getByText('48 seats').waitFor()
    await exchange.and(page.locator('[aria-busy=false]')).waitFor()
    assert.equal(await exchange.getByText('The answer breaks off here.').count(), 0)
    await page.reload()
    await written.getByText('48 seats').waitFor()
  })

  await t.test('a chat is renamed, in every window', async () => {
    const second = await context.newPage()
    await second.goto(server.url)
    await chats.getByRole('button', { name: 'More to do with this chat' }).click()
    await chats.getByRole('button', { name: 'Rename' }).click()
    await page.keyboard.type('Seats of the room')
    await page.keyboard.press('Enter')
    await chats.getByRole('link', { name: 'Seats of the room' }).waitFor()
    await second.getByRole('link', { name: 'Seats of the room' }).waitFor()
    await second.close()
  })

  await t.test('a chat is deleted when that is said twice, and its address leads nowhere', async () => {
    const address = page.url()
    await chats.getByRole('button', { name: 'More to do with this chat' }).click()
    await chats.getByRole('button', { name: 'Delete', exact: true }).click()
    await chats.getByRole('button', { name: 'Keep' }).and(page.locator(':focus')).waitFor()
    await chats.getByRole('button', { name: 'Delete', exact: true }).click()
    await chats.getByRole('link', { name: 'Seats of the room' }).waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    await page.goto(address)
    await page.getByText('This chat is not there any more').waitFor()
    await page.getByRole('alert').getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  })

  await t.test('chats are found by what was said in them; all are deleted, and brought back', async () => {
    const all = await chats.getByRole('link').count()
    const finder = chats.getByRole('searchbox', { name: 'Find what was said' })
    await finder.fill('nobody ever said that')
    await chats.getByText('Nothing of that was said.').waitFor()
    await finder.fill('48 SEATS')
    await chats
      .getByText(/48 seats/)
      .first()
      .waitFor()
    await finder.fill('')
    await chats
      .getByRole('link')
      .nth(all - 1)
      .waitFor()

    const removal = chats.getByRole('button', { name: 'Delete all chats' })
    await removal.click()
    await removal.last().click()
    await chats.getByText('What you ask is kept here.').waitFor()
    await chats.getByRole('button', { name: 'Undo' }).click()
    await chats
      .getByRole('link')
      .nth(all - 1)
      .waitFor()
  })

  await t.test('on a phone the chats have a place of their own', async () => {
    const storageState = await context.storageState()
    await using phone = await visit(browser, server.url, { ...PHONE, storageState })
    await phone.page.getByRole('button', { name: 'Chats', exact: true }).click()
    await phone.page.getByRole('link', { name: QUESTION }).first().click()
    await phone.page.getByRole('article', { name: QUESTION }).first().waitFor()
  })
})

/** A browser without a screen shows all of its windows; so the window is told otherwise. */
async function look(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${!isVisible} })
    document.dispatchEvent(new Event('visibilitychange'))`)
}
