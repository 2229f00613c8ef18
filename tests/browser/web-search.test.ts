/** The web in the page: nowhere without an engine; with one a choice, an offer, and links. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../support/server.ts'
import { startEngineDouble } from '../support/web-engine-double.ts'
import {
  addFile,
  ask,
  cannotRun,
  createAda,
  openBrowser,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const QUESTION = 'When does the comet Halley come back?'

test('the web', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const engine = await startEngineDouble(t)
  const content = 'The comet Halley comes back in 2061.'
  engine.plan({ body: { results: [{ title: 'Halley', url: 'https://example.org/halley', content }] } })
  const environment = { KNOWBOT_WEB_SEARCH: 'searxng', KNOWBOT_WEB_SEARCH_URL: engine.url }
  await using server = await startServer({ environment })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', 'The reading room has 48 seats and a view of the orchard.\n')
  await rowThatSays(page, 'lease.txt', 'ready')

  await t.test('what the documents do not know is offered to be looked for, and cited as a link', async () => {
    await ask(page, QUESTION)
    const offer = page.getByRole('button', { name: 'Look in the web' })
    await offer.waitFor()
    assert.equal(engine.searches.length, 0)
    await offer.click()
    const link = page.getByRole('link', { name: /Halley/ }).filter({ hasText: 'example.org' })
    await link.waitFor()
    assert.equal(await link.getAttribute('href'), 'https://example.org/halley')
    assert.match((await link.getAttribute('rel')) ?? '', /noopener noreferrer/)
    assert.equal(engine.searches.length, 1)
  })

  await t.test('the choice is off at first, and what is asked with it looks in the web', async () => {
    const choice = page.getByRole('checkbox', { name: 'Look in the web as well' })
    assert.equal(await choice.isChecked(), false)
    await choice.check()
    await ask(page, 'And when was the comet Halley seen last?')
    await page.getByRole('article').nth(2).getByText('Found in the web').waitFor()
    assert.equal(engine.searches.length, 2)
  })
})
