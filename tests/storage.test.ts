import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { KnowBotError } from '../src/errors.ts'
import { MIB } from '../src/lib/units.ts'
import { inspectVolume, migrate, openStorage, type Storage, type Transaction } from '../src/storage.ts'
import { freshFolder, freshStorage } from './support/folder.ts'
import { fillUp, smallDisk } from './support/small-disk.ts'

test('what was written is there when the write has resolved, and for another connection', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  await storage.database.write((tx) => note(tx, 'a'))
  const other = openStorage(folder, { role: 'job' })
  assert.deepEqual(notes(other), ['a'])
  await other[Symbol.asyncDispose]()
})

test('the writes of one tick share one transaction, and one that throws undoes itself alone', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  const before = commits(folder)
  const results = await Promise.allSettled([
    storage.database.write((tx) => note(tx, 'a')),
    storage.database.write((tx) => {
      note(tx, 'b')
      throw new Error('no')
    }),
    storage.database.write((tx) => note(tx, 'c')),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(notes(storage), ['a', 'c'])
  assert.equal(commits(folder) - before, 1)
})

test('what waits for a commit is called once it is on disk, and never for a change that was undone', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  const called: string[] = []
  const other = openStorage(folder, { role: 'web' })
  t.after(() => other[Symbol.asyncDispose]())
  await Promise.allSettled([
    storage.database.write((tx) => {
      note(tx, 'kept')
      tx.afterCommit(() => called.push(...notes(other)))
    }),
    storage.database.write((tx) => {
      tx.afterCommit(() => called.push('undone'))
      throw new Error('no')
    }),
  ])
  assert.deepEqual(called, ['kept'])
})

test('a change that awaits is refused, because its transaction would end before it', async (t) => {
  const storage = freshStorage(t)
  await assert.rejects(
    storage.database.write(async (tx) => note(tx, 'a')),
    /must not await/,
  )
  assert.deepEqual(notes(storage), [])
})

test('while another process holds the lock the event loop goes on, and the write follows', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  const holder = await holdLock(folder, 400)
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  await storage.database.write((tx) => note(tx, 'after'))
  clearInterval(timer)
  await holder.ended
  assert.deepEqual(notes(storage), ['after'])
  // The lock was held for 400 ms: a loop that waits in it would not have turned at all.
  assert.ok(turns >= 10, `the loop turned ${turns} times`)
})

test('a lock that stays for more than five seconds is told as storage_busy, and reading goes on', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  await storage.database.write((tx) => note(tx, 'before'))
  const holder = await holdLock(folder, 6000)
  const write = storage.database.write((tx) => note(tx, 'never'))
  assert.deepEqual(notes(storage), ['before'])
  await assert.rejects(write, (error: KnowBotError) => error.code === 'storage_busy' && error.retryAfterS === 2)
  await holder.ended
  await storage.database.write((tx) => note(tx, 'again'))
  assert.deepEqual(notes(storage), ['before', 'again'])
})

test('what is acknowledged was synced to the disk before, as the system calls show', (t) => {
  // Asked of a program that cannot fail: what goes wrong with ours is not a reason to skip.
  if (spawnSync('strace', ['true']).status !== 0) return t.skip('needs strace, and the right to trace')
  const folder = freshFolder(t)
  migrate(folder)
  const script = join(import.meta.dirname, 'support/write-once.ts')
  const options = ['-f', '-y', '-s', '16', '-e', 'trace=pwrite64,fdatasync,fsync,write']
  const trace = spawnSync('strace', [...options, process.execPath, '--no-warnings', script, folder], {
    encoding: 'utf8',
  })
  assert.equal(trace.status, 0, trace.stderr)
  const calls = trace.stderr.split('\n')
  const written = calls.findLastIndex((call) => /pwrite64\(\d+<.*-wal>/.test(call))
  const acknowledged = calls.findIndex((call) => call.includes('write(1<') && call.includes('"acknowledged"'))
  const synced = calls.findIndex(
    (call, at) => at > written && /(fdatasync\(\d+<.*-wal>|fdatasync resumed).*= 0/.test(call),
  )
  assert.ok(written > 0 && written < synced && synced < acknowledged, `${written} < ${synced} < ${acknowledged}`)
})

test('a long batch is committed in parts, in the order asked for', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  const before = commits(folder)
  const slow = (tx: Transaction, text: string) => {
    note(tx, text)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15)
  }
  await Promise.all(['1', '2', '3', '4', '5', '6'].map((text) => storage.database.write((tx) => slow(tx, text))))
  assert.deepEqual(notes(storage), ['1', '2', '3', '4', '5', '6'])
  assert.ok(commits(folder) - before >= 3, `${commits(folder) - before} transactions`)
})

test('a job worker keeps the log small, a web worker leaves it alone', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  await storage.database.write((tx) => note(tx, 'x'.repeat(9 * MIB)))
  assert.ok(storage.database.walBytes() > 9 * MIB)
  const job = openStorage(folder, { role: 'job' })
  await job.database.write((tx) => note(tx, 'small'))
  await job[Symbol.asyncDispose]()
  await storage.database.write((tx) => note(tx, 'small'))
  // The log starts over from its beginning once everything is in the file: its content, not the size of its file, shrinks.
  const { log } = storage.database.get<{ log: number }>('PRAGMA wal_checkpoint(PASSIVE)')!
  assert.ok(log < 10, `${log} pages in the log`)
})

test('a migration makes the folder once, and refuses one that a newer program wrote, whole', (t) => {
  const folder = freshFolder(t)
  const first = migrate(folder)
  assert.equal(first.from, 0)
  assert.deepEqual(migrate(folder), { from: first.to, to: first.to })
  assert.equal(statSync(join(folder, 'knowbot.sqlite')).mode & 0o777, 0o600)

  const file = new DatabaseSync(join(folder, 'knowbot.sqlite'))
  file.exec('PRAGMA user_version = 99')
  file.close()
  const bytes = readFileSync(join(folder, 'knowbot.sqlite'))
  assert.throws(() => migrate(folder), {
    code: 'storage_newer',
    message: /has schema 99, this program knows up to \d+\. Start the newer version/,
  })
  assert.deepEqual(readFileSync(join(folder, 'knowbot.sqlite')), bytes)
})

test('a file that is no database is told as damaged', (t) => {
  const folder = freshFolder(t)
  migrate(folder)
  writeFileSync(join(folder, 'knowbot.sqlite'), randomBytes(8192))
  assert.throws(() => openStorage(folder, { role: 'web' }), { code: 'storage_damaged' })
  assert.throws(() => migrate(folder), { code: 'storage_damaged' })
})

test('an original is kept under its hash, once, however often it comes', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  const bytes = randomBytes(200_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  for (const _ of [1, 2]) {
    await using writer = await storage.blobs.create()
    for (let at = 0; at < bytes.length; at += 60_000) await writer.write(bytes.subarray(at, at + 60_000))
    assert.deepEqual(await writer.keep(), { sha256, bytes: bytes.length })
  }
  assert.deepEqual(readFileSync(storage.blobs.path(sha256)), bytes)
  assert.deepEqual(await Array.fromAsync(storage.blobs.list()), [sha256])
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
  assert.ok(storage.blobs.has(sha256))
  storage.blobs.remove(sha256)
  storage.blobs.remove(sha256)
  assert.equal(storage.blobs.has(sha256), false)
})

test('the folders of originals are made beforehand, and one that is missing by the upload that needs it', async (t) => {
  const { folder, blobs } = freshStorage(t)
  await blobs.makeFolders()
  const prefixes = readdirSync(join(folder, 'originals'))
  assert.equal(prefixes.length, 256)
  for (const prefix of prefixes) rmSync(join(folder, 'originals', prefix), { recursive: true })
  await using writer = await blobs.create()
  await writer.write(Buffer.from('some bytes'))
  const { sha256 } = await writer.keep()
  assert.deepEqual(await Array.fromAsync(blobs.list()), [sha256])
})

test('what was not kept leaves nothing behind, and what a killed process left is swept', async (t) => {
  const storage = freshStorage(t)
  const { folder } = storage
  {
    await using writer = await storage.blobs.create()
    await writer.write(randomBytes(1000))
  }
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
  mkdirSync(join(folder, 'temporary', 'reader-1'))
  writeFileSync(join(folder, 'temporary', 'reader-1', 'page'), 'x')
  assert.equal(await storage.blobs.sweep(), 1)
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
})

test('a full disk refuses with disk_full, keeps what was there, and the reserve lets a delete through', async (t) => {
  const folder = smallDisk(t, 24)
  if (!folder) return
  migrate(folder)
  // The reserve is laid down by hand: 24 MB are below the mark at which it is made.
  writeFileSync(join(folder, 'reserve'), randomBytes(4 * MIB))
  const storage = openStorage(folder, { role: 'web' })
  t.after(() => storage[Symbol.asyncDispose]())
  await storage.database.write((tx) => note(tx, 'kept'))

  await assert.rejects(storage.space.assertRoom(50 * MIB), { code: 'disk_full', message: /Expected room for 50 MB/ })
  await assert.rejects(
    async () => {
      await using writer = await storage.blobs.create()
      for (let megabytes = 0; megabytes < 40; megabytes++) await writer.write(randomBytes(MIB))
    },
    { code: 'disk_full' },
  )

  fillUp(folder)
  await storage.database.write((tx) => note(tx, 'thanks to the reserve'))
  assert.equal(storage.space.releaseReserve(), false, 'the reserve was given back')
  fillUp(folder)
  await assert.rejects(
    storage.database.write((tx) => note(tx, 'x'.repeat(MIB))),
    { code: 'disk_full' },
  )
  assert.deepEqual(notes(storage), ['kept', 'thanks to the reserve'])
})

const ROOT = '22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/l'
const MOUNTS: [string, string, { fileSystem: string; isNetwork: boolean; isEphemeral: boolean }][] = [
  ['the layer of a container', ROOT, { fileSystem: 'overlay', isNetwork: false, isEphemeral: true }],
  [
    'a volume on the folder itself',
    `${ROOT}\n30 22 8:1 /vol FOLDER rw - ext4 /dev/sda1 rw`,
    { fileSystem: 'ext4', isNetwork: false, isEphemeral: false },
  ],
  [
    'a share mounted above the folder',
    `${ROOT}\n30 22 0:44 / TEMPORARY rw - nfs4 server:/export rw`,
    { fileSystem: 'nfs4', isNetwork: true, isEphemeral: false },
  ],
  [
    'a share through FUSE',
    `${ROOT}\n30 22 0:44 / FOLDER rw - fuse.sshfs host:/ rw`,
    { fileSystem: 'fuse.sshfs', isNetwork: true, isEphemeral: false },
  ],
  [
    'the later of two mounts on one point',
    `${ROOT}\n30 22 8:1 / FOLDER rw - ext4 /dev/a rw\n31 30 0:50 / FOLDER rw - tmpfs tmpfs rw`,
    { fileSystem: 'tmpfs', isNetwork: false, isEphemeral: true },
  ],
  [
    'a mount beside the folder, whose name begins alike',
    `${ROOT}\n30 22 8:1 / FOLDER-2 rw - nfs server:/ rw`,
    { fileSystem: 'overlay', isNetwork: false, isEphemeral: true },
  ],
]

for (const [name, mountInfo, expected] of MOUNTS) {
  test(`the volume of a folder is told from the mounts: ${name}`, (t) => {
    const folder = join(freshFolder(t), 'with space')
    mkdirSync(folder)
    const text = mountInfo
      .replaceAll('FOLDER', folder.replaceAll(' ', '\\040'))
      .replaceAll('TEMPORARY', join(folder, '..'))
    const { mountPoint: _, ...volume } = inspectVolume(folder, text)
    assert.deepEqual(volume, expected)
  })
}

test('where the mounts are not told, nothing is claimed about the volume', (t) => {
  const volume = inspectVolume(freshFolder(t), '')
  assert.deepEqual(volume, { fileSystem: 'unknown', mountPoint: '/', isNetwork: false, isEphemeral: false })
})

test('where a quota has no room for the reserve, no part of one is left and nothing is stopped', (t) => {
  const folder = freshFolder(t)
  const door = join(import.meta.dirname, '../src/storage.ts')
  const script = `const { openSpace } = await import(${JSON.stringify(door)}); await openSpace(process.argv[1]).restoreReserve()`
  const node = [process.execPath, '--no-warnings', '--input-type=module', '--eval', script, folder]
  // A limit on the size of files refuses as a quota does: the file system has room, and the write fails half-way.
  const { status, stderr, error } = spawnSync('prlimit', [`--fsize=${4 * MIB}`, ...node], { encoding: 'utf8' })
  if (error) return t.skip('needs prlimit (util-linux)')
  assert.equal(status, 0, stderr)
  assert.deepEqual(readdirSync(folder), [])
})

/** The journal serves as a table for anything. */
function note(tx: Transaction, text: string): void {
  const { n } = tx.get<{ n: number }>('SELECT count(*) AS n FROM journal')!
  tx.run('INSERT INTO journal (stream, seq, events, created_at) VALUES (?, ?, ?, 0)', 'notes', n, text)
}

function notes(storage: Storage): string[] {
  return storage.database.all<{ events: string }>('SELECT events FROM journal ORDER BY seq').map(({ events }) => events)
}

/** How many transactions the write-ahead log holds: frames whose header tells the size of the database (sqlite.org/fileformat2.html §4.1). */
function commits(folder: string): number {
  const wal = readFileSync(join(folder, 'knowbot.sqlite-wal'))
  let count = 0
  for (let at = 32; at + 24 <= wal.length; at += 24 + 4096) if (wal.readUInt32BE(at + 4) > 0) count++
  return count
}

/** Another process that holds the write lock for so long; resolves once it does. */
async function holdLock(folder: string, ms: number): Promise<{ ended: Promise<unknown> }> {
  const script = join(import.meta.dirname, 'support/lock-holder.ts')
  const child = fork(script, [folder, String(ms)], { execArgv: ['--no-warnings'] })
  const ended = once(child, 'exit')
  await once(child, 'message')
  return { ended }
}
