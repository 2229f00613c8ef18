/** Process 3, started by the supervisor when there is work and gone when there is none: claims jobs and runs their tasks. */
import { constants, setPriority } from 'node:os'
import { loadChildConfig } from '../config.ts'
import { type KnowBot, openKnowBot } from '../knowbot.ts'
import type { JobApplication } from '../runtime.ts'

let knowbot: KnowBot

export default {
  async open(host) {
    // Whoever waits for an answer goes first, also before the readers that this process starts: they inherit it.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    knowbot = await openKnowBot(loadChildConfig(), host)
  },
  run: (signal) => knowbot.runJobs(signal),
  close: async () => {
    await knowbot[Symbol.asyncDispose]()
  },
} satisfies JobApplication
