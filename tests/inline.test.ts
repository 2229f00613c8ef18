/** Where no process for documents can be started, or none shall be: small plain text is read all the same, and the rest says why it waits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from './runtime/support.ts'
import { freshApp, BOOTSTRAP_KEY as KEY, type TestApp } from './support/app.ts'

const UNABLE = { jobs: { state: 'cannot start', why: 'no job worker starts: spawn node EAGAIN' } } as const
const KEEPER = 'The lighthouse keeper paints on Sundays.'

test('S68: where no job worker can be started, plain text and Markdown are read by the web worker, and can be asked', async (t) => {
  const app = await freshApp(t, { isWorking: false })
  app.stand(UNABLE)
  const text = await app.upload(KEY, 'keeper.txt', KEEPER)
  assert.deepEqual([text.status, text.body.status, text.body.waiting], [201, 'ready', null])
  const markdown = await app.upload(KEY, 'hours.md', '# Hours\n\nThe reading room opens at nine.\n')
  assert.deepEqual([markdown.status, markdown.body.name, markdown.body.pages.done], [201, 'hours.md', 1])
  const { body } = await app.call(KEY, 'POST', '/api/ask', {
    body: { question: 'When does the lighthouse keeper paint?' },
  })
  assert.equal(body.citations[0].documentId, text.body.id)
})

test('S68: what needs a process of its own waits and says why; it is read as soon as one can be started', async (t) => {
  const app = await freshApp(t, { isWorking: false })
  app.stand(UNABLE)
  const waiting = await Promise.all([
    send(app, 'page.html', '<!doctype html><p>The archive is in the cellar.</p>'),
    send(app, 'large.txt', KEEPER.repeat(7000)),
    send(app, 'latin.txt', Buffer.from('Die B\u00fccherei \u00f6ffnet um neun Uhr.', 'latin1')),
  ])
  const look = async (id: string) => (await app.call(KEY, 'GET', `/api/documents/${id}`)).body
  for (const id of waiting) {
    const { waiting: why } = await until(async () => {
      const document = await look(id)
      return document.waiting?.reason === 'no_worker' || document.waiting?.reason === 'retry' ? document : undefined
    }, 'the reason')
    assert.match(why.message, /no job worker starts: spawn node EAGAIN|Only UTF-8/)
  }
  app.stand({})
  const stop = new AbortController()
  const working = app.knowbot.runJobs(stop.signal)
  await until(
    async () => (await look(waiting[0]!)).status === 'ready' && (await look(waiting[1]!)).status === 'ready',
    'both read',
    30_000,
  )
  stop.abort()
  await working
})

test('asked to, web workers read inline though others could, call nobody, and say so', async (t) => {
  const app = await freshApp(t, { config: { indexing: 'inline' } })
  const { body: ready } = await app.call(undefined, 'GET', '/api/ready')
  assert.deepEqual([ready.mode, ready.checks.jobs], ['inline', 'ok'])
  assert.match(ready.reason, /KNOWBOT_INDEXING/)
  assert.equal((await app.upload(KEY, 'keeper.txt', KEEPER)).body.status, 'ready')
  const id = await send(app, 'page.html', '<!doctype html><p>The archive is in the cellar.</p>')
  assert.equal((await app.call(KEY, 'GET', `/api/documents/${id}`)).body.waiting.reason, 'no_worker')
})

test('told to read in the background, nothing is read inline: it waits and says why', async (t) => {
  const app = await freshApp(t, { isWorking: false, config: { indexing: 'background' } })
  app.stand(UNABLE)
  const id = await send(app, 'keeper.txt', KEEPER)
  const { body } = await app.call(KEY, 'GET', `/api/documents/${id}`)
  assert.deepEqual([body.status, body.waiting.reason], ['queued', 'no_worker'])
})

async function send(app: TestApp, name: string, content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([content]), name)
  const { status, body } = await app.call(KEY, 'POST', '/api/documents', { body: form })
  assert.equal(status, 202)
  return body.id
}
