/**
 * What do answers cost that are being written? `node bench/answer-streams.ts [STREAMS]` (1000 when nothing is said)
 *
 * A whole server with one web worker. So many people ask in chats of their own; a model server writes 20 tokens a second to each, and
 * each answer is journaled and goes over HTTP to its reader. Both ends are one process that has the last processor to itself, and the
 * server the others. One round of the same size warms up, then the worker rests until it has given back what it does not need: that is
 * what the growth is measured against. Printed: anonymous memory of the worker while all answers are open, for each of them; the
 * time between two arrivals of text at a reader; the worker's share of a processor; and whether every token has arrived, once and in turn.
 * Demanded at 1,000: 40 kB, 150 ms for 99 of 100, none lost.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BOOTSTRAP_KEY, startServer, type TestServer, upload } from '../tests/support/server.ts'
import { readProcess, readTree } from './support/process-memory.ts'
import type { Heard, Order } from './support/streaming-peers.ts'

const WARM_UP_S = 3
const MEASURED_S = 10
const SAMPLE_MS = 1000
/** Idle workers collect their garbage within this time. */
const REST_MS = 12_000
const BARS = { kb: 40, gapMs: 150 }

const count = Number(process.argv[2] ?? 1000)
const lastProcessor = availableParallelism() - 1
const peers = fork(join(import.meta.dirname, 'support/streaming-peers.ts'))
execFileSync('taskset', ['-a', '-c', '-p', String(lastProcessor), String(peers.pid)])
const { modelUrl } = await heard<{ modelUrl: string }>(peers)
try {
  await using server = await startServer({
    args: ['--workers', '1'],
    environment: { KNOWBOT_MODEL: 'openai-compatible:bench', KNOWBOT_MODEL_URL: modelUrl },
    wrap: (line) => ['taskset', '-c', `0-${Math.max(0, lastProcessor - 1)}`, ...line],
  })
  const text = 'The reading room has 42 seats, six of them with a lamp. It opens at nine in the morning.'
  await upload(server, 'handbook.txt', text)
  const worker = workerOf(server)
  console.log(
    'streams   kB each mean   most   gap p50   p99   most (ms)   processor   lost   out of turn   broken   model late (ms)',
  )
  await round(server, worker, WARM_UP_S)
  await sleep(REST_MS)
  print(await round(server, worker, MEASURED_S))
} finally {
  peers.disconnect()
}

interface Round extends Heard {
  kb: number[]
  processor: number
}

async function round(server: TestServer, worker: number, seconds: number): Promise<Round> {
  const chats: string[] = []
  while (chats.length < count) chats.push(await newChat(server))
  const idle = readProcess(worker)!.anonymousMb
  order({ ask: { url: server.url, key: BOOTSTRAP_KEY, chats } })
  await heard(peers) // All of them are being written.
  const kb: number[] = []
  const startedAt = performance.now()
  const spentBefore = processorS(worker)
  let processor = 0
  const sampler = setInterval(() => {
    kb.push(((readProcess(worker)!.anonymousMb - idle) * 1024) / count)
    processor = ((processorS(worker) - spentBefore) * 1000) / (performance.now() - startedAt)
  }, SAMPLE_MS)
  order({ write: seconds })
  // Before they come to their ends, together.
  await sleep(seconds * 1000 - SAMPLE_MS / 2)
  clearInterval(sampler)
  return { ...(await heard<Heard>(peers)), kb, processor }
}

function print({ kb, processor, gaps, lost, wrong, broken, lateMs }: Round): void {
  const mean = kb.reduce((sum, each) => sum + each, 0) / kb.length
  const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? Number.NaN
  const cells = [
    ...[count, mean.toFixed(1), Math.max(...kb).toFixed(1), at(0.5).toFixed(0), at(0.99).toFixed(0), at(1).toFixed(0)],
    ...[processor.toFixed(2), lost, wrong, broken, lateMs.toFixed(0)],
  ]
  const widths = [7, 15, 7, 10, 6, 12, 12, 7, 14, 9, 18]
  console.log(cells.map((cell, index) => String(cell).padStart(widths[index]!)).join(''))
  const isMet = mean <= BARS.kb && at(0.99) <= BARS.gapMs && lost + wrong + broken === 0
  console.log(`${BARS.kb} kB, ${BARS.gapMs} ms, none lost: ${isMet ? 'met' : 'not met'}`)
}

async function newChat(server: TestServer): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await server.fetch('/api/chats', { method: 'POST', headers, body: '{}' })
  return ((await response.json()) as { id: string }).id
}

function workerOf(server: TestServer): number {
  const tree = readTree(server.process.pid!)
  return tree.find(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('web-worker'))!.pid
}

/** User and system time so far, in seconds; the kernel counts hundredths. */
function processorS(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function order(message: Order): void {
  peers.send(message)
}

async function heard<T>(from: ChildProcess): Promise<T> {
  return ((await once(from, 'message')) as [T])[0]
}
