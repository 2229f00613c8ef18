/** How answers of a model arrive in the page, and what the page says when they do not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begins, refuses, says, startModelDouble } from '../support/model-double.ts'
import { startServer } from '../support/server.ts'
import {
  addFile,
  ask,
  begin,
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

test('answers of a model', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
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

  await t.test('the words of the model come with the passages they rest on', async () => {
    model.plan(says('There are ', '48 seats', ' [1].'))
    const exchange = await ask(page, QUESTION)
    await exchange.getByText('There are 48 seats').waitFor()
    const marker = exchange.getByRole('button', { name: /^Quote 1: show it in lease.txt/ })
    await marker.click()
    assert.match((await page.locator('mark').textContent()) ?? '', /48 seats/)
    await page.keyboard.press('Escape')
  })

  await t.test('Markdown is shown as what it means, and HTML as what it is', async () => {
    model.plan(
      says('There are **48', ' seats** [1]:\n\n- a view\n- <b>no', ' bold</b>\n\n![x](http://a.example/x.png)'),
    )
    const exchange = await ask(page, QUESTION)
    await exchange.locator('strong').getByText('48 seats').waitFor()
    await exchange.getByRole('listitem').getByText('<b>no bold</b>').waitFor()
    assert.equal(await exchange.locator('img, b, a').count(), 0)
  })

  await t.test('a sentence that no source bears out is named as such', async () => {
    model.plan(says('There are 48 seats [1]. The volcano erupted in 1873 [1].'))
    const exchange = await ask(page, QUESTION)
    await exchange.getByText('not found in your documents:').waitFor()
    await exchange.getByRole('listitem').getByText('The volcano erupted in 1873').waitFor()
  })

  await t.test('Escape stops the model, and what was written is kept', async () => {
    model.plan(begins(['The reading room', ' has, as far as'], 'silence'))
    const exchange = await begin(page, 'How many seats does the reading room have with a view?')
    await exchange.getByText('The reading room has, as far as').waitFor()
    await page.keyboard.press('Escape')
    await exchange.getByText('Stopped here.').waitFor()
    await model.requests.at(-1)!.abandoned
    await exchange.getByText('The reading room has, as far as').waitFor()
  })

  await t.test('a question asked meanwhile is answered next, or taken back', async () => {
    model.plan(
      begins(['The reading room'], { waitMs: 800 }, { word: ' has 48 seats [1].' }, 'done'),
      says('And the view', ' [1].'),
    )
    await begin(page, QUESTION)
    const second = await begin(page, 'What view does the reading room have?')
    const third = await begin(page, 'Which of these is taken back?')
    await third.getByRole('button', { name: 'Take back' }).click()
    await third.waitFor({ state: 'detached' })
    await second.getByText('Answered as soon as the one above is done.').waitFor()
    await second.getByText('And the view').waitFor()
  })

  await t.test('a model that does not answer is said so, and the quotes are the answer', async () => {
    model.plan(refuses(500, 'out of order'))
    const exchange = await ask(page, QUESTION)
    await exchange.getByText('The model did not answer').waitFor()
    await exchange.getByRole('figure').filter({ hasText: '48 seats' }).waitFor()
  })

  await t.test('documents that are not ticked are left out of the answer', async () => {
    model.plan(says('Nothing of the kind.'))
    await page.getByRole('checkbox', { name: 'Use lease.txt in answers' }).uncheck()
    await addFile(page, 'garden.txt', 'The greenhouse has 7 seats and no view.\n')
    await rowThatSays(page, 'garden.txt', 'ready')
    await page.getByText('Answers come from 1 of 2.').first().waitFor()
    model.plan(refuses(500, 'out of order'))
    const exchange = await ask(page, 'How many seats does the greenhouse have?')
    await exchange.getByRole('figure').filter({ hasText: '7 seats' }).waitFor()
    assert.equal(await exchange.getByText('48 seats').count(), 0)
    await page.getByRole('button', { name: 'Use all' }).click()
  })

  await t.test('eight windows at once do not keep each other from asking', async () => {
    model.plan(says('There are ', '48 seats', ' [1].'))
    const others = await Promise.all(Array.from({ length: 7 }, () => context.newPage()))
    for (const other of others) {
      await other.goto(server.url)
      await rowThatSays(other, 'lease.txt', 'ready')
    }
    const last = others.at(-1)!
    await addFile(last, 'eighth.txt', 'Brought by the eighth window.\n')
    await rowThatSays(page, 'eighth.txt', 'ready')
    await (await ask(last, QUESTION)).getByText('There are 48 seats').waitFor()
    for (const other of others) await other.close()
  })
})
