/**
 * The server under two hundred kills of its processes, whichever they hit, the supervisor included, while a mixed set of documents is
 * uploaded and read: what comes of it is, to the last passage, what comes of an undisturbed run. A backup that was written
 * meanwhile answers the questions of docs/samples.md.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openStorage, type Row } from '../../src/storage.ts'
import { FULL_PAGE_PICTURE, makePdf as makePlannedPdf } from '../corpus/pdf.ts'
import { makeScan } from '../support/extraction.ts'
import { makePdf } from '../support/pdf.ts'
import { withTextChunk } from '../support/png.ts'
import { commandOf, descendants } from '../support/process.ts'
import { sampleFiles, sampleQuestions } from '../support/samples.ts'
import { startServer, type TestServer } from '../support/server.ts'

const KILLS = 200
/** Between two kills, at random: long enough for a page now and then, too short for a document as a rule. */
const PAUSE_MS_MAX = 2500
const KILLS_PER_UPLOAD = 4
const BACKUP_AT = 100
const READ_MS_MAX = 300_000
const PROGRAM = resolve(import.meta.dirname, '../../src/bin/knowbot.ts')

interface File {
  name: string
  bytes: Buffer
}

interface Listed {
  name: string
  status: string
  pages: object
  passages: number
  error: object | null
}

let home: string
let files: File[]
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'knowbot-kills-'))
  files = await mixedSet()
})
after(() => rm(home, { recursive: true, force: true }))

test('two hundred kills of random processes change nothing in what is read, and a backup made meanwhile answers', async (t) => {
  const calm = await readInPeace(join(home, 'calm'))
  const backup = join(home, 'backup.tar')
  const { outcome, victims } = await readUnderKills(join(home, 'stormy'), backup)
  t.diagnostic(`killed: ${victims}`)
  assert.deepEqual(outcome.listed, calm.listed)
  assert.equal(outcome.hash, calm.hash)

  const restored = join(home, 'restored')
  await knowbot('restore', backup, '--data', restored)
  await knowbot('verify', '--data', restored)
  await using server = await startServer({ folder: restored })
  await untilRead(server)
  // Of the samples alone: the other documents tell of lost property too.
  const samples = new Set(sampleFiles().map(({ name }) => name))
  const { items } = (await (await server.fetch('/api/documents?limit=200')).json()) as {
    items: { id: string; name: string }[]
  }
  const documentIds = items.filter(({ name }) => samples.has(name)).map(({ id }) => id)
  for (const asked of sampleQuestions()) await assertAnswered(server, documentIds, asked)
})

async function readInPeace(folder: string) {
  const server = await startServer({ folder })
  for (const file of files) assert.equal(await upload(server, file), true)
  const listed = await untilRead(server)
  await server.stop()
  return { listed, hash: await logicalHash(folder) }
}

async function readUnderKills(folder: string, backup: string) {
  const random = seeded(11)
  const victims: Record<string, number> = {}
  const waiting = [...files]
  let writing: Promise<unknown> | undefined
  let server = await startServer({ folder })
  const uploadNext = async () => {
    const file = waiting[0]
    // What was not acknowledged is sent again, as any client would.
    if (file && (await upload(server, file))) waiting.shift()
  }
  for (const _ of sampleFiles()) await uploadNext()
  for (let kills = 1; kills <= KILLS; kills++) {
    const uploading = kills % KILLS_PER_UPLOAD === 0 ? uploadNext() : undefined
    if (kills === BACKUP_AT) writing = knowbot('backup', backup, '--data', folder)
    await sleep(random() * PAUSE_MS_MAX)
    const pids = [server.process.pid!, ...descendants(server.process.pid!)]
    const victim = pids[Math.floor(random() * pids.length)]!
    const role = roleOf(victim, server)
    victims[role] = (victims[role] ?? 0) + 1
    if (victim === server.process.pid) {
      const exited = once(server.process, 'exit')
      process.kill(victim, 'SIGKILL')
      await exited
      await uploading
      server = await startServer({ folder })
    } else {
      kill(victim)
      await uploading
    }
  }
  await writing
  while (waiting.length > 0) await uploadNext()
  const listed = await untilRead(server)
  await server.stop()
  const outcome = { listed, hash: await logicalHash(folder) }
  return { outcome, victims: JSON.stringify(victims) }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in this moment.
  }
}

function roleOf(pid: number, server: TestServer): string {
  if (pid === server.process.pid) return 'supervisor'
  const command = commandOf(pid)
  return /web-worker|job-worker|caretaker|prepare|extraction|tesseract/.exec(command)?.[0] ?? 'other'
}

/** Whether the server has answered that it has it. */
async function upload(server: TestServer, { name, bytes }: File): Promise<boolean> {
  const form = new FormData()
  form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name)
  const response = await server.fetch('/api/documents', { method: 'POST', body: form }).catch(() => undefined)
  await response?.body?.cancel().catch(() => undefined)
  return response?.ok ?? false
}

async function untilRead(server: TestServer): Promise<Listed[]> {
  const deadline = Date.now() + READ_MS_MAX
  for (;;) {
    const { items } = (await (await server.fetch('/api/documents?limit=200')).json()) as { items: Listed[] }
    const open = items.filter(({ status }) => status !== 'ready' && status !== 'failed')
    if (open.length === 0) {
      const told = items.map(({ name, status, pages, passages, error }) => ({ name, status, pages, passages, error }))
      return told.toSorted((a, b) => a.name.localeCompare(b.name))
    }
    assert.ok(Date.now() < deadline, `still waiting: ${JSON.stringify(open)}; the log:\n${server.log().slice(-4000)}`)
    await sleep(200)
  }
}

async function assertAnswered(
  server: TestServer,
  documentIds: readonly string[],
  { question, answer, file }: ReturnType<typeof sampleQuestions>[number],
): Promise<void> {
  const response = await server.fetch('/api/ask', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question, documentIds }),
  })
  const { citations, notFound } = (await response.json()) as {
    citations: { name: string; quote: string }[]
    notFound: boolean
  }
  assert.equal(notFound, answer === 'not found', question)
  if (notFound) return
  const isThere = citations.some(({ name, quote }) => name === file && quote.replace(/\s+/g, ' ').includes(answer))
  assert.ok(isThere, `${question}: expected “${answer}” from ${file}, got ${JSON.stringify(citations)}`)
}

/** What was understood, without any id: SHA-256 over the sorted rows of file hash, page, range and text. */
async function logicalHash(folder: string): Promise<string> {
  await using storage = openStorage(folder, { role: 'web' })
  assert.equal(storage.database.get<Row>('PRAGMA integrity_check')?.['integrity_check'], 'ok')
  const hash = createHash('sha256')
  const rows = storage.database.iterate<Row>(
    `SELECT sha256, page, start, "end", passages.text FROM passages
     JOIN documents ON documents.id = document_id AND documents.reading_id = passages.reading_id
     ORDER BY sha256, page, start, "end", passages.text`,
  )
  for (const row of rows) hash.update(JSON.stringify(Object.values(row)))
  return hash.digest('hex')
}

function knowbot(...args: string[]): Promise<unknown> {
  return promisify(execFile)(process.execPath, [PROGRAM, ...args])
}

/** The samples first: what is asked of the backup. */
async function mixedSet(): Promise<File[]> {
  const { png, picture } = await makeScan()
  const scanned = { content: FULL_PAGE_PICTURE, picture }
  const made = Array.from({ length: 6 }, (_, n): File[] => [
    {
      name: `report-${n}.pdf`,
      bytes: makePdf(range(8).map((page) => `Report ${n}, page ${page}: room ${page} is warm.`)),
    },
    {
      name: `notes-${n}.txt`,
      bytes: Buffer.from(
        range(800)
          .map((line) => `Entry ${line} of book ${n}.`)
          .join('\n\n'),
      ),
    },
    {
      name: `guide-${n}.md`,
      bytes: Buffer.from(
        range(40)
          .map((part) => `# Part ${part}\n\nText ${n}.`)
          .join('\n\n'),
      ),
    },
    { name: `page-${n}.html`, bytes: Buffer.from(`<!doctype html><h1>Room ${n}</h1><p>It is painted green.</p>`) },
    { name: `scan-${n}.png`, bytes: withTextChunk(png, `copy ${n}`) },
    { name: `scanned-${n}.pdf`, bytes: makePlannedPdf([scanned, scanned], { title: `Scanned ${n}` }) },
  ])
  return [...sampleFiles(), ...made.flat(), { name: 'blank.txt', bytes: Buffer.from(' \n') }]
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index + 1)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
