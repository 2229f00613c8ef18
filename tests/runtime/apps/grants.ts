/** A job application in which the worker of each slot asks for so many megabytes as `TEST_WISHES` says, and holds them until `go-SLOT` is there. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobApplication, WorkerHost } from '../../../src/runtime.ts'

const MIB = 1024 * 1024
const folder = process.env['TEST_FOLDER']
const wishes = (process.env['TEST_WISHES'] ?? '').split(',').map(Number)
let host: WorkerHost

export default {
  async open(given) {
    host = given
  },
  async run(signal) {
    const bytes = wishes[host.slot]! * MIB
    const answer = await host.grantMemory({ what: `work ${host.slot}`, leastBytes: bytes, wantedBytes: bytes }, signal)
    while (!existsSync(`${folder}/go-${host.slot}`) && !signal.aborted) await sleep(20)
    if (answer.isGranted) answer.release()
    host.announceWork({ waiting: false, nextAt: null })
  },
} satisfies JobApplication
