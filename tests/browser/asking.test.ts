/** What helps with asking, in the page: personas, questions to begin with and to go on with, and what one thinks of an answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { says, startModelDouble } from '../support/model-double.ts'
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

const LEASE = `# Lease

## Seats of the reading room

The reading room has 48 seats and a view of the orchard.

## Keys and locks

Two keys are with the porter, and one is with the owner.
`
const QUESTION = 'How many seats does the reading room have?'

test('asking', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  model.plan(says('There are 48 seats [1].'))
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.md', LEASE)
  await rowThatSays(page, 'lease.md', 'ready')
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  const system = () => model.requests.at(-1)!.body.messages[0]!.content

  await t.test('a persona is saved, made active, and new chats begin with it', async () => {
    assert.equal(await page.getByLabel('Persona', { exact: true }).count(), 0, 'nothing to choose from')
    await page.getByRole('button', { name: 'Settings' }).click()
    await dialog.getByLabel('Name of the persona').fill('Pirate')
    await dialog.getByLabel('How should answers be written?').fill('Talk like a pirate.')
    await dialog.getByRole('button', { name: 'Add persona' }).click()
    await dialog.getByRole('button', { name: 'Make Pirate active' }).click()
    await dialog.getByRole('button', { name: 'Make Pirate inactive' }).waitFor()
    await page.keyboard.press('Escape')
    const choice = page.getByLabel('Persona', { exact: true })
    await choice.locator('option:checked', { hasText: 'Pirate' }).waitFor({ state: 'attached' })
    await ask(page, QUESTION)
    assert.match(system(), /Talk like a pirate/)
  })

  await t.test('a chat is given another persona, or none', async () => {
    const isChanged = page.waitForResponse((response) => response.request().method() === 'PATCH')
    await page.getByLabel('Persona', { exact: true }).selectOption('none')
    await isChanged
    await ask(page, QUESTION)
    assert.doesNotMatch(system(), /pirate/)
  })

  await t.test('a persona is changed and removed', async () => {
    await page.getByRole('button', { name: 'Settings' }).click()
    await dialog.getByRole('button', { name: 'Change Pirate' }).click()
    await dialog.getByLabel('Name of the persona').first().fill('Parrot')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('button', { name: 'Remove Parrot' }).click()
    await dialog.getByRole('button', { name: 'Remove for good' }).click()
    await dialog.getByRole('button', { name: 'Remove Parrot' }).waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.getByLabel('Persona', { exact: true }).waitFor({ state: 'detached' })
  })

  await t.test('a chat begins with questions that have an answer, and goes on with others', async () => {
    await page.getByRole('button', { name: 'New chat' }).click()
    const starters = page.getByRole('list', { name: 'Questions to begin with' })
    const first = starters.getByRole('button').first()
    await first.waitFor()
    const question = (await first.textContent())!
    await first.click()
    const exchange = page.getByRole('article', { name: question })
    await exchange.and(page.locator('[aria-busy=false]')).waitFor()
    const next = page.getByRole('list', { name: 'Questions to go on with' }).getByRole('button').first()
    await next.waitFor()
    assert.notEqual(await next.textContent(), question)
    await next.click()
    assert.equal(await page.getByRole('article').count(), 2)
  })

  await t.test('what one thinks of an answer is kept, with the reason', async () => {
    const exchange = page.getByRole('article').last()
    await exchange.and(page.locator('[aria-busy=false]')).waitFor()
    await exchange.getByRole('button', { name: 'Not a good answer' }).click()
    await exchange.getByLabel('What was wrong with it?').fill('Too long.')
    const kept = page.waitForResponse((response) => response.url().endsWith('/feedback'))
    await exchange.getByRole('button', { name: 'Send' }).click()
    assert.deepEqual((await kept).request().postDataJSON(), { value: 'down', reason: 'Too long.' })
    await page.reload()
    const pressed = page.getByRole('article').last().getByRole('button', { name: 'Not a good answer', pressed: true })
    await pressed.waitFor()
  })

  await t.test('an answer is pinned as a test, which tells when it is answered otherwise', async () => {
    await page.getByRole('button', { name: 'New chat' }).click()
    const answer = await ask(page, QUESTION)
    await answer.getByRole('button', { name: 'Pin as a test' }).click()
    await answer.getByRole('button', { name: 'Pinned' }).waitFor()
    await page.getByRole('button', { name: 'Settings' }).click()
    const tests = dialog.getByRole('region', { name: 'Tests', exact: true })
    await tests.getByText('not run yet').waitFor()
    await tests.getByRole('button', { name: 'Run all tests' }).click()
    await tests.getByText('1 of 1 passed.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Delete lease.md' }).click()
    await page.getByText('deleted').first().waitFor()
    await page.getByRole('button', { name: 'Settings' }).click()
    await tests.getByRole('button', { name: 'Run all tests' }).click()
    await tests.getByText('0 of 1 passed.').waitFor()
    await tests.getByText('Expected an answer, got none.').waitFor()
    await tests.getByRole('button', { name: `Remove ${QUESTION}` }).click()
    await tests.getByText('Nothing is pinned yet.').waitFor()
  })
})
