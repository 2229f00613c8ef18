/** The page over a reload of the server: an answer that its process could not finish goes on by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begins, says, startModelDouble } from '../support/model-double.ts'
import { startServer } from '../support/server.ts'
import {
  addFile,
  begin,
  cannotRun,
  createAda,
  openBrowser,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const QUESTION = 'How many seats does the reading room have?'

test('S89: an answer that a reload cuts short is gone on with, and the page shows it', {
  skip: cannotRun,
  timeout: TOGETHER_MS_MAX,
}, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    args: ['--graceful-timeout', '2'],
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', 'The reading room has 48 seats and a view of the orchard.\n')
  await rowThatSays(page, 'lease.txt', 'ready')
  model.plan(begins(['The reading room'], 'silence'), says('room has 48 seats [1].'))
  await begin(page, QUESTION)
  const exchange = page.getByRole('article', { name: QUESTION })
  await exchange.locator('.written').getByText('The reading room').waitFor()
  server.process.kill('SIGHUP')
  await exchange.locator('.written').getByText('The reading room has 48 seats').waitFor()
  await exchange.getByRole('button', { name: 'Continue' }).waitFor({ state: 'detached' })
  assert.equal(await exchange.getByRole('alert').count(), 0)
})
