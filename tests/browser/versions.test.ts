/** Questions asked anew, answers written once more, and what of a chat is taken along. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
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

const LEASE = 'The reading room has 48 seats and a view of the orchard.\n'
const SEATS = 'How many seats does the reading room have?'
const VIEW = 'What does the reading room look out on?'
const ORCHARD = 'What is in the orchard?'

/** Runs in the page. */
const isBack = () => {
  const { document } = globalThis as unknown as { document: { querySelector(name: string): { value: string } | null } }
  return document.querySelector('#question')?.value === 'And how many'
}

test('versions', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url, KNOWBOT_MODEL_KEY: 'none' },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', LEASE)
  await rowThatSays(page, 'lease.txt', 'ready')
  const seats = page.getByRole('article', { name: SEATS })
  const whole = (name: string) => page.getByRole('article', { name }).and(page.locator('[aria-busy=false]'))

  await t.test('another answer is written, and the one before is one step away, also after a reload', async () => {
    model.plan(says('It has 48 seats [1].'))
    await ask(page, SEATS)
    await seats.locator('.marker').focus()
    const card = page.getByRole('tooltip')
    await card.getByText('48 seats and a view').waitFor()
    const [box, { width }] = [(await card.boundingBox())!, page.viewportSize()!]
    assert.ok(box.x >= 0 && box.x + box.width <= width, 'The card is within the window.')
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    model.plan(says('There are 48 seats [1].'))
    await seats.getByRole('button', { name: 'Another answer' }).click()
    await seats.getByText('There are 48 seats').waitFor()
    await whole(SEATS).waitFor()
    const versions = seats.getByRole('group', { name: 'Versions of the answer' })
    await versions.getByText('2/2').waitFor()
    await versions.getByRole('button', { name: 'Earlier version' }).click()
    await seats.getByText('It has 48 seats').waitFor()
    await page.reload()
    await seats.getByText('There are 48 seats').waitFor()
    await seats.getByRole('group', { name: 'Versions of the answer' }).getByText('2/2').waitFor()
  })

  await t.test('a question asked anew takes the place of the old one, which stays with what followed', async () => {
    model.plan(says('An orchard [1].'))
    await ask(page, VIEW)
    model.plan(says('Trees, perhaps.'))
    await ask(page, ORCHARD)
    const view = page.getByRole('article', { name: VIEW })
    await view.getByRole('button', { name: `Ask in other words: ${VIEW}` }).click()
    const box = view.getByRole('textbox', { name: 'Your question' })
    assert.equal(await box.inputValue(), VIEW)
    model.plan(says('The view is of the orchard [1].'))
    await box.fill('Which view has it?')
    await page.keyboard.press('Enter')
    await whole('Which view has it?').getByText('The view is of the orchard').waitFor()
    assert.equal(await page.getByRole('article', { name: ORCHARD }).count(), 0)

    const versions = page.getByRole('group', { name: 'Versions of the question' })
    await versions.getByText('2/2').waitFor()
    await versions.getByRole('button', { name: 'Earlier version' }).click()
    await page.getByRole('article', { name: ORCHARD }).waitFor()
    await page.getByText('This is an earlier version.').waitFor()
    await versions.getByRole('button', { name: 'Later version' }).click()
    await page.getByRole('article', { name: 'Which view has it?' }).waitFor()
  })

  await t.test('a chat is saved as Markdown, with its quotes as footnotes', async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'More to do with this chat' }).click()
    await page.getByRole('button', { name: 'Save as Markdown' }).click()
    const file = await download
    assert.match(file.suggestedFilename(), /^How many seats.*\.md$/)
    const text = await readFile((await file.path())!, 'utf8')
    assert.match(text, /^# How many seats does the reading room have\?\n\n## How many seats/)
    assert.match(text, /There are 48 seats \[\^1\]\./)
    assert.match(text, /\[\^1\]: lease\.txt, page 1: “/)
    assert.match(text, /\[\^2\]: lease\.txt/)
    assert.ok(!text.includes('It has 48 seats'), 'What is shown is saved.')
  })

  await t.test('what was begun to be asked waits in each chat, also after a reload', async () => {
    const box = page.getByRole('textbox', { name: 'Your question', exact: true }).last()
    await box.fill('And how many')
    await page.getByRole('button', { name: 'New chat' }).click()
    assert.equal(await box.inputValue(), '')
    await box.fill('Something else')
    await page.getByRole('link', { name: SEATS }).click()
    await page.waitForFunction(isBack)
    await page.reload()
    await page.waitForFunction(isBack)
    await page.getByRole('button', { name: 'New chat' }).click()
    assert.equal(await box.inputValue(), 'Something else')
  })
})
