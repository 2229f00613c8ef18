/** The page stays quick: while thousands of documents are scrolled and filtered, and while a long answer arrives. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { addFile, ask, cannotRun, createAda, openBrowser, rowThatSays, signIn, visit } from '../browser/support.ts'
import { says, startModelDouble } from '../support/model-double.ts'
import { startServer } from '../support/server.ts'

const DOCUMENTS = 5000
const TOKENS = 5000
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

  const longest = await longestTask(page, () => page.evaluate<void>(SCROLL))
  await documents.getByText('file-1.txt', { exact: true }).waitFor()
  assert.ok((await documents.getByRole('listitem').count()) < 100, 'What is out of sight is not drawn.')
  t.diagnostic(`scrolling: longest task ${longest.toFixed(1)} ms`)
  assert.ok(longest <= TASK_MS_MAX, `The longest task took ${longest.toFixed(1)} ms.`)

  const filter = documents.getByRole('searchbox', { name: 'Filter by name' })
  const typing = await longestTask(page, async () => {
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
  const longest = await longestTask(page, async () => {
    model.plan(says(...words()))
    await ask(page, `How many floors does the mill have? (${++run})`)
  })
  t.diagnostic(`answer: longest task ${longest.toFixed(1)} ms`)
  assert.ok(longest <= TASK_MS_MAX, `The longest task took ${longest.toFixed(1)} ms.`)
})

/** Rows as a finished reading leaves them, beside the server that runs: at a start it would look for their originals. */
function addDocuments(folder: string): void {
  const database = new DatabaseSync(join(folder, 'knowbot.sqlite'))
  const owner = database
    .prepare(`SELECT users.id AS id, collections.id AS collectionId FROM users
      JOIN collections ON collections.owner_id = users.id WHERE users.kind = 'person' LIMIT 1`)
    .get() as { id: number; collectionId: number }
  const insert =
    database.prepare(`INSERT INTO documents (public_id, owner_id, collection_id, name, type, bytes, sha256, status,
    pages_total, pages_done, created_at, ready_at) VALUES (?, ?, ?, ?, 'text', 10, ?, 'ready', 1, 1, ?, ?)`)
  const start = Date.now() - DOCUMENTS
  database.exec('BEGIN')
  for (let i = 1; i <= DOCUMENTS; i++) {
    const at = start + i
    insert.run(uuidv7(at), owner.id, owner.collectionId, `file-${i}.txt`, i.toString(16).padStart(64, '0'), at, at)
  }
  database.exec('COMMIT')
  database.close()
}

/** As a hand does it, screen by screen, until the list has nothing more. */
const SCROLL = `(async () => {
  const pane = document.querySelector('.documents')
  pane.scrollTo(0, 0)
  for (let still = 0; still < 60; ) {
    const before = pane.scrollTop
    pane.scrollBy(0, pane.clientHeight * 4)
    await new Promise(requestAnimationFrame)
    still = pane.scrollTop === before ? still + 1 : 0
  }
})()`

/** Five thousand of them in paragraphs, with markers and lists, as models write. */
function words(): string[] {
  return Array.from({ length: TOKENS }, (_, i) => {
    if (i % 120 === 119) return '.\n\n'
    if (i % 60 === 59) return ' [1].\n\n- '
    return ` word${i}`
  })
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  args: { name?: string }
  /** Microseconds of processor time. */
  tdur?: number
}

/**
 * Milliseconds of the longest task of the page while something is done. Processor time: what other processes of a busy machine
 * take in between is no stutter of ours.
 */
async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['toplevel'] })
  await act()
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] }
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) =>
      ph === 'X' && name.endsWith('RunTask') && threads.some((thread) => thread.pid === pid && thread.tid === tid),
  )
  assert.ok(tasks.length > 0, 'The trace has the tasks of the page.')
  return Math.max(...tasks.map(({ tdur }) => (tdur ?? 0) / 1000))
}
