/** The first view stands still while it arrives, and is small. How soon it stands is measured by `bench/first-paint.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Load, load } from '../support/page-load.ts'
import { startServer } from '../support/server.ts'
import { ADA, cannotRun, createAda, openBrowser, PHONE, TOGETHER_MS_MAX } from './support.ts'

const DESK = { viewport: { width: 1440, height: 900 } }
const SCRIPT_BYTES_MAX = 150_000
/** More than there is room for, beside chats and a persona: each list arrives in its own time. */
const DOCUMENTS = 14

test('the first view', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  await using server = await startServer()
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  const context = await browser.newContext()
  t.after(() => context.close())
  const post = async (path: string, options: Parameters<typeof context.request.post>[1]) => {
    const answer = await context.request.post(`${server.url}${path}`, options)
    assert.ok(answer.ok(), await answer.text())
    return answer
  }
  await post('/api/session', { data: { username: ADA.name, password: ADA.password } })
  for (let i = 1; i <= DOCUMENTS; i++) {
    const text = `# Record ${i}\n\nThe mill of Fenwick ground ${i} sacks of rye in that week.\n`
    const file = { name: `record-${i}.md`, mimeType: 'text/markdown', buffer: Buffer.from(text) }
    await post('/api/documents', { multipart: { file }, headers: i === DOCUMENTS ? { prefer: 'wait=60' } : {} })
  }
  await post('/api/personas', { data: { name: 'Short', instructions: 'One sentence.', active: true } })
  const { id } = (await (await post('/api/chats', { data: { title: 'Sacks of rye' } })).json()) as { id: string }
  await post(`/api/chats/${id}/messages`, { data: { content: 'How many sacks of rye did the mill grind?' } })
  const cookies = await context.cookies()

  const lists = ['.row', '.chat-row', '.persona-choice']
  for (const [view, path, who, last] of [
    ['sign-in', '/', [], ['form']],
    ['a new chat', '/', cookies, [...lists, '.suggestions']],
    ['an earlier chat', `/?chat=${id}`, cookies, [...lists, '.exchange .quote']],
  ] as const) {
    for (const [device, size] of [
      ['desk', DESK],
      ['phone', PHONE],
    ] as const) {
      await t.test(
        `nothing moves while it arrives over a slow line, in little script: ${view}, ${device}`,
        async () => {
          const seen = await load(browser, `${server.url}${path}`, { size, cookies: [...who], isSlow: true, last })
          assert.deepEqual([seen.shift, seen.moved], [0, []])
          assert.ok(seen.firstPaintMs > 0, 'The browser has told.')
          assertSmall(seen)
        },
      )
    }
  }
})

function assertSmall({ scriptBytes }: Load): void {
  assert.ok(scriptBytes > 0 && scriptBytes <= SCRIPT_BYTES_MAX, `${scriptBytes} bytes of script`)
}
