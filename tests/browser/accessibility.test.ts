/** axe finds nothing on any view: in both colour schemes, from left to right and from right to left, on a desk and on a phone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { arabic } from '../../web/messages/arabic.ts'
import { english } from '../../web/messages/english.ts'
import type { Messages } from '../../web/messages/languages.ts'
import { refuses, says, startModelDouble } from '../support/model-double.ts'
import { makePdf } from '../support/pdf.ts'
import { startServer } from '../support/server.ts'
import { ADA, addFile, cannotRun, openBrowser, PHONE, rowThatSays, TOGETHER_MS_MAX, visit } from './support.ts'

const DESK = { viewport: { width: 1440, height: 900 } }
/** What the page says, by which its parts are found. Arabic says what English says: a test of the messages keeps it so. */
const WORDS = { en: english as Messages, ar: { ...english, ...arabic } as Messages }

const WRITTEN =
  'The room has **48 seats** [1].\n\n- a view\n- `code`\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\nThe volcano erupted in 1873 [1].'

test('accessibility', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url, KNOWBOT_MODEL_KEY: 'none' },
  })
  const browser = await openBrowser()
  t.after(() => browser.close())

  // Colours are those of the scheme whatever the size; the phone adds its tabs and the reader as a modal dialog.
  for (const [language, device, size, colorScheme] of [
    ['en', 'desk', DESK, 'light'],
    ['en', 'desk', DESK, 'dark'],
    ['en', 'phone', PHONE, 'light'],
    ['ar', 'desk', DESK, 'light'],
    ['ar', 'desk', DESK, 'dark'],
    ['ar', 'phone', PHONE, 'dark'],
  ] as const) {
    const run = `${language} ${colorScheme} ${device}`
    await t.test(`axe has nothing to say about any view: ${run}`, async () => {
      const w = WORDS[language]
      // Each run with somebody of its own, who begins with nothing.
      const person = { username: `Ada ${run}`, password: ADA.password, role: 'administrator' }
      const headers = { 'content-type': 'application/json' }
      const made = await server.fetch('/api/users', { method: 'POST', headers, body: JSON.stringify(person) })
      assert.equal(made.status, 201)
      // axe comes as a string of script, which the policy of the page forbids with good reason.
      const options = { ...size, colorScheme, bypassCSP: true }
      await using visited = await visit(browser, 'about:blank', options)
      const { page } = visited
      await page.addInitScript(`localStorage.setItem('knowbot.language', '${language}')`)
      const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
      const area = async (name: string) => {
        const tab = page.getByRole('navigation', { name: w.areas }).getByRole('button', { name })
        if (device === 'phone') await tab.click()
      }
      const documents = page.getByRole('region', { name: w.documents })
      const chats = page.getByRole('region', { name: w.chats })
      const ask = async (question: string): Promise<Locator> => {
        await page.getByRole('textbox', { name: w.question }).fill(question)
        await page.keyboard.press('Enter')
        const exchange = page.getByRole('article', { name: question }).last()
        await exchange.and(page.locator('[aria-busy=false]')).waitFor()
        return exchange
      }

      await page.goto(`${server.url}/#setup=CODE`)
      await page.locator(`html[lang=${language}]`).waitFor()
      await check(page, 'set-up')
      await button(w.setupHaveAccount).click()
      await button(w.signIn).waitFor()
      await check(page, 'sign-in')
      await page.getByLabel(w.name).fill(person.username)
      await button(w.signIn).click()
      await page.getByRole('alert').waitFor()
      await check(page, 'sign-in with an error')
      await page.getByLabel(w.password, { exact: true }).fill(ADA.password)
      await button(w.signIn).click()
      await page.getByRole('heading', { name: w.welcome }).waitFor()
      await check(page, 'first conversation')

      await button(w.signOut).focus()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: w.keyboard }).waitFor()
      await check(page, 'keyboard')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill(w.pasteText)
      await check(page, 'palette')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: w.pasteText }).waitFor()
      await check(page, 'pasted text')
      await page.keyboard.press('Escape')

      // Over an empty list: what it covers of a row's buttons while it is open is not to be pressed.
      await area(w.documents)
      await documents.getByRole('button', { name: w.moreActions }).click()
      await check(page, 'documents, with the menu')
      await page.keyboard.press('Escape')

      await button(w.settings).click()
      const dialog = page.getByRole('dialog', { name: w.settings })
      await dialog.getByRole('heading', { name: w.server, exact: true }).waitFor()
      await dialog.getByLabel(w.keyName).fill(`import ${run}`)
      await dialog.getByRole('button', { name: w.makeKey }).click()
      await dialog.getByLabel(w.keyOnce).waitFor()
      await dialog
        .getByRole('button', { name: w.revokeNamed(''), exact: false })
        .first()
        .click()
      await check(page, 'settings')
      await page.keyboard.press('Escape')

      await area(w.documents)
      await addFile(page, 'lease.txt', 'The reading room has 48 seats and a view of the orchard.\n')
      await rowThatSays(page, 'lease.txt', w.ready(1))
      await addFile(page, 'nonsense.bin', Buffer.from([0, 159, 146, 150, 0, 1, 2, 3]))
      await rowThatSays(page, 'nonsense.bin', w.refused('').trim())
      await addFile(page, 'broken.pdf', `%PDF-1.7\n${'x'.repeat(2000)}`)
      await rowThatSays(page, 'broken.pdf', w.failed('').trim())
      const removed = `removed-${run.replaceAll(' ', '-')}.txt`
      await addFile(page, removed, `Away with it: ${run}.\n`)
      await button(w.deleteNamed(removed)).click()
      await button(w.undoNamed(removed)).waitFor()
      await check(page, 'documents')
      await documents.getByRole('button', { name: w.moreActions }).click()
      await button(w.deleteAll).click()
      await documents.getByText(w.deleteAllSure).waitFor()
      await check(page, 'documents, all being deleted')
      await button(w.keep).click()

      await area(w.conversation)
      await ask('Which volcano erupted near the submarine cable?')
      model.plan(refuses(500, 'out of order'), says(WRITTEN))
      const exchange = await ask('How many seats does the reading room have?')
      await check(page, 'quotes and a silent model')
      const written = await ask('How many seats does the reading room have with a view?')
      await written.locator('strong').waitFor()
      await written.getByRole('button', { name: w.answerBad }).click()
      await written.getByLabel(w.whyBad).waitFor()
      await check(page, 'written answer, and what was wrong with it')
      await written.getByRole('button', { name: w.editNamed('How many'), exact: false }).click()
      await check(page, 'a question asked anew')
      await page.keyboard.press('Escape')

      await area(w.chats)
      await button(w.moreWithChat).click()
      await chats.getByRole('button', { name: w.rename, exact: true }).click()
      await check(page, 'chats, one being renamed')
      await page.keyboard.press('Escape')
      await button(w.moreWithChat).click()
      await chats.getByRole('button', { name: w.deleteChat, exact: true }).click()
      await check(page, 'chats, one being deleted')
      await chats.getByRole('button', { name: w.keep, exact: true }).click()
      await chats.getByRole('button', { name: w.deleteAllChats, exact: true }).click()
      await chats.getByText(w.deleteAllChatsSure).waitFor()
      await check(page, 'chats, all being deleted')
      await chats.getByRole('button', { name: w.keep, exact: true }).click()

      await area(w.conversation)
      await exchange.getByRole('figure').getByRole('button').first().click()
      await page.locator('mark').waitFor()
      await check(page, 'reader')
      await page.keyboard.press('Escape')
      await area(w.documents)
      await addFile(page, 'ledgers.pdf', makePdf(['The vault holds three ledgers.']))
      await rowThatSays(page, 'ledgers.pdf', w.ready(1))
      await button(w.openNamed('ledgers.pdf')).click()
      await page.getByRole('radio', { name: w.looks.both }).check()
      await page.locator('img[data-there=true]').waitFor()
      await check(page, 'reader with a picture')
      await page.keyboard.press('Escape')

      await addFile(
        page,
        'guide.md',
        '# Guide\n\n## Hours\n\n| day | hours |\n|-|-|\n| Monday | 9 to 6 |\n\n- no dogs\n\n> Be kind.\n',
      )
      await rowThatSays(page, 'guide.md', w.ready(1))
      await button(w.openNamed('guide.md')).click()
      await page.locator('.formatted').waitFor()
      await check(page, 'reader with a formatted document')
      await page.keyboard.press('Escape')

      await page.route('**/api/me', (route) => route.abort())
      await page.reload()
      await page.getByRole('alert').waitFor()
      await check(page, 'a server that cannot be reached')
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
