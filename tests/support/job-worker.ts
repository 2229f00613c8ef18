/** A job worker as a process, with tasks that behave well and badly: `node job-worker.ts FOLDER`. TERM stops it warmly. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, openJobs, type Task } from '../../src/jobs.ts'
import { createLog } from '../../src/lib/log.ts'
import { openMessages } from '../../src/lib/messages.ts'
import { openStorage, type Transaction } from '../../src/storage.ts'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Expected the data folder as argument.')

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())

const tasks: Task[] = [
  // Its effect and its end are one transaction.
  task('effect', async (job) => {
    await sleep(20)
    await job.finish((tx) => effect(tx, job))
  }),
  // Twenty steps, each durable; goes on where it stopped.
  task('steps', async (job, signal) => {
    for (;;) {
      signal.throwIfAborted()
      const isDone = await job.progress((tx) => {
        const { n } = tx.get<{ n: number }>('SELECT count(*) AS n FROM journal WHERE stream = ?', String(job.payload))!
        if (n === 20) return true
        tx.run('INSERT INTO journal VALUES (?, ?, ?, 0)', String(job.payload), n, `attempt ${job.attempt}`)
        return false
      })
      if (isDone) return
      await sleep(20)
    }
  }),
  task('crash', async () => {
    process.kill(process.pid, 'SIGKILL')
    await sleep(60_000)
  }),
  task('exit', async () => process.exit(0)),
  { ...task('deaf', () => sleep(60_000)), timeoutMs: 100 },
]

await using storage = openStorage(folder, { role: 'job' })
const log = createLog({ level: 'error' })
const jobs = openJobs({ database: storage.database, messages: openMessages(), log })
process.send?.('ready')
await jobs.run(tasks, { signal: stop.signal, idleMs: 0 })
process.disconnect?.()

function effect(tx: Transaction, job: Job): void {
  const { n } = tx.get<{ n: number }>('SELECT count(*) AS n FROM journal')!
  tx.run('INSERT INTO journal VALUES (?, ?, ?, 0)', 'effects', n, String(job.payload))
}

function task(name: string, run: Task['run']): Task {
  return { name, run, maxFailures: 1, retryDelayMs: () => 0 }
}
