/** What was acknowledged stays: kill -9 of any process while 20 documents are uploaded and read, then a new start. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf, descendants } from '../support/process.ts'
import { startServer, type TestServer } from '../support/server.ts'

const DOCUMENTS = 20
const END_MS_MAX = 120_000

interface Listed {
  id: string
  status: string
  error: { code: string; message: string } | null
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'knowbot-kill-'))
})
after(() => rm(folder, { recursive: true, force: true }))

// Who dies, by a word of its command line; `supervisor` is the process that was started.
const VICTIMS = ['supervisor', 'web-worker', 'job-worker', 'extraction'] as const

for (const victim of VICTIMS) {
  test(`after a kill -9 of the ${victim} every acknowledged document reaches ready or failed`, async () => {
    const home = join(folder, victim)
    const acknowledged = new Set<string>()
    await using first = await startServer({ folder: home })
    const uploads = Array.from({ length: DOCUMENTS }, (_, index) => send(first, victim, index, acknowledged))
    const killer = killWhenSeen(first, victim, () => acknowledged.size >= 3)
    await Promise.allSettled(uploads)
    await killer
    // A dead supervisor takes its children along; of anybody else the server recovers, and is then stopped as by a power cut.
    await first.stop('SIGKILL')

    await using second = await startServer({ folder: home })
    const listed = await listUntilDone(second)
    for (const id of acknowledged) assert.ok(listed.has(id), `${id} was acknowledged and is gone`)
    for (const { status, error } of listed.values()) {
      assert.ok(status === 'ready' || (status === 'failed' && error?.message), `${status} without a reason`)
    }
    assert.ok(acknowledged.size >= 3, 'the kill came before anything was acknowledged')
  })
}

async function send(server: TestServer, victim: string, index: number, acknowledged: Set<string>): Promise<void> {
  const form = new FormData()
  const lines = Array.from(
    { length: 400 },
    (_, line) => `${victim} ${index}: shelf ${line} holds ${index * 1000 + line} books.`,
  )
  form.set('file', new Blob([lines.join('\n')]), `inventory-${index}.txt`)
  await sleep(index * 60)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form })
  if (response.status === 202) acknowledged.add(((await response.json()) as { id: string }).id)
}

async function killWhenSeen(server: TestServer, victim: string, isTime: () => boolean): Promise<void> {
  const deadline = Date.now() + END_MS_MAX
  while (Date.now() < deadline) {
    const pid = victim === 'supervisor' ? server.process.pid : findDescendant(server.process.pid!, victim)
    if (isTime() && pid !== undefined) {
      process.kill(pid, 'SIGKILL')
      return
    }
    await sleep(5)
  }
  assert.fail(`no ${victim} was seen`)
}

function findDescendant(root: number, word: string): number | undefined {
  return descendants(root).find((pid) => commandOf(pid).includes(word))
}

async function listUntilDone(server: TestServer): Promise<Map<string, Listed>> {
  const deadline = Date.now() + END_MS_MAX
  for (;;) {
    const { items } = (await (await server.fetch('/api/documents?limit=100')).json()) as { items: Listed[] }
    const isDone = items.every(({ status }) => status === 'ready' || status === 'failed')
    if (isDone) return new Map(items.map((item) => [item.id, item]))
    assert.ok(
      Date.now() < deadline,
      `still waiting: ${JSON.stringify(items.filter(({ status }) => status !== 'ready'))}`,
    )
    await sleep(200)
  }
}
