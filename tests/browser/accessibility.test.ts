/** axe finds nothing on any view, in both colour schemes, on a desk and on a phone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { refuses, says, startModelDouble } from '../support/model-double.ts'
import { makePdf } from '../support/pdf.ts'
import { startServer } from '../support/server.ts'
import {
  ADA,
  addFile,
  ask,
  cannotRun,
  createAda,
  openBrowser,
  PHONE,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const DESK = { viewport: { width: 1440, height: 900 } }

const WRITTEN =
  'The room has **48 seats** [1].\n\n- a view\n- `code`\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\nThe volcano erupted in 1873 [1].'

test('accessibility', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url, KNOWBOT_MODEL_KEY: 'none' },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())

  // Colours are those of the scheme whatever the size; the phone adds its tabs and the reader as a modal dialog.
  for (const [device, size, colorScheme] of [
    ['desk', DESK, 'light'],
    ['desk', DESK, 'dark'],
    ['phone', PHONE, 'light'],
  ] as const) {
    await t.test(`axe has nothing to say about any view in ${colorScheme} on a ${device}`, async () => {
      // axe comes as a string of script, which the policy of the page forbids with good reason.
      const options = { ...size, colorScheme, bypassCSP: true }
      await using visited = await visit(browser, `${server.url}/#setup=CODE`, options)
      const { page } = visited
      await check(page, 'set-up')

      await page.getByRole('button', { name: 'Sign in instead' }).click()
      await check(page, 'sign-in')
      await page.getByLabel('Name').fill(ADA.name)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
      await check(page, 'sign-in with an error')

      await signIn(page)
      await check(page, 'first conversation')
      await page.getByRole('button', { name: 'Sign out' }).focus()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
      await check(page, 'keyboard')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('paste')
      await check(page, 'palette')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: 'Paste text' }).waitFor()
      await check(page, 'pasted text')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Settings' }).click()
      const dialog = page.getByRole('dialog', { name: 'Settings' })
      await dialog.getByText('Serving since').waitFor()
      await dialog.getByLabel('What is the new key for?').fill(`import ${colorScheme} ${device}`)
      await dialog.getByRole('button', { name: 'Make a key' }).click()
      await dialog.getByLabel('Copy the key now').waitFor()
      await dialog
        .getByRole('button', { name: /^Revoke/ })
        .first()
        .click()
      await check(page, 'settings')
      await page.keyboard.press('Escape')
      if (device === 'phone') await page.getByRole('button', { name: /^Documents/ }).click()
      await addFile(page, 'lease.txt', 'The reading room has 48 seats and a view of the orchard.\n')
      await rowThatSays(page, 'lease.txt', 'ready')
      await addFile(page, 'nonsense.bin', Buffer.from([0, 159, 146, 150, 0, 1, 2, 3]))
      await rowThatSays(page, 'nonsense.bin', 'Not added')
      await addFile(page, 'broken.pdf', `%PDF-1.7\n${'x'.repeat(2000)}`)
      await rowThatSays(page, 'broken.pdf', 'failed')
      await addFile(page, `removed-${colorScheme}-${device}.txt`, `Away with it: ${colorScheme} ${device}.\n`)
      await page.getByRole('button', { name: /^Delete removed-/ }).click()
      await page.getByRole('button', { name: /^Undo/ }).waitFor()
      await check(page, 'documents')

      if (device === 'phone') await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await ask(page, 'Which volcano erupted near the submarine cable?')
      model.plan(refuses(500, 'out of order'), says(WRITTEN))
      const exchange = await ask(page, 'How many seats does the reading room have?')
      await check(page, 'quotes and a silent model')
      const written = await ask(page, 'How many seats does the reading room have with a view?')
      await written.locator('strong').waitFor()
      await check(page, 'written answer')
      await written.getByRole('button', { name: /^Ask in other words/ }).click()
      await check(page, 'a question asked anew')
      await page.keyboard.press('Escape')
      if (device === 'phone') await page.getByRole('button', { name: 'Chats', exact: true }).click()
      await page.getByRole('button', { name: 'More to do with this chat' }).click()
      await page.getByRole('button', { name: 'Rename' }).click()
      await check(page, 'chats, one being renamed')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'More to do with this chat' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await check(page, 'chats, one being deleted')
      await page.getByRole('button', { name: 'Keep' }).click()
      if (device === 'phone') await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await exchange.getByRole('figure').getByRole('button').first().click()
      await page.locator('mark').waitFor()
      await check(page, 'reader')
      await page.keyboard.press('Escape')
      if (device === 'phone') await page.getByRole('button', { name: /^Documents/ }).click()
      await addFile(page, 'ledgers.pdf', makePdf(['The vault holds three ledgers.']))
      await rowThatSays(page, 'ledgers.pdf', 'ready')
      await page.getByRole('button', { name: 'Show the text of ledgers.pdf' }).click()
      await page.getByRole('radio', { name: 'Both' }).check()
      await page.locator('img[data-there=true]').waitFor()
      await check(page, 'reader with a picture')
      await page.keyboard.press('Escape')

      await page.evaluate(`localStorage.setItem('knowbot.language', 'ar')`)
      await page.reload()
      await page.locator('html[dir=rtl]').waitFor()
      await page.locator('.exchange').first().waitFor({ state: 'attached' })
      await check(page, 'right to left')
      await page.getByRole('button', { name: 'الإعدادات' }).click()
      await page.getByRole('heading', { name: 'الخادم' }).waitFor()
      await check(page, 'settings from right to left')
    })
  }
})

async function check(page: Page, view: string): Promise<void> {
  await page.getByRole('main').waitFor()
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    return axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  })
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  assert.deepEqual(found, [], view)
}
