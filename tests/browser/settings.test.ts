/** The settings in the page: sessions, keys, people, and how the server does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../support/server.ts'
import { cannotRun, createAda, killWebWorker, openBrowser, PHONE, signIn, TOGETHER_MS_MAX, visit } from './support.ts'

const BOB = { name: 'Bob', password: 'seven green bottles' }

test('settings', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer()
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  const person = (name: string) => dialog.getByRole('listitem').filter({ hasText: name })
  await page.getByRole('button', { name: 'Settings' }).click()

  await t.test('a key is shown once, works, and stops working when it is revoked', async () => {
    await dialog.getByLabel('What is the new key for?').fill('nightly import')
    await dialog.getByRole('button', { name: 'Make a key' }).click()
    const key = await dialog.getByLabel('Copy the key now').inputValue()
    const asProgram = () => fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${key}` } })
    assert.equal((await asProgram()).status, 200)

    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings' }).click()
    await dialog.getByRole('button', { name: 'Revoke nightly import' }).click()
    assert.equal(await dialog.getByLabel('Copy the key now').count(), 0)
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await person('nightly import').waitFor({ state: 'detached' })
    assert.equal((await asProgram()).status, 401)
  })

  await t.test('a person is added, becomes administrator, and is removed', async () => {
    await dialog.getByLabel('Name of a new person').fill(BOB.name)
    await dialog.getByLabel('Their first password', { exact: true }).fill('short')
    await dialog.getByRole('button', { name: 'Add person', exact: true }).click()
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Their first password', { exact: true }).fill(BOB.password)
    await dialog.getByRole('button', { name: 'Add person', exact: true }).click()
    await person('Bob').getByText('member', { exact: true }).waitFor()

    await using other = await visit(browser, server.url)
    await other.page.getByLabel('Name').fill(BOB.name)
    await other.page.getByLabel('Password', { exact: true }).fill(BOB.password)
    await other.page.keyboard.press('Enter')
    await other.page.getByRole('button', { name: 'Settings' }).click()
    const his = other.page.getByRole('dialog', { name: 'Settings' })
    await his.getByText('this browser').waitFor()
    assert.equal(await his.getByRole('heading', { name: 'People' }).count(), 0, 'a member administers nothing')

    await dialog.getByRole('button', { name: 'Make Bob administrator' }).click()
    await person('Bob').getByText('administrator', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Remove Bob' }).click()
    await dialog.getByRole('button', { name: 'Remove for good' }).click()
    await person('Bob').waitFor({ state: 'detached' })
  })

  await t.test('one is signed out of another browser', async () => {
    await using other = await visit(browser, server.url, PHONE)
    await signIn(other.page)
    await other.page.getByRole('button', { name: 'Settings' }).click()
    await other.page.getByRole('dialog').getByText('Serving since').waitFor()
    const width = await other.page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(width <= PHONE.viewport.width, `${width} pixels on a phone`)

    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings' }).click()
    await dialog.getByRole('button', { name: /^Sign out of/ }).click()
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  await t.test('the death of a process is told in words', async () => {
    killWebWorker(server)
    await dialog.getByText(/a process died \(web, SIGKILL\)/).waitFor()
  })
})
