/**
 * Does a web worker ever stand still because somebody else writes? `node bench/writes.ts [SECONDS]`
 *
 * 100 answers are being written, each appending to the journal every 250 ms, while a job worker in another process reads
 * documents and writes their passages and index. Printed: how late the event loop came to a timer of 2 ms (its stall), and how
 * long an append took to be on disk. Then the same with the locks waited for inside SQLite (`busy_timeout`), as is usual.
 *
 * On a machine that others use too, a thread that could run waits for a processor. That is no lock and no disk, so it is told
 * apart (schedstat, proc(5)): "own" is the stall without it. Exits with 1 when the own stall was above 50 ms under the rule.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDocuments } from '../src/documents.ts'
import { openJobs } from '../src/jobs.ts'
import { createLog } from '../src/lib/log.ts'
import { openMessages } from '../src/lib/messages.ts'
import { GIB } from '../src/lib/units.ts'
import { uuidv7 } from '../src/lib/uuid.ts'
import { openSearch } from '../src/search.ts'
import { migrate, openStorage, type Storage } from '../src/storage.ts'
import { addPerson } from '../tests/support/folder.ts'

const STREAMS = 100
const APPEND_EVERY_MS = 250
const TICK_MS = 2
const STALL_MS_MAX = 50
const DOCUMENTS = 40
const WORDS_PER_DOCUMENT = 150_000
const seconds = Number(process.argv[2] ?? 15)

const EVENTS = JSON.stringify([
  { type: 'text-delta', text: 'about twenty tokens of an answer, as a model writes them. '.repeat(3) },
])
const APPEND = 'INSERT INTO journal (stream, seq, events, created_at) VALUES (?, ?, ?, ?)'

type Append = (stream: string, seq: number) => Promise<void> | void

interface Result {
  stalls: number[]
  /** Without the time in which the thread waited for a processor. */
  ownStalls: number[]
  durations: number[]
}

const folder = mkdtempSync(join(tmpdir(), 'knowbot-writes-'))
try {
  migrate(folder)
  await using storage = openStorage(folder, { role: 'web' })
  const enoughToDo = await openQueue(storage)

  console.log(`${STREAMS} streams, an append each ${APPEND_EVERY_MS} ms, ${seconds} s each; milliseconds:\n`)
  console.log('                                        stall p99    max    own p99   max     on disk p50   p99    max')
  const byRule: Append = (stream, seq) =>
    storage.database.write((tx) => void tx.run(APPEND, stream, seq, EVENTS, Date.now()))
  print('alone', await measure(byRule))
  const ruled = await beside(folder, enoughToDo, () => measure(byRule))
  print('beside a job worker', ruled)

  const plain = new DatabaseSync(join(folder, 'knowbot.sqlite'), { timeout: 5000 })
  plain.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000')
  const insert = plain.prepare(APPEND)
  const waiting: Append = (stream, seq) => void insert.run(stream, seq, EVENTS, Date.now())
  print('beside a job worker, with busy_timeout', await beside(folder, enoughToDo, () => measure(waiting)))
  plain.close()

  const worst = at(ruled.ownStalls, 1)
  console.log(
    `\n${worst <= STALL_MS_MAX ? 'Held' : 'Broken'}: the loop never stands still for more than ${STALL_MS_MAX} ms.`,
  )
  process.exitCode = worst <= STALL_MS_MAX ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(append: Append): Promise<Result> {
  const end = performance.now() + seconds * 1000
  const result: Result = { stalls: [], ownStalls: [], durations: [] }
  await Promise.all([
    watchLoop(end, result),
    ...Array.from({ length: STREAMS }, (_, n) => runStream(append, end, n, result.durations)),
  ])
  return result
}

async function watchLoop(end: number, { stalls, ownStalls }: Result): Promise<void> {
  while (performance.now() < end) {
    const expected = performance.now() + TICK_MS
    const waitedBefore = waitedForProcessorMs()
    await sleep(TICK_MS)
    const stall = Math.max(0, performance.now() - expected)
    stalls.push(stall)
    ownStalls.push(Math.max(0, stall - (waitedForProcessorMs() - waitedBefore)))
  }
}

/** How long this thread was ready to run and did not, since it began; 0 where the system does not tell. */
function waitedForProcessorMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

async function runStream(append: Append, end: number, n: number, durations: number[]): Promise<void> {
  const stream = uuidv7()
  await sleep((n / STREAMS) * APPEND_EVERY_MS)
  for (let seq = 0; performance.now() < end; seq++) {
    const startedAt = performance.now()
    await append(stream, seq)
    durations.push(performance.now() - startedAt)
    await sleep(APPEND_EVERY_MS)
  }
}

/** With a job worker that has enough to do for the whole time. */
async function beside(folder: string, enoughToDo: () => Promise<void>, work: () => Promise<Result>): Promise<Result> {
  await enoughToDo()
  const worker = fork(join(import.meta.dirname, '../tests/support/document-worker.ts'), [folder], {
    execArgv: ['--no-warnings'],
  })
  const exited = once(worker, 'exit')
  await once(worker, 'message')
  const result = await work()
  if (worker.exitCode !== null) console.log('(the job worker was done before the time was over)')
  worker.kill('SIGKILL')
  await exited
  return result
}

/** Answers how to queue documents that nobody has read yet. */
async function openQueue(storage: Storage): Promise<() => Promise<void>> {
  const messages = openMessages()
  const log = createLog({ level: 'warn' })
  const jobs = openJobs({ database: storage.database, messages, log })
  const search = openSearch(storage)
  const documents = openDocuments({ storage, search, jobs, messages, log, limits: { uploadBytesMax: GIB } })
  const principal = await addPerson(storage, 'bench')
  let seed = 0
  return async () => {
    for (const end = seed + DOCUMENTS; seed < end; seed++) {
      await documents.accept(principal, { name: `document-${seed}.txt`, stream: text(seed) })
    }
  }
}

/** Words of a Zipf-like distribution, the same every time. */
async function* text(seed: number): AsyncIterable<Uint8Array> {
  let state = seed + 1
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  for (let sentence = 0; sentence < WORDS_PER_DOCUMENT / 12; sentence++) {
    const words = Array.from({ length: 12 }, () => `word${Math.floor(random() ** 3 * 20_000).toString(36)}`)
    yield Buffer.from(`${words.join(' ')}.${sentence % 5 === 4 ? '\n\n' : ' '}`)
  }
}

function print(name: string, { stalls, ownStalls, durations }: Result): void {
  const figures = [stalls, ownStalls].flatMap((values) => [at(values, 0.99), at(values, 1)])
  const durable = [0.5, 0.99, 1].map((share) => at(durations, share))
  const text = [...figures, ...durable].map((ms) => ms.toFixed(1).padStart(7))
  console.log(
    `${name.padEnd(40)}${text.slice(0, 2).join('')}    ${text.slice(2, 4).join('')}        ${text.slice(4).join('')}`,
  )
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
