/** What the page says and offers when the line, the server or a file does not do as it should. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startServer } from '../support/server.ts'
import { addFile, cannotRun, createAda, openBrowser, rowThatSays, signIn, TOGETHER_MS_MAX, visit } from './support.ts'

/** An encrypted PDF of the data beside the project; its manifest names the password. */
const ENCRYPTED = join(import.meta.dirname, '../../../shared/data/bad-input/third-party/pdf/pdfjs/issue6010_1.pdf')
const PASSWORD = 'abc'

test('trouble', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer()
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page, context } = visited
  await signIn(page)

  await t.test('an upload that the line cut off is tried again by one press', async () => {
    await context.route('**/api/documents', (route) => route.abort())
    await addFile(page, 'cut.txt', 'The rope of the lift is 40 metres long.\n')
    const row = await rowThatSays(page, 'cut.txt', 'Not added. The server cannot be reached.')
    await context.unroute('**/api/documents')
    await row.getByRole('button', { name: 'Try again: cut.txt' }).click()
    await rowThatSays(page, 'cut.txt', 'ready')
  })

  await t.test('a server that asks to come back later is obeyed without a word', async () => {
    let refusals = 0
    await context.route('**/api/documents', (route) => {
      if (route.request().method() !== 'POST' || ++refusals > 1) return route.continue()
      return route.fulfill({
        status: 429,
        headers: { 'retry-after': '1' },
        body: '{"code":"rate_limited","detail":"later"}',
      })
    })
    await addFile(page, 'later.txt', 'Patience is shown here.\n')
    await rowThatSays(page, 'later.txt', 'ready')
    assert.equal(refusals, 2)
    await context.unroute('**/api/documents')
  })

  await t.test('the same file again is said to be here already', async () => {
    await addFile(page, 'cut.txt', 'The rope of the lift is 40 metres long.\n')
    await rowThatSays(page, 'cut.txt', 'was here already')
    assert.equal(await page.getByRole('listitem').filter({ hasText: 'cut.txt' }).count(), 1)
  })

  await t.test('a question that does not get through can be asked again by one press', async () => {
    await context.route('**/api/chats', (route) => route.abort())
    await page.getByRole('textbox', { name: 'Your question' }).fill('How long is the rope of the lift?')
    await page.keyboard.press('Enter')
    await page.getByRole('article').getByText('No answer this time').waitFor()
    await context.unroute('**/api/chats')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByRole('figure').filter({ hasText: '40 metres' }).waitFor()
  })

  await t.test(
    'an encrypted document asks for its password',
    { skip: !existsSync(ENCRYPTED) && 'no such file here' },
    async () => {
      await addFile(page, 'secret.pdf', readFileSync(ENCRYPTED))
      const row = await rowThatSays(page, 'secret.pdf', 'failed: password needed')
      await row.getByLabel('Password of secret.pdf', { exact: true }).fill('surely not this one')
      await row.getByRole('button', { name: 'Open it' }).click()
      const again = await rowThatSays(page, 'secret.pdf', 'failed: that password did not open it')
      await again.getByLabel('Password of secret.pdf', { exact: true }).fill(PASSWORD)
      await again.getByRole('button', { name: 'Open it' }).click()
      await rowThatSays(page, 'secret.pdf', 'ready')
    },
  )

  await t.test('no string becomes markup, whoever writes it into the page', async () => {
    // A window that nobody watches for violations, because here is one on purpose.
    const unwatched = await browser.newPage()
    await unwatched.goto(server.url)
    await assert.rejects(unwatched.evaluate("document.body.innerHTML = '<b>hello</b>'"), /TrustedHTML/)
    await unwatched.close()
  })

  await t.test('a session that ended elsewhere leads to the sign-in, in every window', async () => {
    const other = await context.newPage()
    await other.goto(server.url)
    await other.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await other.close()
  })

  await t.test('a server that does not answer is said so, with a way to try again', async () => {
    await context.route('**/api/me', (route) => route.abort())
    await page.reload()
    await page.getByText('The server cannot be reached.').waitFor()
    await context.unroute('**/api/me')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})
