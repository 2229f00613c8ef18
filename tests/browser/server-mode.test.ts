/** The page says what the server does not do at the moment, and stops saying it. */
import { test } from 'node:test'
import { startServer } from '../support/server.ts'
import { cannotRun, createAda, openBrowser, signIn, TOGETHER_MS_MAX, visit } from './support.ts'

test('what the server leaves out is said in the page', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer({ environment: { KNOWBOT_INDEXING: 'inline' } })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page, context } = visited

  await t.test('from the moment that somebody is signed in', async () => {
    await signIn(page)
    await page.getByRole('status').filter({ hasText: 'can only read small text files' }).waitFor()
  })

  await t.test('as soon as the server tells that it is otherwise', async () => {
    const told = { mode: 'read only', reason: 'the disk of the data folder is full: 3 MB left', leftOut: [] }
    await context.route('**/api/events', (route) =>
      route.fulfill({
        headers: { 'content-type': 'text/event-stream' },
        body: `event: server\ndata: ${JSON.stringify(told)}\n\n`,
      }),
    )
    await context.route('**/api/ready', (route) => route.abort())
    await page.reload()
    await page.getByRole('status').filter({ hasText: 'nothing new is kept' }).first().waitFor()
  })
})
