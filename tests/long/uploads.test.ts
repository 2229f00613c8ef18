/** Many uploads at once: what a real server holds of them, and what becomes of each. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB } from '../../src/lib/units.ts'
import { commandOf, descendants } from '../support/process.ts'
import { BOOTSTRAP_KEY, startServer, type TestServer } from '../support/server.ts'

const UPLOADS = 100
const FILE_BYTES = 4 * MIB
/** Places for background requests are 60 % of these. */
const REQUESTS_MAX = 50
/** What streams of a hundred uploads may cost a web worker, of the 400 MB that they bring. */
const GROWTH_BYTES_MAX = 64 * MIB

test('S56: of a hundred uploads at once as many are taken as there are places, on disk and not in memory, the others are told when to come back, and nothing is lost', async (t) => {
  await using server = await startServer({ args: ['--worker-requests', String(REQUESTS_MAX)] })
  const before = anonymousBytes(webWorker(server))
  using watch = watchServer(server)
  const replies = await Promise.all(Array.from({ length: UPLOADS }, (_, n) => send(server, n)))
  const { peakBytes, spoolPeakBytes } = watch
  const taken = replies.filter(({ status }) => status === 202)
  const refused = replies.filter(({ status }) => status !== 202)
  t.diagnostic(
    `${taken.length} taken, ${refused.length} refused; the worker grew by ${mb(peakBytes() - before)}, the spool to ${mb(spoolPeakBytes())}`,
  )
  assert.ok(taken.length > 0)
  for (const { status, retryAfter } of refused) {
    assert.ok(status === 429 || status === 503, `status ${status}`)
    assert.ok(Number(retryAfter) > 0, `Retry-After: ${retryAfter}`)
  }
  assert.ok(peakBytes() - before < GROWTH_BYTES_MAX)
  assert.ok(spoolPeakBytes() <= REQUESTS_MAX * (FILE_BYTES + MIB))

  // Whoever was refused comes back, as they were told.
  const again: string[] = []
  for (const { n } of refused) again.push((await sendUntilTaken(server, n)).id)
  const ids = new Set([...taken.map(({ id }) => id), ...again])
  const { items } = (await (await server.fetch('/api/documents?limit=200')).json()) as { items: { id: string }[] }
  assert.equal(ids.size, UPLOADS)
  assert.deepEqual(new Set(items.map(({ id }) => id)), ids)
})

interface Reply {
  n: number
  status: number
  retryAfter: string | null
  id: string
}

/** By hand: what is refused is answered before it was sent, and `fetch` would only tell that the line was closed. */
function send(server: TestServer, n: number): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const headers = {
    authorization: `Bearer ${BOOTSTRAP_KEY}`,
    'content-type': 'multipart/form-data; boundary=part',
  }
  const call = request(`${server.url}/api/documents`, { method: 'POST', headers }, async (response) => {
    const body = await text(response)
    const { id = '' } = JSON.parse(body) as { id?: string }
    resolve({ n, status: response.statusCode!, retryAfter: response.headers['retry-after'] ?? null, id })
  })
  call.on('error', reject)
  // Letters, so that it is a text; by chance, so that no two are the same.
  const content = randomBytes(FILE_BYTES / 2).toString('hex')
  const head = `--part\r\ncontent-disposition: form-data; name="file"; filename="upload-${n}.txt"\r\n\r\n`
  call.end(`${head}${content}\r\n--part--\r\n`)
  return promise
}

async function sendUntilTaken(server: TestServer, n: number): Promise<Reply> {
  for (;;) {
    const reply = await send(server, n)
    if (reply.status === 202) return reply
    await sleep(Number(reply.retryAfter) * 1000)
  }
}

function webWorker(server: TestServer): number {
  return descendants(server.process.pid!).find((pid) => commandOf(pid).includes('web-worker'))!
}

function anonymousBytes(pid: number): number {
  return 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1])
}

/** The worker's memory and the files in the making, every 20 ms. */
function watchServer(server: TestServer) {
  const pid = webWorker(server)
  const spool = join(server.folder, 'temporary')
  let [peak, spoolPeak, isOn] = [0, 0, true]
  void (async () => {
    for (; isOn; await sleep(20)) {
      peak = Math.max(peak, anonymousBytes(pid))
      spoolPeak = Math.max(spoolPeak, bytesIn(spool))
    }
  })()
  return {
    peakBytes: () => peak,
    spoolPeakBytes: () => spoolPeak,
    [Symbol.dispose]() {
      isOn = false
    },
  }
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0 // Made with the first upload.
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

function mb(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MB`
}
