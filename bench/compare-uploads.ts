/**
 * Twenty scans uploaded at once to two versions of the program in turn, on a machine too noisy for one figure alone. As root, for it makes
 * memory cgroups: `node bench/compare-uploads.ts OTHER_CHECKOUT [--clients 10] [--servers 5] [--rounds 2]`
 *
 * So many servers of each version, each in 512 MB with people who ask; in each round both get their scans, one after the other, and the
 * reading is stopped. Printed are medians over the servers: the slowest 202, and the processor time of the web worker's event loop.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MIB } from '../src/lib/units.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from '../tests/support/memory-group.ts'
import { commandOf, descendants } from '../tests/support/process.ts'
import { type startServer, type TestServer, upload } from '../tests/support/server.ts'
import { onAllProcessors, openPeople, startModel } from './support/around-the-server.ts'
import { deleteUnread, SAMPLES, uploadScans } from './support/scan-uploads.ts'

const SCANS = 20
const MEMORY_BYTES = 512 * MIB
/** So many answers of each person come first: nobody uploads to code that has never answered. */
const ANSWERS_BEFORE = 3
const POLL_MS = 200
/** What was begun for the scans of one round is over before the next. */
const SETTLE_MS = 1000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '10' },
    servers: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '2' },
  },
})
const [clients, servers, rounds] = [values.clients, values.servers, values.rounds].map(Number) as [
  number,
  number,
  number,
]
const missing = positionals.length === 1 ? whyNoMemoryGroups() : 'expected the folder of another checkout'
if (missing !== undefined) {
  console.log(`Nothing was measured: ${missing}.`)
  process.exit(1)
}

interface Version {
  name: string
  start: typeof startServer
  /** For each round, over the servers. */
  slowestMs: number[][]
  loopMs: number[][]
}

const here = resolve(import.meta.dirname, '..')
const versions: Version[] = await Promise.all(
  [resolve(positionals[0]!), here].map(async (root) => ({
    name: root === here ? 'this' : 'other',
    start: ((await import(join(root, 'tests/support/server.ts'))) as { startServer: typeof startServer }).startServer,
    slowestMs: Array.from({ length: rounds }, () => []),
    loopMs: Array.from({ length: rounds }, () => []),
  })),
)
{
  using model = await startModel()
  for (let count = 0; count < servers; count++) await compare(model.environment, count)
}
for (const { name, slowestMs, loopMs } of versions) {
  for (let round = 0; round < rounds; round++) {
    const slowest = slowestMs[round]!
    const each = slowest.map((ms) => ms.toFixed(0)).join(' ')
    console.log(
      `${name.padEnd(5)} round ${round + 1}: slowest 202 ${median(slowest)} ms, event loop ${median(loopMs[round]!)} ms (slowest each: ${each})`,
    )
  }
}

async function compare(environment: Record<string, string>, count: number): Promise<void> {
  await using first = await openStand(versions[0]!, environment)
  await using second = await openStand(versions[1]!, environment)
  for (let round = 0; round < rounds; round++) {
    // Who comes second finds a busier machine, so that they take turns.
    for (const { version, server } of (round + count) % 2 === 0 ? [first, second] : [second, first]) {
      const worker = descendants(server.process.pid!).find((pid) => commandOf(pid).includes('web-worker'))!
      const before = loopTimeMs(worker)
      const times = await uploadScans(server, round, SCANS)
      version.slowestMs[round]!.push(times.at(-1)!)
      version.loopMs[round]!.push(loopTimeMs(worker) - before)
      await deleteUnread(server)
      await sleep(SETTLE_MS)
    }
  }
}

interface Stand extends AsyncDisposable {
  version: Version
  server: TestServer
}

/** A server of this version in a cgroup of its own, with people who ask. */
async function openStand(version: Version, environment: Record<string, string>): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-uploads-'))
  const group: MemoryGroup = makeMemoryGroup(MEMORY_BYTES)
  const server = await version.start({
    folder,
    wrap: (line) => group.wrap(onAllProcessors(line)),
    environment,
  })
  await upload(server, 'staff-handbook.md', await readFile(join(SAMPLES, 'staff-handbook.md')))
  const people = openPeople(server.url)
  people.begin(clients)
  while (people.heard.length < ANSWERS_BEFORE * clients) await sleep(POLL_MS)
  return {
    version,
    server,
    async [Symbol.asyncDispose]() {
      people[Symbol.dispose]()
      await server.stop()
      await group[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Processor time of the main thread, where the event loop runs (`schedstat`: nanoseconds). */
function loopTimeMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
}

function median(all: readonly number[]): string {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!.toFixed(0)
}
