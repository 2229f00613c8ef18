/** A job application that writes its pid into a file, tells the others, and dies when the file says so. */
import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobApplication, WorkerHost } from '../../../src/runtime.ts'

let host: WorkerHost
const folder = process.env['TEST_FOLDER']!

export default {
  async open(given) {
    host = given
  },
  async run(signal) {
    appendFileSync(`${folder}/runs`, `${process.pid}\n`)
    host.publish('news', `job ${host.slot}`)
    if (existsSync(`${folder}/crash`)) {
      rmSync(`${folder}/crash`)
      process.kill(process.pid, 'SIGKILL')
    }
    if (existsSync(`${folder}/stay`)) await sleep(60_000, undefined, { signal }).catch(() => undefined)
    host.announceWork({ waiting: false, nextAt: null })
  },
} satisfies JobApplication
