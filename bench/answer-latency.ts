/**
 * How soon is there something to read? `node bench/answer-latency.ts [--passages N] [--people 10,100] [--seconds S] [--think MS] [--folder DIR]`
 *
 * A whole server without a model, in a memory cgroup of 512 MB where root may make one, over 50,000 passages of the question sets
 * beside the project. So many people each ask in a chat of their own, read the answer to its end, think for a moment (2 s on average)
 * and ask again. Printed: from the request to `sources-found` and to the first quote, as a client in another process sees them.
 * Demanded: p95 of 100 ms and 150 ms. A folder that is named is built once and kept.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config.ts'
import { prepareFolder } from '../src/knowbot.ts'
import { MIB, SECOND_MS } from '../src/lib/units.ts'
import { openStorage } from '../src/storage.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from '../tests/support/memory-group.ts'
import { BOOTSTRAP_KEY, startServer } from '../tests/support/server.ts'
import { openLargeCorpus } from './support/large-corpus.ts'
import { readSet, setNames } from './support/question-sets.ts'
import type { Heard, Order } from './support/quote-readers.ts'

const GROUP_BYTES = 512 * MIB
const BARS = { sourcesMs: 100, quoteMs: 150 }
/** What is loaded on first use is loaded, and the file cache has what is asked for again and again. */
const WARM_UP_S = 5

const { values: flags } = parseArgs({
  options: {
    passages: { type: 'string', default: '50000' },
    people: { type: 'string', default: '10,100' },
    seconds: { type: 'string', default: '20' },
    think: { type: 'string', default: '2000' },
    folder: { type: 'string' },
  },
})
const sets = setNames().map(readSet)
if (sets.length === 0) console.log('There are no question sets beside the project: nothing was measured.')
else await measure()

async function measure(): Promise<void> {
  const folder = resolve(flags.folder ?? mkdtempSync(join(tmpdir(), 'knowbot-latency-')))
  const why = whyNoMemoryGroups()
  const group = why === undefined ? makeMemoryGroup(GROUP_BYTES) : undefined
  if (why !== undefined) console.log(`Without a memory limit: ${why}.`)
  try {
    const { passages } = await openLargeCorpus(folder, Number(flags.passages), sets, (line) => console.error(line))
    await giveToSystem(folder)
    await serve(folder, passages, group)
  } finally {
    await group?.[Symbol.asyncDispose]()
    if (flags.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function serve(folder: string, passages: number, group: MemoryGroup | undefined): Promise<void> {
  await using server = await startServer({ folder, ...(group ? { wrap: (line) => group.wrap(line) } : {}) })
  const questions = sets.flatMap((set) =>
    set.questions.filter(({ docId }) => docId !== null).map((row) => row.question),
  )
  const readers = fork(join(import.meta.dirname, 'support/quote-readers.ts'), [server.url, BOOTSTRAP_KEY])
  const heard: Heard[] = []
  readers.on('message', (message) => typeof message === 'object' && heard.push(message as Heard))
  const ask = async (people: number, seconds: number) => {
    readers.send({ people, thinkMs: Number(flags.think), questions: shuffled(questions) } satisfies Order)
    await new Promise((resolve) => setTimeout(resolve, seconds * SECOND_MS))
    readers.send({ people: 0 })
    for await (const [message] of events(readers)) if (message === 'stopped') break
    return heard.splice(0)
  }
  await ask(10, WARM_UP_S)
  console.log(`${passages} passages${group ? `, ${GROUP_BYTES / MIB} MB` : ''}`)
  console.log(
    'people   answers/s   sources p50   p95   p99   first quote p50   p95   p99 (ms)   without a quote   failures   MB   met',
  )
  for (const people of flags.people.split(',').map(Number)) {
    const answers = await ask(people, Number(flags.seconds))
    const [sources, quotes] = [times(answers, 'sourcesMs'), times(answers, 'quoteMs')]
    const failures = answers.filter(({ failure }) => failure !== undefined)
    const isMet = at(sources, 0.95) <= BARS.sourcesMs && at(quotes, 0.95) <= BARS.quoteMs && failures.length === 0
    const cells = [
      ...[people, (answers.length / Number(flags.seconds)).toFixed(1)],
      ...[0.5, 0.95, 0.99].map((share) => Math.round(at(sources, share))),
      ...[0.5, 0.95, 0.99].map((share) => Math.round(at(quotes, share))),
      ...[answers.length - quotes.length, failures.length],
      ...[group ? Math.round(group.anonymousBytes() / MIB) : '–', isMet ? 'yes' : 'no'],
    ]
    const widths = [6, 12, 14, 6, 6, 18, 6, 6, 23, 11, 5, 6]
    console.log(cells.map((cell, index) => String(cell).padStart(widths[index]!)).join(''))
    for (const failure of new Set(failures.map((row) => row.failure))) console.log(`  ${failure}`)
  }
  readers.disconnect()
}

function times(answers: readonly Heard[], of: 'sourcesMs' | 'quoteMs'): number[] {
  return answers.flatMap((heard) => heard[of] ?? []).sort((a, b) => a - b)
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

async function* events(child: ReturnType<typeof fork>): AsyncGenerator<unknown[]> {
  for (;;) yield (await once(child, 'message')) as unknown[]
}

/** In an order of its own, and the same in every run. */
function shuffled(questions: readonly string[]): string[] {
  const keyed = questions.map((question, index) => ({ question, key: Math.imul(index + 1, 0x9e3779b1) >>> 0 }))
  return keyed.sort((a, b) => a.key - b.key).map(({ question }) => question)
}

/** The corpus has passages alone: pages are put together from them, and all of it is given to the user of the bootstrap key. */
async function giveToSystem(folder: string): Promise<void> {
  await prepareFolder(loadConfig({ data: folder, 'bootstrap-key': BOOTSTRAP_KEY, 'log-level': 'error' }, {}))
  await using storage = openStorage(folder, { role: 'job' })
  const { database } = storage
  const system = database.get<{ userId: number; collectionId: number }>(
    `SELECT users.id AS userId, collections.id AS collectionId FROM users JOIN collections ON owner_id = users.id WHERE kind = 'system'`,
  )!
  const readings = database.all<{ id: number }>(
    'SELECT id FROM readings WHERE NOT EXISTS (SELECT 1 FROM pages WHERE reading_id = readings.id)',
  )
  for (let i = 0; i < readings.length; i += 200) {
    await database.write((tx) => {
      for (const { id } of readings.slice(i, i + 200)) {
        let text = ''
        for (const passage of tx.iterate<{ start: number; text: string }>(
          'SELECT start, text FROM passages WHERE reading_id = ? ORDER BY start',
          id,
        )) {
          // Passages overlap, and leave out what is between them.
          text = text.slice(0, passage.start).padEnd(passage.start) + passage.text
        }
        tx.run(`INSERT INTO pages (reading_id, number, text, source) VALUES (?, 1, ?, 'text')`, id, text)
      }
    })
  }
  await database.write((tx) =>
    tx.run('UPDATE documents SET owner_id = ?, collection_id = ?', system.userId, system.collectionId),
  )
}
