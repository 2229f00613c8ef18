import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DocumentView, openDocuments, prepareDocuments } from '../src/documents.ts'
import { openJobs } from '../src/jobs.ts'
import { openMessages } from '../src/lib/messages.ts'
import { MIB, MINUTE_MS } from '../src/lib/units.ts'
import { openSearch } from '../src/search.ts'
import type { Row, Storage } from '../src/storage.ts'
import { addPerson, freshStorage, type Person, quietLog } from './support/folder.ts'
import { makePdf } from './support/pdf.ts'
import { fillUp, makeRoom, smallDisk } from './support/small-disk.ts'

const LETTER =
  'The boiler of house 7 was replaced in May.\n\nIts pressure is 1.5 bar. The plumber was called Ferreira.\n'

test('an upload is kept, queued at once, and becomes a document that is found', async (t) => {
  const { documents, ana, work, find, folder } = await fresh(t)
  const { document, outcome } = await documents.accept(ana, file('letter.txt', LETTER))
  assert.equal(outcome, 'created')
  assert.deepEqual([document.status, document.name, document.bytes], ['queued', 'letter.txt', LETTER.length])
  const sha256 = createHash('sha256').update(LETTER).digest('hex')
  assert.equal(readFileSync(join(folder, 'originals', sha256.slice(0, 2), sha256), 'utf8'), LETTER)

  await work()
  const ready = await documents.get(ana, document.id)
  assert.equal(ready.status, 'ready')
  assert.deepEqual(ready.pages, { total: 1, done: 1, unreadable: [] })
  assert.ok(ready.passages > 0 && ready.readyAt !== null && ready.error === null)

  const [hit] = await find(ana, 'boiler pressure')
  assert.equal(hit?.documentId, document.id)
  const page = await documents.page(ana, document.id, 1)
  assert.equal(page.text.slice(hit!.start, hit!.end), hit!.text)
  assert.deepEqual([page.source, page.page], ['text', 1])
})

test('the name of a file is data: shown without its folders, never used as a path', async (t) => {
  const { documents, ana, folder } = await fresh(t)
  const { document } = await documents.accept(ana, file('../../../etc/cron.d/x\0y.txt', LETTER))
  assert.equal(document.name, 'xy.txt')
  const { path } = await documents.original(ana, document.id)
  assert.ok(path.startsWith(folder))
})

test('a file that is too large is refused as soon as that is known, and leaves nothing behind', async (t) => {
  const { documents, ana, folder } = await fresh(t)
  const endless = {
    name: 'endless.txt',
    stream: (async function* () {
      for (;;) yield Buffer.alloc(65_536, 'a ')
    })(),
  }
  const tooLarge = { code: 'document_too_large', message: /Expected at most 2 MB/ }
  await assert.rejects(documents.accept(ana, endless), tooLarge)
  await assert.rejects(documents.accept(ana, { ...file('declared.txt', ''), declaredBytes: 3 * MIB }), tooLarge)
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
  assert.deepEqual((await documents.list(ana)).items, [])
})

test('a file of an unknown type is refused after its first four kilobytes', async (t) => {
  const { documents, ana } = await fresh(t)
  let sent = 0
  const stream = (async function* () {
    for (; sent < MIB; sent += 4096) yield randomBytes(4096)
  })()
  const refusal = { code: 'unsupported_file_type', message: /content of secret\.pdf is none of them/ }
  await assert.rejects(documents.accept(ana, { name: 'secret.pdf', stream }), refusal)
  assert.equal(sent, 0)
})

test('an empty file is refused', async (t) => {
  const { documents, ana } = await fresh(t)
  await assert.rejects(documents.accept(ana, file('nothing.txt', '')), { code: 'document_empty' })
})

test('an upload that breaks off is no document', async (t) => {
  const { documents, ana, folder } = await fresh(t)
  const stream = (async function* () {
    yield Buffer.from(LETTER)
    throw new Error('the client went away')
  })()
  await assert.rejects(documents.accept(ana, { name: 'half.txt', stream }), /went away/)
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
})

test('the same bytes from the same owner are the document that is there; what was asked otherwise is told', async (t) => {
  const { documents, ana, ben, work } = await fresh(t)
  const first = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  const again = await documents.accept(ana, { ...file('copy.txt', LETTER), language: 'de' })
  assert.equal(again.outcome, 'existing')
  assert.deepEqual([again.document.id, again.document.status], [first.document.id, 'ready'])
  assert.deepEqual(again.differs, { language: { before: null, asked: 'de' } })

  const other = await documents.accept(ben, file('letter.txt', LETTER))
  assert.equal(other.outcome, 'created')
  assert.notEqual(other.document.id, first.document.id)
})

test('S77: the same bytes while the first upload is being read join it', async (t) => {
  const { documents, ana, work } = await fresh(t)
  const [one, two] = await Promise.all([
    documents.accept(ana, file('a.txt', LETTER)),
    documents.accept(ana, file('b.txt', LETTER)),
  ])
  assert.equal(one.document.id, two.document.id)
  await work()
  assert.equal((await documents.list(ana)).items.length, 1)
})

test('a document without readable text fails and says why; the same bytes again are a new attempt', async (t) => {
  const { documents, ana, work } = await fresh(t)
  const { document } = await documents.accept(ana, file('blank.txt', ' \n \n'))
  await work()
  const failed = await documents.get(ana, document.id)
  assert.deepEqual([failed.status, failed.error?.code], ['failed', 'no_readable_text'])
  assert.match(failed.error!.message, /blank\.txt, but the page holds none/)

  const again = await documents.accept(ana, file('blank.txt', ' \n \n'))
  assert.deepEqual([again.outcome, again.document.id, again.document.status], ['retried', document.id, 'queued'])
  assert.equal(again.document.error, null)
})

test('nobody sees, reads, deletes or retries what is not theirs', async (t) => {
  const { documents, ana, ben, work, find } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  const signal = new AbortController().signal
  const attempts = [
    () => documents.get(ben, document.id),
    () => documents.page(ben, document.id, 1),
    () => documents.original(ben, document.id),
    () => documents.remove(ben, document.id),
    () => documents.restore(ben, document.id),
    () => documents.retry(ben, document.id),
    async () => documents.follow(ben, document.id, signal),
    () => documents.accept(ben, { ...file('x.txt', 'x'), collectionId: document.collectionId }),
  ]
  for (const attempt of attempts) await assert.rejects(attempt, { code: 'not_found' })
  assert.deepEqual((await documents.list(ben)).items, [])
  assert.deepEqual(await find(ben, 'boiler pressure'), [])
})

test('lists are newest first and page by cursor', async (t) => {
  const { documents, ana } = await fresh(t)
  const ids: string[] = []
  for (const n of [1, 2, 3, 4, 5]) ids.unshift((await documents.accept(ana, file(`${n}.txt`, `text ${n}`))).document.id)
  const first = await documents.list(ana, { limit: 2 })
  const second = await documents.list(ana, { limit: 2, cursor: first.nextCursor })
  const third = await documents.list(ana, { limit: 2, cursor: second.nextCursor })
  const seen = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id))
  assert.deepEqual(seen.toSorted().toReversed(), seen)
  assert.deepEqual(seen.toSorted(), ids.toSorted())
  assert.equal(third.nextCursor, null)
})

test('a deleted document is found by nobody from that moment, and can be restored', async (t) => {
  const { documents, ana, work, find } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  await documents.remove(ana, document.id)
  assert.deepEqual(await find(ana, 'boiler pressure'), [])
  assert.deepEqual((await documents.list(ana)).items, [])
  for (const gone of [documents.get(ana, document.id), documents.remove(ana, document.id)]) {
    await assert.rejects(gone, { code: 'not_found' })
  }
  await work()
  const restored = await documents.restore(ana, document.id)
  assert.equal(restored.status, 'ready')
  assert.equal((await find(ana, 'boiler pressure')).length > 0, true)
})

test('everything is deleted at once and comes back at once, save what is somebody else’s and what was brought again', async (t) => {
  const { documents, ana, ben } = await fresh(t)
  for (let i = 0; i < 120; i++) await documents.accept(ana, file(`note-${i}.txt`, `Note ${i} of the caretaker.\n`))
  const { document: foreign } = await documents.accept(ben, file('ben.txt', LETTER))
  const { removed, removedAt } = await documents.removeAll(ana)
  assert.equal(removed, 120)
  assert.deepEqual((await documents.list(ana)).items, [])
  assert.equal((await documents.get(ben, foreign.id)).name, 'ben.txt')

  await documents.accept(ana, file('again.txt', 'Note 7 of the caretaker.\n'))
  assert.deepEqual(await documents.restoreAll(ben, removedAt), { restored: 0 })
  assert.deepEqual(await documents.restoreAll(ana, removedAt), { restored: 119 })
  assert.equal((await documents.list(ana, { limit: 200 })).items.length, 120)
})

test('a document deleted while it waits or is being read is not read on, and is read after it was restored', async (t) => {
  const { documents, ana, work, find, stop } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  const following = documents.follow(ana, document.id, stop)[Symbol.asyncIterator]()
  await following.next()
  const working = work()
  // The first change after the upload is that reading has begun.
  await following.next()
  await documents.remove(ana, document.id)
  await working
  assert.deepEqual(await find(ana, 'boiler pressure'), [])
  await documents.restore(ana, document.id)
  await work()
  assert.equal((await documents.get(ana, document.id)).status, 'ready')
})

test('ten minutes after the delete nothing is left, and of a purge at once neither', async (t) => {
  const { documents, storage, ana, work, folder, jobs } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  await documents.remove(ana, document.id)
  const { nextAt } = jobs.workWaiting()
  assert.ok(Math.abs(nextAt! - Date.now() - 10 * MINUTE_MS) < MINUTE_MS)

  await documents.remove(ana, document.id, { now: true })
  await assert.rejects(documents.restore(ana, document.id), { code: 'not_found' })
  await work()
  for (const table of ['documents', 'readings', 'pages', 'passages']) {
    assert.equal(storage.database.get<Row>(`SELECT count(*) AS n FROM ${table}`)?.['n'], 0, table)
  }
  assert.equal(storage.database.get<Row>('SELECT count(*) AS n FROM lexical_1_words')?.['n'], 0)
  const left = readdirSync(join(folder, 'originals'), { recursive: true, withFileTypes: true })
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
  )
})

test('an original that another owner has too stays when one of the documents is purged', async (t) => {
  const { documents, ana, ben, work } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  const other = await documents.accept(ben, file('letter.txt', LETTER))
  await documents.remove(ana, document.id, { now: true })
  await work()
  assert.ok(existsSync((await documents.original(ben, other.document.id)).path))
  assert.equal((await documents.get(ben, other.document.id)).status, 'ready')
})

test('bytes uploaded again after a delete are a new document, and the old one cannot come back beside it', async (t) => {
  const { documents, ana } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await documents.remove(ana, document.id)
  const again = await documents.accept(ana, file('letter.txt', LETTER))
  assert.equal(again.outcome, 'created')
  await assert.rejects(documents.restore(ana, document.id), { code: 'conflict' })
})

test('reading again replaces what is found, and leaves nothing of the earlier reading in the index', async (t) => {
  const { documents, storage, ana, work, find } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  const before = await find(ana, 'boiler pressure')
  const queued = await documents.retry(ana, document.id)
  assert.equal(queued.status, 'queued')
  assert.deepEqual(await find(ana, 'boiler pressure'), before, 'found by the old reading until the new one is ready')
  await work()
  const after = await find(ana, 'boiler pressure')
  assert.equal(after.length, before.length)
  assert.notEqual(after[0]?.readingId, before[0]?.readingId)
  const { passages } = await documents.get(ana, document.id)
  assert.equal(storage.database.get<Row>('SELECT count(*) AS n FROM passages')?.['n'], passages)
})

test('a long text is written in several transactions and a kill between them repeats and loses nothing', async (t) => {
  const { documents, storage, ana, work, workUntil } = await fresh(t)
  const long = Array.from({ length: 6000 }, (_, n) => `Sentence number ${n} speaks of item ${n * 7}.`).join('\n\n')
  const { document } = await documents.accept(ana, file('long.txt', long))
  await workUntil(() => Number(storage.database.get<Row>('SELECT count(*) AS n FROM passages')?.['n']) > 0)
  const some = storage.database.get<Row>('SELECT count(*) AS n, count(DISTINCT ordinal) AS ordinals FROM passages')!
  assert.deepEqual(some['n'], some['ordinals'])
  await work()
  const ready = await documents.get(ana, document.id)
  assert.equal(ready.status, 'ready')
  const all = storage.database.get<Row>(
    'SELECT count(*) AS n, count(DISTINCT ordinal) AS ordinals, max(ordinal) AS last FROM passages',
  )!
  assert.deepEqual([all['ordinals'], all['last']], [all['n'], Number(all['n']) - 1])
  assert.equal(ready.passages, all['n'])
})

test('the pages of a document are durable one by one: a stop loses none and no page is read twice', async (t) => {
  const { documents, storage, ana, work, workUntil, find } = await fresh(t)
  const pages = Array.from(
    { length: 30 },
    (_, n) => `Page ${n + 1} tells that room ${n + 1} is painted in colour ${n * 3}.`,
  )
  const { document } = await documents.accept(ana, file('rooms.pdf', makePdf(pages)))
  await workUntil(() => countOf(storage, 'pages') >= 3)
  const before = storage.database.all<Row>('SELECT number, text FROM pages ORDER BY number')
  assert.ok(before.length < 30)
  const reading = await documents.get(ana, document.id)
  assert.deepEqual([reading.status, reading.pages.done, reading.pages.total], ['reading', before.length, 30])
  assert.deepEqual(await find(ana, 'painted colour'), [], 'not found before the last page is there')

  // A page that is read again would be inserted again, which its key forbids.
  await work()
  const after = storage.database.all<Row>('SELECT number, text FROM pages ORDER BY number')
  assert.deepEqual(after.slice(0, before.length), before)
  const ready = await documents.get(ana, document.id)
  assert.deepEqual([ready.status, ready.pages], ['ready', { total: 30, done: 30, unreadable: [] }])
  assert.equal((await documents.page(ana, document.id, 17)).text.trim(), pages[16])
})

test('a document that is read for the first time can be looked into as far as that has come', async (t) => {
  const { documents, storage, ana, ben, work, workUntil } = await fresh(t)
  const pages = Array.from({ length: 30 }, (_, n) => `Page ${n + 1} tells of room ${n + 1}.`)
  const { document } = await documents.accept(ana, file('rooms.pdf', makePdf(pages)))
  await assert.rejects(documents.page(ana, document.id, 1), { code: 'not_found' })
  await workUntil(() => countOf(storage, 'pages') >= 3)
  const read = countOf(storage, 'pages')
  assert.equal((await documents.get(ana, document.id)).status, 'reading')
  for (const number of [1, read]) {
    assert.equal((await documents.page(ana, document.id, number)).text.trim(), pages[number - 1])
  }
  await assert.rejects(documents.page(ana, document.id, read + 1), { code: 'not_found' })
  await assert.rejects(documents.page(ben, document.id, 1), { code: 'not_found' })
  await work()
  assert.equal((await documents.page(ana, document.id, 30)).text.trim(), pages[29])
})

test('a page on which the worker died three times is left out and named, and the document goes on', async (t) => {
  const { documents, storage, ana, work, workUntil } = await fresh(t)
  const pages = Array.from({ length: 12 }, (_, n) => `Page ${n + 1} tells of room ${n + 1}.`)
  const { document } = await documents.accept(ana, file('rooms.pdf', makePdf(pages)))
  await workUntil(() => countOf(storage, 'pages') >= 2)
  const next = countOf(storage, 'pages') + 1
  await storage.database.write((tx) => void tx.run('UPDATE jobs SET crashes = 3'))
  await work()
  const ready = await documents.get(ana, document.id)
  assert.deepEqual([ready.status, ready.pages], ['ready', { total: 12, done: 12, unreadable: [next] }])
  const left = await documents.page(ana, document.id, next)
  assert.deepEqual([left.text, left.source, left.error?.code], ['', 'none', 'reader_crashed'])
})

const LOCKED = join(import.meta.dirname, '../../shared/data/bad-input/third-party/pdf/pdfjs/issue6010_1.pdf')
const LOCKED_PASSWORD = 'abc'

test('an encrypted document asks for its password, is read with it, and the password is nowhere on the disk', async (t) => {
  if (!existsSync(LOCKED)) return t.skip(`needs ${LOCKED}`)
  const { documents, ana, work, folder } = await fresh(t)
  const { document } = await documents.accept(ana, file('locked.pdf', readFileSync(LOCKED)))
  await work()
  assert.equal((await documents.get(ana, document.id)).error?.code, 'password_needed')
  await documents.retry(ana, document.id, { password: 'not this one' })
  await work()
  assert.equal((await documents.get(ana, document.id)).error?.code, 'wrong_password')
  await documents.retry(ana, document.id, { password: LOCKED_PASSWORD })
  await work()
  assert.equal((await documents.get(ana, document.id)).status, 'ready')
  for (const name of readdirSync(folder)) {
    if (name.startsWith('knowbot.sqlite')) assert.ok(!readFileSync(join(folder, name)).includes('not this one'), name)
  }
})

test('S82: on a full disk uploads are refused and reading waits, while looking, finding and deleting go on', async (t) => {
  const disk = smallDisk(t, 140)
  if (!disk) return
  const { documents, storage, ana, work, find, jobs } = await fresh(t, disk)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  await work()
  const waiting = await documents.accept(ana, file('waiting.txt', 'Something else about a boiler.'))
  await storage.space.restoreReserve()
  fillUp(disk)

  await assert.rejects(documents.accept(ana, file('more.txt', 'No room for this.')), { code: 'disk_full' })
  await work()
  assert.equal(jobs.overview().failed.length, 0)
  const stillThere = await documents.get(ana, waiting.document.id)
  assert.notEqual(stillThere.status, 'failed')
  assert.equal(stillThere.waiting?.reason, 'disk')
  assert.equal((await documents.page(ana, document.id, 1)).text.length, LETTER.length)
  assert.ok((await find(ana, 'boiler pressure')).length > 0)
  await documents.remove(ana, document.id, { now: true })
  await work()
  assert.equal(storage.blobs.has(createHash('sha256').update(LETTER).digest('hex')), false)

  makeRoom(disk)
  await storage.database.write((tx) => void tx.run("UPDATE jobs SET run_at = 0 WHERE state = 'queued'"))
  await work()
  assert.equal((await documents.get(ana, waiting.document.id)).status, 'ready')
})

test('S67: a document that nobody reads says so, and is read as soon as somebody does', async (t) => {
  const { documents, storage, ana, work } = await fresh(t)
  const { document: first } = await documents.accept(ana, file('first.txt', LETTER))
  const { document: second } = await documents.accept(ana, file('second.txt', 'Something else about a boiler.'))
  assert.deepEqual([first.waiting?.reason, first.waiting?.message], ['turn', 'Its turn comes next.'])
  assert.equal(second.waiting?.message, 'One piece of work comes first.')
  assert.ok(Math.abs((first.waiting?.since ?? 0) - Date.now()) < MINUTE_MS)

  await storage.database.write((tx) => void tx.run('UPDATE jobs SET created_at = created_at - ?', MINUTE_MS))
  const { items } = await documents.list(ana)
  assert.deepEqual(
    items.map(({ status, waiting }) => [status, waiting?.reason]),
    [
      ['queued', 'no_worker'],
      ['queued', 'no_worker'],
    ],
  )
  await work()
  const after = await documents.list(ana)
  assert.deepEqual(
    after.items.map(({ status, waiting }) => [status, waiting]),
    [
      ['ready', null],
      ['ready', null],
    ],
  )
})

test('S55: a document that waits for memory says so, is not called read meanwhile, and tells when it may begin', async (t) => {
  const storage = freshStorage(t)
  const messages = openMessages()
  const log = quietLog()
  const jobs = openJobs({ database: storage.database, messages, log })
  const search = openSearch(storage)
  const memory = Promise.withResolvers<void>()
  const stop = new AbortController()
  stop.signal.addEventListener('abort', () => memory.resolve())
  t.after(() => stop.abort())
  const grantMemory = async () => {
    await memory.promise
    return { bytes: 200 * MIB, [Symbol.dispose]: () => undefined }
  }
  const limits = { uploadBytesMax: 2 * MIB }
  const documents = openDocuments({ storage, search, jobs, messages, log, limits, grantMemory })
  const ana = await addPerson(storage, 'ana')
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  // Another worker holds the memory, and is known to need about a minute.
  const hog = { name: 'hog', run: () => memory.promise, maxFailures: 1, retryDelayMs: () => 0 }
  await storage.database.write((tx) => jobs.enqueue(tx, { task: 'hog', payload: null, costMs: 64_000, runAt: 0 }))
  const loop = { signal: stop.signal, idleMs: 0 }
  const working = Promise.all([jobs.run([...documents.tasks, hog], loop), jobs.run([...documents.tasks, hog], loop)])
  for await (const { status, waiting } of documents.follow(ana, document.id, stop.signal)) {
    if (waiting?.reason === 'memory') {
      assert.equal(status, 'queued')
      assert.match(waiting.message, /MB of memory/)
      assert.ok(waiting.etaSeconds! > 30 && waiting.etaSeconds! <= 64, `${waiting.etaSeconds} s`)
      memory.resolve()
    } else assert.notEqual(status, 'failed')
  }
  await working
  assert.deepEqual((await documents.get(ana, document.id)).waiting, null)
})

test('whoever follows everything hears why a document waits when that changes', async (t) => {
  const { documents, storage, ana, stop } = await fresh(t)
  const following = documents.follow(ana, null, stop)[Symbol.asyncIterator]()
  const first = following.next()
  await documents.accept(ana, file('letter.txt', LETTER))
  assert.equal((await first).value?.waiting?.reason, 'turn')
  await storage.database.write((tx) => void tx.run('UPDATE jobs SET created_at = created_at - ?', MINUTE_MS))
  assert.equal((await following.next()).value?.waiting?.reason, 'no_worker')
})

test('S84: progress never goes back, comes at most four times a second, and the last state is always told', async (t) => {
  const { documents, ana, work, stop } = await fresh(t)
  const { document } = await documents.accept(ana, file('letter.txt', LETTER))
  const seen: DocumentView[] = []
  const times: number[] = []
  const working = work()
  for await (const view of documents.follow(ana, document.id, stop)) {
    seen.push(view)
    times.push(performance.now())
  }
  await working
  assert.equal(seen.at(-1)?.status, 'ready')
  const order = ['queued', 'reading', 'ready']
  const ranks = seen.map(({ status, pages }) => order.indexOf(status) * 1000 + pages.done)
  assert.deepEqual(
    ranks.toSorted((a, b) => a - b),
    ranks,
  )
  for (let n = 2; n < times.length; n++) assert.ok(times[n]! - times[n - 1]! > 240)
})

test('whoever follows everything hears of each of their documents, and of nobody else’s', async (t) => {
  const { documents, ana, ben, work } = await fresh(t)
  const stop = new AbortController()
  const seen = new Map<string, DocumentView>()
  const following = (async () => {
    for await (const view of documents.follow(ana, null, stop.signal)) {
      seen.set(view.id, view)
      if ([...seen.values()].filter(({ status }) => status === 'ready').length === 2) stop.abort()
    }
  })()
  await documents.accept(ben, file('ben.txt', 'Something of Ben.'))
  await documents.accept(ana, file('one.txt', 'Something of Ana.'))
  await documents.accept(ana, file('two.txt', 'Something else of Ana.'))
  await work()
  await following
  assert.deepEqual([...seen.values()].map(({ name }) => name).toSorted(), ['one.txt', 'two.txt'])
})

test('at the start, what a killed server left is put in order', async (t) => {
  const { documents, storage, jobs, ana, work, folder } = await fresh(t)
  const lost = await documents.accept(ana, file('lost.txt', LETTER))
  const kept = await documents.accept(ana, file('kept.txt', 'Another letter about a boiler.'))
  rmSync((await documents.original(ana, lost.document.id)).path)
  {
    await using writer = await storage.blobs.create()
    await writer.write(randomBytes(10))
    await writer.keep()
  }
  await using _left = await storage.blobs.create()
  await storage.database.write((tx) => void tx.run('DELETE FROM jobs'))

  const prepared = await prepareDocuments({ storage, jobs })
  assert.deepEqual(prepared, { recoveredJobs: 0, sweptFiles: 1, damagedDocuments: 1, removedOriginals: 1 })
  assert.deepEqual((await documents.get(ana, lost.document.id)).error?.code, 'storage_damaged')
  await work()
  assert.equal((await documents.get(ana, kept.document.id)).status, 'ready')
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])

  const back = await documents.accept(ana, file('lost.txt', LETTER))
  assert.equal(back.outcome, 'retried')
})

test('reading leaves an index of few parts', async (t) => {
  const { storage, documents, ana, work, find } = await fresh(t)
  const pages = Array.from({ length: 12 }, (_, n) => `The boiler of page ${n} was looked after in spring.`)
  await documents.accept(ana, file('boilers.pdf', makePdf(pages)))
  await work()
  const { parts } = storage.database.get<{ parts: number }>('SELECT count(DISTINCT segid) AS parts FROM lexical_1_idx')!
  assert.ok(parts <= 2, `${parts} parts`)
  assert.equal((await find(ana, 'boiler in spring')).length, 10)
})

async function fresh(t: TestContext, within?: string) {
  const storage = freshStorage(t, 'web', within)
  const messages = openMessages()
  const log = quietLog()
  const jobs = openJobs({ database: storage.database, messages, log })
  const search = openSearch(storage)
  const documents = openDocuments({ storage, search, jobs, messages, log, limits: { uploadBytesMax: 2 * MIB } })
  const stop = new AbortController()
  t.after(() => stop.abort())
  return {
    storage,
    folder: storage.folder,
    jobs,
    documents,
    stop: stop.signal,
    ana: await addPerson(storage, 'ana'),
    ben: await addPerson(storage, 'ben'),
    find: async ({ readableCollections }: Person, text: string) =>
      (await search.find({ text, collectionIds: readableCollections, limit: 10 })).hits,
    /** A job worker's loop until nothing is left. */
    work: () => jobs.run(documents.tasks, { signal: stop.signal, idleMs: 0 }),
    /** The same, stopped as soon as something is so. */
    async workUntil(isSo: () => boolean) {
      const end = new AbortController()
      const timer = setInterval(() => isSo() && end.abort(), 5)
      await jobs.run(documents.tasks, { signal: end.signal, idleMs: 0 })
      clearInterval(timer)
    },
  }
}

function file(name: string, content: string | Uint8Array) {
  return {
    name,
    stream: (async function* () {
      if (content.length > 0) yield Buffer.from(content)
    })(),
  }
}

function countOf(storage: Storage, table: string): number {
  return Number(storage.database.get<Row>(`SELECT count(*) AS n FROM ${table}`)?.['n'])
}
