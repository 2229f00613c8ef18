/**
 * The headline: scans are read beside a chat in a container of so many megabytes. As root, for it makes memory cgroups:
 * `node bench/memory.ts [--limits 1024,512,384,256] [--clients 10,100] [--scans 20] [--at-once 20] [--answers 1000]
 * [--rounds 3] [--runs 1] [--bisect 96,256] [--built-in]`
 *
 * The server stands in the cgroup; the model double, the clients and this program stand outside, pinned to the last processor.
 * First the clients ask without anything else, then while the scans (3424 × 1926, distinct bytes each) are uploaded, so many at
 * once, and read. Each phase lasts until it has so many answers, and the second until every scan is ready or failed. Then as many
 * other scans are uploaded and deleted, until there were so many rounds: a slowest answer alone would be chance. Below the
 * table stands what is demanded and whether it is met, of uploads in all rounds and in the first ones alone, to which a server is new; with
 * `--bisect` also the smallest limit at which it is, to 16 MB.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MIB } from '../src/lib/units.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from '../tests/support/memory-group.ts'
import { startServer, type TestServer, upload } from '../tests/support/server.ts'
import { onAllProcessors, openPeople, startModel } from './support/around-the-server.ts'
import type { Heard } from './support/asking-clients.ts'
import { deleteUnread, listScans, SAMPLES, uploadScans } from './support/scan-uploads.ts'

const SAMPLE_MS = 50
const POLL_MS = 500
/** Who has nothing to do gives back what it has wasted, but not in the first moment. */
const SETTLE_MS = 5000
/** The demanded figures: milliseconds, a factor, megabytes. */
const ACCEPTED_MS_MAX = 100
const FIRST_TOKEN_RATIO_MAX = 1.5
const PEAK_MB_MAX = { limit: 512, peak: 300 }
const LEFT_MB_MAX = 5
const BISECT_STEP_MB = 16
/** A scan takes seconds of processor time: whoever takes longer than this stands still. */
const READING_MS_MAX = 1_800_000
const JOBS_END_MS_MAX = 30_000

const { values } = parseArgs({
  options: {
    limits: { type: 'string', default: '1024,512,384,256' },
    clients: { type: 'string', default: '10,100' },
    scans: { type: 'string', default: '20' },
    answers: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '1' },
    bisect: { type: 'string' },
    'built-in': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [limits, clientCounts] = [values.limits, values.clients].map((list) => list.split(',').map(Number)) as [
  number[],
  number[],
]
const [scans, atOnce, answersMin, rounds, runs] = [
  values.scans,
  values['at-once'],
  values.answers,
  values.rounds,
  values.runs,
].map(Number) as [number, number, number, number, number]

const missing = whyNoMemoryGroups()
if (missing !== undefined) {
  console.log(`Nothing was measured: ${missing}.`)
  process.exit(1)
}

using model = await startModel()
console.log(
  [
    '    MB  clients | 202 median  slowest each | first ready  all ready  not ready | peak, with file cache (MB)  anonymous |',
    ' kernel kills  failed chats | first token alone p50  p99 | while reading p50  p99  ratio | anonymous before  after',
  ].join(''),
)
if (values.bisect === undefined) {
  const measured: Measured[] = []
  for (const megabytes of limits)
    for (const clients of clientCounts) measured.push(...(await measureOften(megabytes, clients)))
  printVerdict(measured)
} else await bisect(values.bisect.split(',').map(Number) as [number, number])

/** Halves between a limit that is too small, or may be, and one that is enough. */
async function bisect([low, high]: [number, number]): Promise<void> {
  let [tooSmall, enough] = [low, high]
  while (enough - tooSmall > BISECT_STEP_MB) {
    const middle = Math.round((tooSmall + enough) / 2 / BISECT_STEP_MB) * BISECT_STEP_MB
    const unmet: string[] = []
    for (const clients of clientCounts) {
      // A server that cannot even start in so little memory has not met anything.
      const measured = await measureOften(middle, clients).catch((error: Error) => error.message)
      unmet.push(...(typeof measured === 'string' ? [measured] : findUnmet(measured)))
      if (unmet.length > 0) break
    }
    console.log(unmet.length === 0 ? `${middle} MB are enough` : `${middle} MB are too little: ${unmet.join('; ')}`)
    if (unmet.length === 0) enough = middle
    else tooSmall = middle
  }
  console.log(`The smallest limit at which everything demanded holds: ${enough} MB`)
}

/** A fresh server for each run. */
async function measureOften(megabytes: number, clients: number): Promise<Measured[]> {
  const measured: Measured[] = []
  while (measured.length < runs) measured.push(await measure(megabytes, clients))
  return measured
}

async function measure(megabytes: number, clients: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-memory-'))
  await using group = makeMemoryGroup(megabytes * MIB)
  try {
    await using server = await startServer({
      folder,
      wrap: (line) => group.wrap(onAllProcessors(line)),
      environment: {
        ...model.environment,
        ...(values['built-in'] ? { PATH: pathWithoutTesseract(folder) } : {}),
      },
    })
    await upload(server, 'staff-handbook.md', await readFile(join(SAMPLES, 'staff-handbook.md')))
    await untilJobsEnd(server)
    using people = openPeople(server.url)
    using peak = watchPeak(group)

    people.begin(clients)
    while (people.heard.length < answersMin + clients) await sleep(POLL_MS)
    await people.stop()
    const alone = people.heard.splice(0)
    await sleep(SETTLE_MS)
    const before = group.anonymousBytes()

    people.begin(clients)
    const startedAt = performance.now()
    const accepted = [await uploadScans(server, 0, scans, atOnce)]
    const reading = await untilRead(server, startedAt)
    const whileReading = people.heard.length
    while (accepted.length < rounds) {
      accepted.push(await uploadScans(server, accepted.length, scans, atOnce))
      await deleteUnread(server)
    }
    while (people.heard.length < answersMin) await sleep(POLL_MS)
    await people.stop()
    await untilJobsEnd(server)
    await sleep(SETTLE_MS)
    const measured: Measured = {
      megabytes,
      clients,
      accepted,
      reading,
      peakMb: group.peakBytes() / MIB,
      anonymousMb: peak.bytes() / MIB,
      kills: group.oomKills(),
      alone,
      // What was heard after the last scan says nothing of how reading disturbs; it counts for failures.
      beside: people.heard.slice(0, whileReading),
      after: people.heard.slice(whileReading),
      beforeMb: before / MIB,
      afterMb: group.anonymousBytes() / MIB,
    }
    print(measured)
    return measured
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Measured {
  megabytes: number
  clients: number
  /** Milliseconds from the first byte to the answer, sorted, of each round. */
  accepted: readonly (readonly number[])[]
  reading: { firstMs: number; allMs: number; notReady: readonly string[] }
  peakMb: number
  anonymousMb: number
  kills: number
  alone: readonly Heard[]
  beside: readonly Heard[]
  after: readonly Heard[]
  beforeMb: number
  afterMb: number
}

/** Everything demanded of these runs that is not met, in words. */
function findUnmet(measured: readonly Measured[]): string[] {
  return demandsOf(measured).flatMap(({ isMet, what }) => (isMet ? [] : [what]))
}

function printVerdict(measured: readonly Measured[]): void {
  for (const { isMet, what } of demandsOf(measured)) console.log(`${isMet ? 'met    ' : 'NOT MET'} ${what}`)
}

/** One line per demand and kind of run: the worst of the runs, but of the slowest answers to uploads the median. */
function demandsOf(measured: readonly Measured[]): { isMet: boolean; what: string }[] {
  const kinds = Map.groupBy(measured, ({ megabytes, clients }) => `${megabytes} MB, ${clients} clients`)
  return [...kinds].flatMap(([kind, ofKind]) => {
    const accepted = slowestOf(ofKind.flatMap((m) => m.accepted))
    const acceptedFirst = slowestOf(ofKind.flatMap((m) => m.accepted.slice(0, 1)))
    const lost = ofKind.reduce((sum, m) => sum + m.kills + failuresOf(m).length + m.reading.notReady.length, 0)
    const ratio = Math.max(...ofKind.map((m) => firstTokens(m).beside[1] / firstTokens(m).alone[1]))
    const left = Math.max(...ofKind.map(({ beforeMb, afterMb }) => afterMb - beforeMb))
    const peak = Math.max(...ofKind.map(({ anonymousMb }) => anonymousMb))
    return [
      { isMet: lost === 0, what: `${kind}: ${lost} kernel kills, failed chats and scans not read` },
      { isMet: accepted <= ACCEPTED_MS_MAX, what: `${kind}: slowest 202 after ${ms(accepted)} ms` },
      { isMet: acceptedFirst <= ACCEPTED_MS_MAX, what: `${kind}: of the first rounds after ${ms(acceptedFirst)} ms` },
      { isMet: ratio <= FIRST_TOKEN_RATIO_MAX, what: `${kind}: p99 of the first token ${ratio.toFixed(2)} times` },
      { isMet: left <= LEFT_MB_MAX, what: `${kind}: ${left.toFixed(1)} MB more afterwards` },
      ...(ofKind[0]!.megabytes === PEAK_MB_MAX.limit
        ? [{ isMet: peak <= PEAK_MB_MAX.peak, what: `${kind}: peak ${peak.toFixed(0)} MB anonymous` }]
        : []),
    ]
  })
}

/** The median of the slowest. */
function slowestOf(accepted: Measured['accepted']): number {
  return shareOf(
    accepted.map((times) => times.at(-1) ?? Number.NaN).sort((a, b) => a - b),
    0.5,
  )
}

function failuresOf({ alone, beside, after }: Measured): string[] {
  return [...alone, ...beside, ...after].flatMap(({ failure }) => failure ?? [])
}

/** Median and 99th percentile of the time to the first token, without and beside the reading. */
function firstTokens({ alone, beside, clients }: Measured) {
  const of = (heard: readonly Heard[]) => {
    // The first answer of each client comes from code that is not warm; it counts for failures.
    const times = heard
      .slice(clients)
      .flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]))
      .sort((a, b) => a - b)
    return [shareOf(times, 0.5), shareOf(times, 0.99)] as const
  }
  return { alone: of(alone), beside: of(beside) }
}

function print(m: Measured): void {
  const { alone, beside } = firstTokens(m)
  const failures = failuresOf(m)
  const cells = [
    [m.megabytes, 6],
    [m.clients, 9],
    ['|', 2],
    [
      ms(
        shareOf(
          m.accepted.flat().sort((a, b) => a - b),
          0.5,
        ),
      ),
      11,
    ],
    [`  ${m.accepted.map((times) => ms(times.at(-1) ?? 0)).join(' ')}`, 13],
    ['|', 2],
    [seconds(m.reading.firstMs), 12],
    [seconds(m.reading.allMs), 11],
    [m.reading.notReady.length, 11],
    ['|', 2],
    [m.peakMb.toFixed(0), 27],
    [m.anonymousMb.toFixed(0), 11],
    ['|', 2],
    [m.kills, 13],
    [`${failures.length}/${m.alone.length + m.beside.length + m.after.length}`, 14],
    ['|', 2],
    [ms(alone[0]), 22],
    [ms(alone[1]), 5],
    ['|', 2],
    [ms(beside[0]), 18],
    [ms(beside[1]), 5],
    [(beside[1] / alone[1]).toFixed(2), 7],
    ['|', 2],
    [m.beforeMb.toFixed(0), 17],
    [m.afterMb.toFixed(0), 7],
  ] as const
  console.log(values.json ? JSON.stringify(m) : cells.map(([cell, width]) => String(cell).padStart(width)).join(''))
  for (const [what, count] of countEach([...failures, ...m.reading.notReady])) console.log(`        ${count} × ${what}`)
}

/** The programs that the cage needs, and nothing else. */
function pathWithoutTesseract(folder: string): string {
  const path = join(folder, 'programs')
  mkdirSync(path)
  for (const name of ['sh', 'setpriv', 'prlimit', 'true']) symlinkSync(join('/usr/bin', name), join(path, name))
  return path
}

async function untilRead(server: TestServer, startedAt: number): Promise<Measured['reading']> {
  let firstMs = Number.NaN
  for (;;) {
    const elapsedMs = performance.now() - startedAt
    const ours = await listScans(server)
    if (Number.isNaN(firstMs) && ours.some(({ status }) => status === 'ready')) firstMs = elapsedMs
    const open = ours.filter(({ status }) => status !== 'ready' && status !== 'failed')
    if (open.length === 0 || elapsedMs > READING_MS_MAX) {
      const notReady = ours.filter(({ status }) => status !== 'ready')
      return {
        firstMs,
        allMs: elapsedMs,
        notReady: notReady.map(({ status, error }) => `${status}: ${error?.code ?? ''} ${error?.message ?? ''}`),
      }
    }
    await sleep(POLL_MS)
  }
}

/** A job worker stays for a moment when there is nothing left to do. */
async function untilJobsEnd(server: TestServer): Promise<void> {
  const deadline = performance.now() + JOBS_END_MS_MAX
  while (performance.now() < deadline) {
    const { workers } = (await (await server.fetch('/api/status')).json()) as { workers: { role: string }[] }
    if (workers.every(({ role }) => role !== 'job')) return
    await sleep(POLL_MS)
  }
}

/** The kernel keeps no high-water mark of anonymous memory: it is sampled. */
function watchPeak(group: MemoryGroup) {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, group.anonymousBytes())
  }, SAMPLE_MS)
  return { bytes: () => most, [Symbol.dispose]: () => clearInterval(timer) }
}

function shareOf(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

function countEach(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

function ms(value: number): string {
  return value.toFixed(0)
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`
}
