/** A job application that takes so many megabytes, as `TEST_HOG_MB` says, in Buffers that it touches; once, and then has nothing to do. */
import { appendFileSync, existsSync } from 'node:fs'
import type { JobApplication, WorkerHost } from '../../../src/runtime.ts'

const MIB = 1024 * 1024
const file = `${process.env['TEST_FOLDER']}/hogged`
const held: Buffer[] = []
let host: WorkerHost

export default {
  async open(given) {
    host = given
  },
  async run() {
    const wanted = existsSync(file) ? 0 : Number(process.env['TEST_HOG_MB'])
    appendFileSync(file, `${process.pid}\n`)
    for (let megabytes = 0; megabytes < wanted; megabytes += 10) held.push(Buffer.alloc(10 * MIB, 1))
    host.announceWork({ waiting: false, nextAt: null })
  },
} satisfies JobApplication
