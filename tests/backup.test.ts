/** One file holds everything: taken while the server works, checked byte by byte, and restored whole or not at all. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { restoreBackup, verifyBackup, verifyFolder, writeBackup } from '../src/storage.ts'
import { freshStorage } from './support/folder.ts'
import { startServer, type TestServer, upload } from './support/server.ts'
import { smallDisk } from './support/small-disk.ts'

const DOCUMENTS = 12

let place: string
let server: TestServer
let file: string
before(async () => {
  place = await mkdtemp(join(tmpdir(), 'knowbot-backup-'))
  file = join(place, 'library.knowbot')
  server = await startServer({ folder: join(place, 'data') })
  for (let index = 0; index < DOCUMENTS; index++) await upload(server, `shelf-${index}.txt`, shelf(index))
  // The copy is taken while more comes in and goes away.
  const busy = Array.from({ length: 8 }, (_, index) => upload(server, `late-${index}.txt`, shelf(1000 + index)))
  await writeBackup(server.folder, file)
  await Promise.all(busy)
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await rm(place, { recursive: true, force: true })
})

function shelf(index: number): string {
  return `Shelf ${index} of the archive holds ${index * 7 + 3} boxes of letters.\n`
}

test('a backup of a working server is whole and says what is in it', async () => {
  const found = await verifyBackup(file)
  assert.deepEqual(found.damage, [])
  assert.ok(found.documents >= DOCUMENTS)
  assert.deepEqual((await readdir(place)).sort(), ['data', 'library.knowbot'])
})

test('the server goes on, and its folder is whole', async () => {
  assert.equal((await server.fetch('/api/health')).status, 200)
  assert.deepEqual((await verifyFolder(server.folder)).damage, [])
})

test('a restored folder answers as the first one did, with the same accounts and originals', async () => {
  const folder = join(place, 'restored')
  await restoreBackup(file, folder)
  await using restored = await startServer({ folder })
  const response = await restored.fetch('/api/ask', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'How many boxes of letters does shelf 5 hold?' }),
  })
  const { citations } = (await response.json()) as { citations: { documentId: string; quote: string }[] }
  const cited = citations.find(({ quote }) => quote.includes('Shelf 5'))!
  const original = await restored.fetch(`/api/documents/${cited.documentId}/original`)
  assert.equal(await original.text(), shelf(5))
})

test('what was deleted at once after the backup is back in it', async () => {
  const { items } = (await (await server.fetch('/api/documents?limit=100')).json()) as {
    items: { id: string; name: string }[]
  }
  const gone = items.find(({ name }) => name === 'shelf-3.txt')!
  await server.fetch(`/api/documents/${gone.id}?purge=now`, { method: 'DELETE' })
  const folder = join(place, 'with-shelf-3')
  const { damage } = await restoreBackup(file, folder)
  assert.deepEqual(damage, [])
})

test('a backup ends although somebody writes without a pause', { timeout: 60_000 }, async (t) => {
  const { folder, database } = freshStorage(t)
  // Larger than what is copied in one step, so that there are writes between two steps.
  await database.write((tx) => {
    for (let n = 0; n < 10_000; n++) tx.run(`INSERT INTO journal VALUES ('large', ?, ?, 0)`, n, 'x'.repeat(4000))
  })
  const other = new DatabaseSync(join(folder, 'knowbot.sqlite'), { timeout: 5000 })
  other.exec('PRAGMA synchronous = OFF')
  const write = other.prepare(
    `INSERT INTO journal SELECT 'small', count(*), 'x', 0 FROM journal WHERE stream = 'small'`,
  )
  const writing = setInterval(() => write.run(), 1)
  t.after(() => clearInterval(writing))
  const target = join(place, 'beside-a-writer.knowbot')
  await writeBackup(folder, target)
  clearInterval(writing)
  other.close()
  assert.deepEqual((await verifyBackup(target)).damage, [])
  await rm(target)
})

test('a server that starts during a backup leaves it its files, and takes away what a killed one left', async (t) => {
  const { folder, blobs } = freshStorage(t)
  const { pid } = spawnSync(process.execPath, ['--version'])
  await mkdir(join(folder, 'temporary', `backup-${pid}-left`), { recursive: true })
  const target = join(place, 'beside-a-start.knowbot')
  let isDone = false
  const backup = writeBackup(folder, target).finally(() => {
    isDone = true
  })
  let swept = 0
  while (!isDone) swept += await blobs.sweep()
  await backup
  assert.equal(swept, 1)
  assert.deepEqual((await verifyBackup(target)).damage, [])
  await rm(target)
})

test('a backup is for the eyes of its owner, as the data folder is', async () => {
  assert.equal((await stat(file)).mode & 0o777, 0o600)
})

test('a volume that is mounted and empty is restored into', async (t) => {
  const volume = smallDisk(t, 64)
  if (volume === undefined) return
  await mkdir(join(volume, 'lost+found'))
  await restoreBackup(file, volume)
  assert.deepEqual((await readdir(volume)).sort(), ['knowbot.sqlite', 'lost+found', 'originals'])
  assert.deepEqual((await verifyFolder(volume)).damage, [])
})

test('a disk that has no room for a backup or for what is in it is called full, not damaged', async (t) => {
  const tiny = smallDisk(t, 1)
  if (tiny === undefined) return
  await writeFile(join(tiny, 'filler'), Buffer.alloc(900_000, 1))
  await assert.rejects(writeBackup(server.folder, join(tiny, 'copy.knowbot')), { code: 'disk_full' })
  await rm(join(tiny, 'filler'))
  await mkdir(join(tiny, 'data'))
  await writeFile(join(tiny, 'filler'), Buffer.alloc(900_000, 1))
  await assert.rejects(restoreBackup(file, join(tiny, 'data')), { code: 'disk_full' })
  assert.deepEqual(await readdir(join(tiny, 'data')), [])
})

test('a file or folder that is not there is named', async () => {
  await assert.rejects(verifyBackup(join(place, 'nowhere.knowbot')), /There is no file .*nowhere\.knowbot/)
  await assert.rejects(restoreBackup(join(place, 'nowhere.knowbot'), join(place, 'none')), /There is no file/)
  await assert.rejects(writeBackup(server.folder, join(place, 'nowhere', 'copy')), /There is no folder .*nowhere/)
})

test('a backup never replaces a file that is there', async () => {
  await assert.rejects(writeBackup(server.folder, file), { code: 'conflict' })
})

test('a folder with anything in it is not restored into', async () => {
  const folder = join(place, 'occupied')
  await mkdir(folder)
  await writeFile(join(folder, 'letter.txt'), 'mine')
  await assert.rejects(restoreBackup(file, folder), { code: 'conflict' })
  assert.deepEqual(await readdir(folder), ['letter.txt'])
})

const DAMAGE: readonly [string, (copy: string) => Promise<void>][] = [
  ['that breaks off', async (copy) => truncate(copy, (await readFile(copy)).length >> 1)],
  ['with one byte of an original changed', (copy) => flip(copy, 'boxes of letters')],
  ['with one byte of the database changed', (copy) => flip(copy, 'SQLite format 3')],
  ['that is something else', (copy) => writeFile(copy, 'Dear diary')],
]

for (const [what, harm] of DAMAGE) {
  test(`a backup ${what} is refused, and nothing of it is left`, async () => {
    const copy = join(place, 'harmed.knowbot')
    await writeFile(copy, await readFile(file))
    await harm(copy)
    const target = join(place, 'from-harmed')
    await assert.rejects(restoreBackup(copy, target), (error: { code: string }) =>
      /^(storage_damaged|conflict)$/.test(error.code),
    )
    assert.equal(existsSync(target), false)
    assert.deepEqual(
      (await readdir(place)).filter((name) => name.includes('restoring')),
      [],
    )
    await rm(copy)
  })
}

test('verify names the original that rotted on the disk', async () => {
  const folder = join(place, 'rotten')
  await restoreBackup(file, folder)
  const prefix = (await readdir(join(folder, 'originals')))[0]!
  const name = (await readdir(join(folder, 'originals', prefix)))[0]!
  await flip(join(folder, 'originals', prefix, name), 'boxes')
  const { damage } = await verifyFolder(folder)
  assert.deepEqual(damage, [`original ${name} is not what was written`])
})

/** Changes one byte where the text first stands. */
async function flip(path: string, text: string): Promise<void> {
  const at = (await readFile(path)).indexOf(text)
  await using handle = await open(path, 'r+')
  await handle.write('X', at)
}
