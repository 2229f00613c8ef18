/** A document that kills whoever reads it, in a queue of a hundred, with a real server. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FULL_PAGE_PICTURE, makePdf } from '../corpus/pdf.ts'
import { until } from '../runtime/support.ts'
import { makeScan } from '../support/extraction.ts'
import { commandOf, descendants } from '../support/process.ts'
import { startServer, type TestServer } from '../support/server.ts'

const OTHERS = 99
const READ_MS_MAX = 600_000

interface Listed {
  name: string
  status: string
  error: { code: string; message: string } | null
}

test('a document that kills its reader every time fails with the reason after its attempts, and the other 99 are ready', async (t) => {
  await using server = await startServer()
  const poison = makePdf([{ content: FULL_PAGE_PICTURE, picture: (await makeScan()).picture }])
  using killer = killReadersOf(server, createHash('sha256').update(poison).digest('hex'))
  await send(server, 'poison.pdf', poison)
  for (let n = 0; n < OTHERS; n++) await send(server, `letter-${n}.txt`, `Letter ${n}: the boiler has ${n} bar.`)

  const listed = await until(() => allRead(server), 'every document to be read', READ_MS_MAX)
  const failed = listed.filter(({ status }) => status === 'failed')
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['poison.pdf'],
  )
  assert.match(failed[0]!.error!.message, /The reader ended without a result \(SIGILL\)/)
  assert.equal(listed.filter(({ status }) => status === 'ready').length, OTHERS)
  t.diagnostic(
    `readers that died of it: ${killer.killed().size}; of those that looked at its headers: ${killer.examining().size}`,
  )
  // Two that died before they could say how many pages there are, or three of the page.
  assert.ok(killer.killed().size >= 2 && killer.killed().size <= 3)
})

/** What a fault in a library would do, at the moment in which it meets the document. */
function killReadersOf(server: TestServer, sha256: string) {
  const killed = new Set<number>()
  const examining = new Set<number>()
  let isOn = true
  void (async () => {
    for (; isOn; await sleep(5)) {
      for (const pid of descendants(server.process.pid!)) {
        const [, work] = /extraction\/child\.ts (\w+)/.exec(commandOf(pid)) ?? []
        if (killed.has(pid) || work === undefined || !hasOpen(pid, sha256)) continue
        process.kill(pid, 'SIGILL')
        // Whoever looks at the headers is not asked twice, and finds nothing that would count against the document.
        if (work === 'examine') examining.add(pid)
        else killed.add(pid)
      }
    }
  })()
  return {
    killed: () => killed,
    examining: () => examining,
    [Symbol.dispose]() {
      isOn = false
    },
  }
}

function hasOpen(pid: number, name: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith(name))
  } catch {
    return false // It, or the file, was closed meanwhile.
  }
}

async function send(server: TestServer, name: string, bytes: Buffer | string): Promise<void> {
  const form = new FormData()
  form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form })
  assert.equal(response.status, 202, await response.text())
}

async function allRead(server: TestServer): Promise<Listed[] | false> {
  const { items } = (await (await server.fetch('/api/documents?limit=200')).json()) as { items: Listed[] }
  return items.length === OTHERS + 1 && items.every(({ status }) => status === 'ready' || status === 'failed') && items
}
