/** The pane of sources: what comes in, what is used, and what goes all at once. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
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

/** As the browser does it when somebody presses the keys; a test cannot reach the clipboard. */
const PASTE = `{
  const clipboardData = new DataTransfer()
  clipboardData.setData('text/plain', 'A weathervane\\nstands on the roof.')
  document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}`

test('sources', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer()
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page, context } = visited
  await signIn(page)
  const documents = page.getByRole('region', { name: 'Documents' })
  const choose = async (words: string) => {
    await documents.getByRole('button', { name: 'More to do with documents' }).click()
    await documents.getByRole('button', { name: words }).click()
  }

  await t.test('pasted text becomes a document, named by its first line', async () => {
    await choose('Paste text')
    const dialog = page.getByRole('dialog', { name: 'Paste text' })
    await dialog
      .getByRole('textbox', { name: 'Text', exact: true })
      .fill('The mill has 3 floors.\nIts wheel was replaced.')
    await dialog.getByLabel('What to call it').fill('Mill')
    await dialog.getByRole('button', { name: 'Add as a document' }).click()
    await rowThatSays(page, 'Mill.txt', 'ready')
    const answer = await ask(page, 'How many floors does the mill have?')
    await answer.getByText('The mill has 3 floors.').first().waitFor()
  })

  await t.test('text that is pasted where nothing is typed is offered as a document', async () => {
    await documents.getByRole('heading', { name: 'Documents' }).click()
    await page.evaluate(PASTE)
    const dialog = page.getByRole('dialog', { name: 'Paste text' })
    assert.equal(await dialog.getByLabel('What to call it').inputValue(), 'A weathervane')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  await t.test('a folder brings what is in it and in its folders, save what is hidden', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'knowbot-folder-'))
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'one.txt'), 'The first note tells of pears.\n')
    await writeFile(join(folder, 'deep', 'two.txt'), 'The second note tells of plums.\n')
    await writeFile(join(folder, '.hidden.txt'), 'Nothing to read.\n')
    await page.locator('#folder-input').setInputFiles(folder)
    await rowThatSays(page, 'one.txt', 'ready')
    await rowThatSays(page, 'two.txt', 'ready')
    assert.equal(await documents.getByText('.hidden.txt').count(), 0)
    await rm(folder, { recursive: true })
  })

  await t.test('none is used but what is ticked then, and all again by one press', async () => {
    await choose('Use none')
    await documents.getByText('Answers come from 0 of 3.').waitFor()
    await documents.getByRole('checkbox', { name: 'Use one.txt in answers' }).check()
    await documents.getByText('Answers come from 1 of 3.').waitFor()
    const pears = await ask(page, 'What does the first note tell of?')
    await pears.getByText('pears').first().waitFor()
    const plums = await ask(page, 'Which note tells of plums?')
    assert.equal(await plums.getByText('The second note tells of plums.').count(), 0)
    await documents.getByRole('button', { name: 'Use all' }).click()
    await documents.getByRole('checkbox', { name: 'Use one.txt in answers' }).uncheck()
    const left = await ask(page, 'What does the first note tell of, once more?')
    assert.equal(await left.getByText('The first note tells of pears.').count(), 0)
    await documents.getByRole('button', { name: 'Use all' }).click()
  })

  await t.test('everything is deleted when that is said twice, in every window, and undo brings it back', async () => {
    const second = await context.newPage()
    await second.goto(server.url)
    await rowThatSays(second, 'Mill.txt', 'ready')

    await choose('Delete all documents')
    const question = documents.getByRole('group', { name: 'Delete all documents' })
    await question.getByRole('button', { name: 'Keep' }).click()
    await rowThatSays(page, 'Mill.txt', 'ready')
    await choose('Delete all documents')
    await question.getByRole('button', { name: 'Delete all documents' }).click()
    await documents.getByText('3 documents deleted.').waitFor()
    await documents.getByText('Drop a document here').waitFor()
    await second.getByText('Drop a document here').waitFor()
    await second.close()
    assert.deepEqual(
      ((await (await page.request.get(`${server.url}/api/documents`)).json()) as { items: unknown[] }).items,
      [],
    )

    await documents.getByRole('button', { name: 'Undo' }).click()
    await rowThatSays(page, 'Mill.txt', 'ready')
    await rowThatSays(page, 'two.txt', 'ready')
  })

  await t.test('the row that is worked on stays, however far it is scrolled away', async () => {
    for (let i = 0; i < 40; i++) await addFile(page, `leaf-${i}.txt`, `Leaf ${i} fell from the oak.\n`)
    const button = documents.getByRole('button', { name: 'Delete leaf-39.txt' })
    await button.focus()
    await documents.evaluate((pane) => pane.scrollTo(0, pane.scrollHeight))
    await documents.getByText('Mill.txt').waitFor()
    await button.and(page.locator(':focus')).waitFor({ state: 'attached' })
    assert.ok((await documents.getByRole('listitem').count()) < 40, 'What is out of sight is not drawn.')
  })
})
