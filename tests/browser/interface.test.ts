/** What holds the page together: its language, its colours, and the ways to everything by keyboard. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../support/server.ts'
import {
  ADA,
  addFile,
  cannotRun,
  createAda,
  openBrowser,
  PHONE,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

test('the interface', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer()
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', 'The reading room has 48 seats.\n')
  await rowThatSays(page, 'lease.txt', 'ready')
  const palette = page.getByRole('dialog', { name: 'Find and do' })
  const box = palette.getByRole('combobox')
  const direction = () => page.evaluate<string[]>('[document.documentElement.lang, document.documentElement.dir]')

  await t.test('the palette finds actions, documents and chats, and Enter does what is chosen', async () => {
    await page.keyboard.press('Control+k')
    await box.fill('keyb')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+k')
    await box.fill('lease')
    await palette.getByRole('option', { name: 'lease.txt', selected: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'lease.txt' }).waitFor()
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+k')
    await box.fill('seats in raeding room')
    const passage = palette.getByRole('option', { name: 'lease.txt, page 1' })
    await passage.waitFor()
    assert.deepEqual(await passage.locator('mark').allTextContents(), ['reading', 'room', 'seats'])
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'lease.txt' }).locator('mark').waitFor()
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+k')
    await palette.getByRole('option').nth(1).waitFor()
    await page.keyboard.press('ArrowDown')
    await palette
      .getByRole('option')
      .nth(1)
      .and(palette.getByRole('option', { selected: true }))
      .waitFor()
    await box.fill('no such thing')
    await palette.getByText('Nothing is called that.').waitFor()
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
  })

  await t.test(
    'the language is changed in the settings, at once and for good; Arabic reads from the right',
    async () => {
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByLabel('Language', { exact: true }).selectOption('ar')
      await page.getByRole('dialog', { name: 'الإعدادات' }).waitFor()
      assert.deepEqual(await direction(), ['ar', 'rtl'])
      await page.reload()
      await page.getByRole('region', { name: 'المستندات' }).waitFor()
      assert.deepEqual(await direction(), ['ar', 'rtl'])
      const sources = await page.locator('.sources').boundingBox()
      const conversation = await page.locator('.conversation').boundingBox()
      assert.ok(sources!.x > conversation!.x, 'The sources stand where lines begin.')
      await page.getByRole('button', { name: 'الإعدادات' }).click()
      await page.getByLabel('اللغة', { exact: true }).selectOption('en')
      await page.getByRole('dialog', { name: 'Settings' }).waitFor()
      await page.keyboard.press('Escape')
    },
  )

  for (const [locale, words] of [
    ['de-AT', 'Anmelden'],
    ['es-MX', 'Iniciar sesión'],
    ['fr-CA', 'Se connecter'],
    ['zh-CN', '登录'],
    ['ar-EG', 'تسجيل الدخول'],
    ['nl-NL', 'Sign in'],
  ] as const) {
    await t.test(`a browser in ${locale} is met with "${words}", and on a phone it fits`, async () => {
      await using other = await visit(browser, server.url, { ...PHONE, locale })
      await other.page.getByRole('heading', { name: words }).waitFor()
      const width = await other.page.evaluate<number>('document.documentElement.scrollWidth')
      assert.ok(width <= PHONE.viewport.width, `${width} pixels`)
    })
  }

  await t.test('dark is dark, whatever the system says', async () => {
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const before = await paper()
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel('Colours').selectOption('dark')
    assert.notEqual(await paper(), before)
    await page.getByLabel('Colours').selectOption('system')
    assert.equal(await paper(), before)
  })

  await t.test('a new password asks for the old one, and signs out every other browser', async () => {
    await using other = await visit(browser, server.url)
    await signIn(other.page)
    const dialog = page.getByRole('dialog', { name: 'Settings' })
    const change = async (current: string, password: string) => {
      await dialog.getByLabel('Password so far', { exact: true }).fill(current)
      await dialog.getByLabel('New password', { exact: true }).fill(password)
      await dialog.getByRole('button', { name: 'Change the password' }).click()
    }
    await change('a guess of mine', 'seven green pots of coffee')
    await dialog.getByText('That is not the password so far.').waitFor()
    await change(ADA.password, 'seven green pots of coffee')
    await dialog.getByText('The password is changed.').waitFor()
    await other.page.reload()
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByRole('region', { name: 'Documents' }).waitFor()
  })
})
