/** What keeps a page busy, and how long its tasks are: thousands of documents to scroll, thousands of words that arrive. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Page } from 'playwright-core'
import { uuidv7 } from '../../src/lib/uuid.ts'

export const DOCUMENTS = 5000
export const TOKENS = 5000

/** Rows as a finished reading leaves them, beside the server that runs: at a start it would look for their originals. */
export function addDocuments(folder: string): void {
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
export const SCROLL = `(async () => {
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
export function words(): string[] {
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
  /** Microseconds on the clock. */
  dur?: number
}

export interface LongestTask {
  /** What other processes of a busy machine take in between is no stutter of ours. */
  processorMs: number
  /** What a person waits; says something on a quiet machine alone. */
  wallMs: number
}

/** Of all tasks of the page while something is done, as the browser traces them. */
export async function longestTask(page: Page, act: () => Promise<void>): Promise<LongestTask> {
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
  return {
    processorMs: Math.max(...tasks.map(({ tdur }) => (tdur ?? 0) / 1000)),
    wallMs: Math.max(...tasks.map(({ dur }) => (dur ?? 0) / 1000)),
  }
}
