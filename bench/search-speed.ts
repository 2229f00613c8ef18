/**
 * How long people wait for a search in a large collection: a real server, ten users who ask over HTTP, read for a second, and ask again.
 *
 *     node bench/search-speed.ts [--passages 100000,1000000] [--seconds 60] [--users 10] [--keep FOLDER]
 *
 * The folders are built first, which takes minutes (`bench/support/large-corpus.ts` says of what), and used again where `--keep` names
 * their place. Every fifth query is the three longest words of a question, the others are whole questions of the sets in turns. Beside
 * them somebody asks for the server's health every 20 ms: how long that takes at most is how long the worker stood still. Processor time is the
 * worker's, per search, health and all; on a machine that others use it says more than what the users waited. "Plain" is
 * FTS5 with its porter tokenizer in this process, alone: any of the words, ORDER BY bm25, LIMIT 10.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { splitWords } from '../src/search.ts'
import { BOOTSTRAP_KEY, startServer, type TestServer } from '../tests/support/server.ts'
import { type LargeCorpus, openLargeCorpus } from './support/large-corpus.ts'
import { readTree } from './support/process-memory.ts'
import { type QuestionSet, readSet, setNames } from './support/question-sets.ts'

const { values } = parseArgs({
  options: {
    passages: { type: 'string', default: '100000,1000000' },
    seconds: { type: 'string', default: '60' },
    users: { type: 'string', default: '10' },
    keep: { type: 'string' },
  },
})
const READ_MS = 1000
const HEALTH_EVERY_MS = 20
const WARM_UP_QUERIES = 50
const PLAIN_QUERIES = 40
const KEYWORDS_EVERY = 5
/** What is demanded. */
const P95_MS_MAX = [
  { passages: 100_000, ms: 20 },
  { passages: 1_000_000, ms: 50 },
]
const WORKER_MB_MAX = 150
const RATE_MIN = 2000
const STALL_MS_MAX = 50

const sets = setNames().map(readSet)
if (sets.length === 0) print('There are no question sets beside the project: nothing was measured.')
else await measureAll()

async function measureAll(): Promise<void> {
  const columns = [
    'passages',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'longest ms',
    'queries',
    'stall p99 ms',
    'stall longest ms',
    'processor ms',
  ]
  print(
    row([
      ...columns,
      'worker MB',
      'passages/s',
      'index MB',
      'plain p50 ms',
      'plain p95 ms',
      'plain index MB',
      'demanded',
    ]),
  )
  print(row(Array(16).fill('---')))
  const place = values.keep ?? mkdtempSync(join(tmpdir(), 'knowbot-bench-'))
  try {
    for (const passages of values.passages.split(',').map(Number)) {
      await measure(
        await openLargeCorpus(join(place, String(passages)), passages, sets, (line) => note(line)),
        passages,
      )
    }
  } finally {
    if (values.keep === undefined) rmSync(place, { recursive: true, force: true })
  }
}

async function measure(corpus: LargeCorpus, demandedFor: number): Promise<void> {
  const queries = makeQueries(sets)
  const plain = measurePlain(corpus.plainFile, queries)
  await using server = await startServer({ folder: corpus.folder })
  const ask = openClient(server.url)
  for (const query of queries.slice(-WARM_UP_QUERIES)) await ask(query)
  const readWorker = () => readTree(server.process.pid!).find(({ command }) => /web-worker/.test(command))!
  const { pid } = readWorker()
  const before = processorMs(pid)
  const { times, stalls } = await askAsUsers(server, ask, queries)
  const perQuery = (processorMs(pid) - before) / times.length
  const workerMb = readWorker().anonymousMb
  const rate = (1000 * corpus.passages) / corpus.indexMs
  const p95Max = P95_MS_MAX.find(({ passages }) => demandedFor <= passages)?.ms ?? Infinity
  const missed = [
    at(times, 0.95) > p95Max && `p95 ≤ ${p95Max} ms`,
    workerMb > WORKER_MB_MAX && `worker ≤ ${WORKER_MB_MAX} MB`,
    rate < RATE_MIN && `≥ ${RATE_MIN} passages/s`,
    Math.max(...stalls) > STALL_MS_MAX && `stall ≤ ${STALL_MS_MAX} ms`,
  ].filter((one) => one !== false)
  const figures = [at(times, 0.5), at(times, 0.95), at(times, 0.99), times.at(-1)!].map((ms) => ms.toFixed(1))
  const cells = [
    ...figures,
    times.length,
    at(stalls, 0.99).toFixed(1),
    stalls.at(-1)!.toFixed(1),
    perQuery.toFixed(1),
    workerMb.toFixed(0),
  ]
  const sizes = [Math.round(rate), indexMb(join(corpus.folder, 'knowbot.sqlite'), 'lexical_1')]
  const beside = [at(plain, 0.5).toFixed(1), at(plain, 0.95).toFixed(1), indexMb(corpus.plainFile, 'plain')]
  const verdict = missed.length === 0 ? 'kept' : `missed: ${missed.join(', ')}`
  print(row([corpus.passages, ...cells, ...sizes, ...beside, verdict].map(String)))
}

/** User and system time of a process so far, all its threads; USER_HZ is 100 on every Linux that Node runs on. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Of all sets in turns, spread over each. */
function makeQueries(all: readonly QuestionSet[]): string[] {
  const longest = Math.max(...all.map(({ questions }) => questions.length))
  const queries: string[] = []
  for (let n = 0; n < longest; n++) {
    for (const { questions } of all) {
      if (n >= questions.length) continue
      const { question } = questions[(n * 7919) % questions.length]!
      queries.push(queries.length % KEYWORDS_EVERY === 0 ? keywords(question) : question)
    }
  }
  return queries
}

function keywords(question: string): string {
  const words = question.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [question]
  return words
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 3)
    .join(' ')
}

type Ask = (query: string) => Promise<number>

/** Answers the milliseconds until the whole answer was there. */
function openClient(url: string): Ask {
  const agent = new Agent({ keepAlive: true })
  return (query) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const headers = { authorization: `Bearer ${BOOTSTRAP_KEY}`, 'content-type': 'application/json' }
      const sent = request(`${url}/api/search`, { method: 'POST', agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`A search was answered ${answer.statusCode}: ${query}`))
        answer.resume().on('end', () => resolve(performance.now() - startedAt))
      })
      sent.on('error', reject).end(JSON.stringify({ query, limit: 10 }))
    })
}

/** Sorted: what the users waited, and what somebody beside them did. */
async function askAsUsers(
  server: TestServer,
  ask: Ask,
  queries: readonly string[],
): Promise<{ times: number[]; stalls: number[] }> {
  const times: number[] = []
  const stalls: number[] = []
  const endsAt = performance.now() + Number(values.seconds) * 1000
  let next = 0
  const user = async (first: number) => {
    await sleep(first)
    while (performance.now() < endsAt) {
      times.push(await ask(queries[next++ % queries.length]!))
      await sleep(READ_MS)
    }
  }
  const watcher = async () => {
    const agent = new Agent({ keepAlive: true })
    while (performance.now() < endsAt) {
      const startedAt = performance.now()
      await new Promise((resolve, reject) => {
        request(`${server.url}/api/health`, { agent }, (answer) => answer.resume().on('end', resolve))
          .on('error', reject)
          .end()
      })
      stalls.push(performance.now() - startedAt)
      await sleep(HEALTH_EVERY_MS)
    }
  }
  const users = Array.from({ length: Number(values.users) }, (_, n) => user((n * READ_MS) / Number(values.users)))
  await Promise.all([...users, watcher()])
  return { times: times.sort((a, b) => a - b), stalls: stalls.sort((a, b) => a - b) }
}

function measurePlain(file: string, queries: readonly string[]): number[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare(
    'SELECT rowid, bm25(plain) AS rank FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 10',
  )
  const times = queries.slice(0, PLAIN_QUERIES).flatMap((query) => {
    const words = splitWords(query).map(({ text }) => `"${text}"`)
    if (words.length === 0) return []
    const startedAt = performance.now()
    statement.all(words.join(' OR '))
    return [performance.now() - startedAt]
  })
  database.close()
  return times.sort((a, b) => a - b)
}

function indexMb(file: string, table: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const { bytes } = database
    .prepare(`SELECT sum(pgsize) AS bytes FROM dbstat WHERE aggregate = TRUE AND name LIKE ?`)
    .get(`${table}%`) as { bytes: number }
  database.close()
  return (bytes / 1e6).toFixed(0)
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)] ?? Number.NaN
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
