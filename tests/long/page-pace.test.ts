/** The page stays quick: while thousands of documents are scrolled and filtered, and while a long answer arrives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addFile, ask, cannotRun, createAda, openBrowser, rowThatSays, signIn, visit } from '../browser/support.ts'
import { says, startModelDouble } from '../support/model-double.ts'
import { addDocuments, DOCUMENTS, longestTask, SCROLL, TOKENS, words } from '../support/page-pace.ts'
import { startServer } from '../support/server.ts'

/** What a person does not feel while typing. */
const TASK_MS_MAX = 50

test(`${DOCUMENTS} documents are scrolled and filtered without a stutter`, {
  skip: cannotRun,
  timeout: 300_000,
}, async (t) => {
  await using server = await startServer()
  await createAda(server)
  addDocuments(server.folder)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await rowThatSays(page, `file-${DOCUMENTS}.txt`, 'ready')
  const documents = page.getByRole('region', { name: 'Documents' })

  const { processorMs: longest } = await longestTask(page, () => page.evaluate<void>(SCROLL))
  await documents.getByText('file-1.txt', { exact: true }).waitFor()
  assert.ok((await documents.getByRole('listitem').count()) < 100, 'What is out of sight is not drawn.')
  t.diagnostic(`scrolling: longest task ${longest.toFixed(1)} ms`)
  assert.ok(longest <= TASK_MS_MAX, `The longest task took ${longest.toFixed(1)} ms.`)

  const filter = documents.getByRole('searchbox', { name: 'Filter by name' })
  const { processorMs: typing } = await longestTask(page, async () => {
    await filter.fill('')
    await filter.pressSequentially('file-4321')
    await documents.getByRole('listitem').nth(1).waitFor({ state: 'detached' })
    await documents.getByText('file-4321.txt').waitFor()
  })
  t.diagnostic(`filtering: longest task ${typing.toFixed(1)} ms`)
  assert.ok(typing <= TASK_MS_MAX, `The longest task took ${typing.toFixed(1)} ms.`)
})

test(`an answer of ${TOKENS} tokens arrives without a task that is felt`, {
  skip: cannotRun,
  timeout: 300_000,
}, async (t) => {
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
  await addFile(page, 'mill.txt', 'The mill has 3 floors and a wheel.\n')
  await rowThatSays(page, 'mill.txt', 'ready')
  let run = 0
  const { processorMs: longest } = await longestTask(page, async () => {
    model.plan(says(...words()))
    await ask(page, `How many floors does the mill have? (${++run})`)
  })
  t.diagnostic(`answer: longest task ${longest.toFixed(1)} ms`)
  assert.ok(longest <= TASK_MS_MAX, `The longest task took ${longest.toFixed(1)} ms.`)
})
