/** Reading under processes that die: a real job worker, killed again and again while a mixed set of documents is read. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDocuments } from '../../src/documents.ts'
import { openJobs } from '../../src/jobs.ts'
import { openMessages } from '../../src/lib/messages.ts'
import { MIB } from '../../src/lib/units.ts'
import { openSearch } from '../../src/search.ts'
import type { Row } from '../../src/storage.ts'
import { addPerson, freshStorage, quietLog } from '../support/folder.ts'
import { makePdf } from '../support/pdf.ts'

const KILLS = 25

test('a set of documents read under twenty-five kills of the worker is, to the last passage, what an undisturbed run makes of it', async (t) => {
  const calm = await fresh(t)
  await calm.readAll()
  const stormy = await fresh(t)
  const kills = await stormy.readUnderKills(KILLS)
  t.diagnostic(`${kills} kills`)
  assert.equal(kills, KILLS)
  assert.deepEqual(await stormy.statuses(), await calm.statuses())
  assert.equal(stormy.logicalHash(), calm.logicalHash())
  assert.equal(stormy.storage.database.get<Row>('PRAGMA integrity_check')?.['integrity_check'], 'ok')
})

async function fresh(t: TestContext) {
  const storage = freshStorage(t)
  const { database } = storage
  const messages = openMessages()
  const log = quietLog()
  const jobs = openJobs({ database, messages, log })
  const search = openSearch(storage)
  const documents = openDocuments({ storage, search, jobs, messages, log, limits: { uploadBytesMax: 10 * MIB } })
  const ana = await addPerson(storage, 'ana')
  for (const { name, bytes } of mixedSet()) {
    const stream = (async function* () {
      yield bytes
    })()
    await documents.accept(ana, { name, stream })
  }
  const start = async () => {
    const script = join(import.meta.dirname, '../support/document-worker.ts')
    const child = fork(script, [storage.folder], { execArgv: ['--no-warnings'] })
    t.after(() => child.kill('SIGKILL'))
    await once(child, 'message')
    return child
  }
  const isOver = () => {
    const { waiting, nextAt } = jobs.workWaiting()
    return !waiting && nextAt === null
  }
  const written = () => Number(database.get<Row>('SELECT total(passages) + count(*) AS n FROM readings')?.['n'])
  return {
    storage,
    async readAll(): Promise<void> {
      while (!isOver()) await once(await start(), 'exit')
    },
    /** Kills each worker once it has written something, at a moment that is different each time; then lets one finish. */
    async readUnderKills(killsMax: number): Promise<number> {
      let kills = 0
      while (!isOver()) {
        const worker = await start()
        const exited = once(worker, 'exit')
        if (kills === killsMax) {
          await exited
          continue
        }
        const before = written()
        while (written() === before && worker.exitCode === null) await sleep(2)
        await sleep((kills * 7) % 40)
        if (worker.kill('SIGKILL') && worker.exitCode === null) kills++
        await exited
      }
      return kills
    },
    async statuses() {
      const { items } = await documents.list(ana, { limit: 200 })
      const told = items.map(({ name, status, pages, passages }) => ({ name, status, pages, passages }))
      return told.toSorted((a, b) => a.name.localeCompare(b.name))
    },
    /** What was understood, without any id: SHA-256 over the sorted rows of file hash, page, range and text. */
    logicalHash(): string {
      const hash = createHash('sha256')
      const rows = database.iterate<Row>(
        `SELECT sha256, page, start, "end", passages.text FROM passages
         JOIN documents ON documents.id = document_id AND documents.reading_id = passages.reading_id
         ORDER BY sha256, page, start, "end", passages.text`,
      )
      for (const row of rows) hash.update(JSON.stringify(Object.values(row)))
      return hash.digest('hex')
    },
  }
}

function* mixedSet(): Iterable<{ name: string; bytes: Buffer }> {
  for (let n = 0; n < 6; n++) {
    const pages = Array.from({ length: 12 }, (_, page) => `Report ${n}, page ${page + 1}: room ${page * 3} is warm.`)
    yield { name: `report-${n}.pdf`, bytes: makePdf(pages) }
  }
  for (let n = 0; n < 3; n++) {
    const lines = Array.from(
      { length: 3000 },
      (_, line) => `Entry ${line} of book ${n} speaks of item ${line * (n + 2)}.`,
    )
    yield { name: `book-${n}.txt`, bytes: Buffer.from(lines.join('\n\n')) }
  }
  yield { name: 'page.html', bytes: Buffer.from('<!doctype html><h1>Rooms</h1><p>Room 7 is painted green.</p>') }
  yield { name: 'blank.txt', bytes: Buffer.from(' \n') }
}
