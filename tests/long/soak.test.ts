/** Ten minutes in a small container while processes are killed and hang on purpose: what was promised of a day. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { meetingPoints } from '../../src/config.ts'
import { MIB } from '../../src/lib/units.ts'
import { controlCall } from '../../src/runtime/control-client.ts'
import type { SupervisorStatus } from '../../src/runtime.ts'
import { startLoad } from '../runtime/load.ts'
import { until } from '../runtime/support.ts'
import { makeMemoryGroup, whyNoMemoryGroups } from '../support/memory-group.ts'
import { makePdf } from '../support/pdf.ts'
import { withTextChunk } from '../support/png.ts'
import { sampleFiles } from '../support/samples.ts'
import { startServer, type TestServer } from '../support/server.ts'

const SOAK_MS = 10 * 60_000
const LIMIT_BYTES = 512 * MIB
/** Accidents per second: 120 kills and 12 hangs as a rule. */
const CHAOS = 'kill=0.2,hang=0.02'
const UPLOAD_EVERY_MS = 2500
const RELOAD_EVERY_MS = 60_000
const LOOK_EVERY_MS = 500
/** What waits when the soak is over, while the accidents go on. */
const READ_MS_MAX = 300_000
const CALM_MS_MAX = 120_000

interface Listed {
  id: string
  name: string
  status: string
  pages: { total: number; done: number; unreadable: number[] }
  error: object | null
}

test('S103: ten minutes of kills, hangs, reloads and uploads in 512 MB: no job is lost, no descriptor is left, and memory is never exceeded', {
  skip: whyNoMemoryGroups() ?? false,
}, async (t) => {
  await using group = makeMemoryGroup(LIMIT_BYTES)
  const args = ['--workers', '2', '--timeout', '5', '--chaos', CHAOS]
  await using server = await startServer({ wrap: group.wrap, args })
  const { controlSocket } = meetingPoints(server.folder)
  const status = async () => (await controlCall(controlSocket, 'status')) as unknown as SupervisorStatus
  const descriptors = () => readdirSync(`/proc/${server.process.pid}/fd`).length
  const isCalm = async () => {
    const { workers } = await status()
    return workers.length === 2 && workers.every(({ role, phase }) => role === 'web' && phase === 'ready')
  }
  await until(isCalm, 'two web workers', CALM_MS_MAX)
  const before = descriptors()

  await using load = startLoad(`${server.url}/api/health`, { clients: 4 })
  const stop = AbortSignal.timeout(SOAK_MS)
  const held: number[] = []
  const acknowledged = new Map<string, string>()
  await Promise.all([
    every(UPLOAD_EVERY_MS, stop, async (n) => {
      const { name, bytes } = makeDocument(n)
      acknowledged.set(await sendUntilTaken(server, name, bytes), name)
    }),
    every(RELOAD_EVERY_MS, stop, async (n) => n > 0 && server.process.kill('SIGHUP')),
    every(LOOK_EVERY_MS, stop, async () => {
      const { memory } = await status()
      assert.ok(memory.held.total <= memory.limit.bytes, JSON.stringify(memory.held))
      held.push(memory.held.total)
    }),
  ])

  const listed = await until(
    async () => {
      const documents = await Promise.all([...acknowledged.keys()].map((id) => lookUp(server, id)))
      return documents.every((document) => document && /ready|failed/.test(document.status)) && documents
    },
    'every document to be read',
    READ_MS_MAX,
  )
  const { refused, timeout, ok, ...rest } = await load.stop()
  const { deaths } = await status()
  const kinds = Object.entries(Object.groupBy(deaths, ({ role, cause }) => `${role} ${cause}`))
  t.diagnostic(
    `${listed.length} documents; at most ${Math.round(Math.max(...held) / MIB)} MB by parts, ${Math.round(group.peakBytes() / MIB)} MB by the kernel with its file cache`,
  )
  t.diagnostic(`the latest deaths: ${kinds.map(([kind, those]) => `${kind} ${those!.length}`).join(', ')}`)
  t.diagnostic(`answers beside it: ${ok} ok, ${JSON.stringify(rest)}`)
  const lost = listed.filter((document) => document!.status !== 'ready' || document!.pages.unreadable.length > 0)
  assert.deepEqual(lost, [])
  assert.equal(group.oomKills(), 0)
  assert.deepEqual({ refused, timeout }, { refused: 0, timeout: 0 })
  assert.ok(deaths.some(({ cause }) => cause === 'signal') && deaths.some(({ cause }) => cause === 'hang'))
  await until(async () => (await isCalm()) && descriptors() <= before, `${before} descriptors again`, CALM_MS_MAX)
})

/** Of every sort in turn, each with bytes of its own. */
function makeDocument(n: number): { name: string; bytes: Buffer } {
  const scan = sampleFiles().find(({ name }) => name === 'board-minutes-scan.png')!
  const makers = [
    () => ({ name: `letter-${n}.txt`, bytes: Buffer.from(`Letter ${n}: the boiler has ${n} bar.`) }),
    () => ({
      name: `report-${n}.pdf`,
      bytes: makePdf(Array.from({ length: 12 }, (_, page) => `Report ${n}, page ${page}: it is warm.`)),
    }),
    () => ({
      name: `page-${n}.html`,
      bytes: Buffer.from(`<!doctype html><h1>Room ${n}</h1><p>It is painted green.</p>`),
    }),
    () => ({ name: `scan-${n}.png`, bytes: withTextChunk(scan.bytes, `copy ${n}`) }),
  ]
  return makers[n % makers.length]!()
}

/** What was not acknowledged is sent again, as any client would. Answers the id. */
async function sendUntilTaken(server: TestServer, name: string, bytes: Buffer): Promise<string> {
  return until(
    async () => {
      const form = new FormData()
      form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
      try {
        const response = await server.fetch('/api/documents', { method: 'POST', body: form })
        return response.ok && ((await response.json()) as Listed).id
      } catch {
        return false // The worker died with it in hand.
      }
    },
    `${name} to be taken`,
    60_000,
  )
}

async function lookUp(server: TestServer, id: string): Promise<Listed | undefined> {
  try {
    const response = await server.fetch(`/api/documents/${id}`)
    return response.ok ? ((await response.json()) as Listed) : undefined
  } catch {
    return undefined // The worker died meanwhile; the next look tells.
  }
}

async function every(pauseMs: number, stop: AbortSignal, act: (n: number) => unknown): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    await act(n)
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined) // The soak is over.
  }
}
