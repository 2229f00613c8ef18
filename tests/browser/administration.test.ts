/** What administrators do in the page: a model is chosen, tested and forgotten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuses, says, startModelDouble } from '../support/model-double.ts'
import { startServer } from '../support/server.ts'
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

const LEASE = 'The reading room has 48 seats and a view of the orchard.\n'
const QUESTION = 'How many seats does the reading room have?'

test('administration', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const double = await startModelDouble(t)
  await using server = await startServer({ environment: { KNOWBOT_TOKENS_PER_DAY: '100000' } })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', LEASE)
  await rowThatSays(page, 'lease.txt', 'ready')
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  const section = dialog.getByRole('region', { name: 'Model', exact: true })
  const open = () => page.getByRole('button', { name: 'Settings' }).click()

  await t.test('a model is tested before it is used, and what went wrong is told in words', async () => {
    await open()
    await section.getByText('There is none: answers are quotes.').waitFor()
    await section.getByLabel('Provider', { exact: true }).selectOption('openai-compatible')
    await section.getByLabel('Name of the model').fill('double')
    await section.getByRole('button', { name: 'Say hello to it' }).click()
    await section.getByRole('alert').filter({ hasText: 'address' }).waitFor()
    await section.getByLabel('Address, if not').fill(double.url)
    await section.getByLabel('Key of the provider', { exact: true }).fill('a-key-of-the-suite')
    double.plan(refuses(401, '{"error":{"message":"who are you"}}'))
    await section.getByRole('button', { name: 'Say hello to it' }).click()
    await section.getByText('It did not answer.').waitFor()
    double.plan(says('Hello, Ada!'))
    await section.getByRole('button', { name: 'Say hello to it' }).click()
    await section.getByText('“Hello, Ada!”').waitFor()
  })

  await t.test('the model that is used writes the next answer, and its key is not shown again', async () => {
    await section.getByRole('button', { name: 'Use this model' }).click()
    await section.getByText('openai-compatible:double writes the answers.').waitFor()
    assert.equal(await section.getByLabel('Key of the provider', { exact: true }).inputValue(), '')
    await page.keyboard.press('Escape')
    double.plan(says('There are 48 seats [1].'))
    const answer = await ask(page, QUESTION)
    await answer.getByText('There are 48 seats').waitFor()
    assert.equal(double.requests.at(-1)!.headers.authorization, 'Bearer a-key-of-the-suite')
    await open()
    await dialog.getByText(/ of 100,000 tokens of the model used today/).waitFor()
    await section.getByText('One is kept.').waitFor()
  })

  await t.test('without the model answers are quotes again', async () => {
    await section.getByRole('button', { name: 'Use no model' }).click()
    await section.getByText('There is none: answers are quotes.').waitFor()
    await page.keyboard.press('Escape')
    const asked = double.requests.length
    await (await ask(page, 'What is the view of?')).getByText('a view of the orchard').first().waitFor()
    assert.equal(double.requests.length, asked)
  })
})
