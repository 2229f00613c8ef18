/** Process 3, started by the supervisor when there is work and gone when there is none: claims jobs and runs their tasks. */
import { loadChildConfig } from '../config.ts'
import { type KnowBot, openKnowBot } from '../knowbot.ts'
import type { JobApplication } from '../runtime.ts'

let knowbot: KnowBot

export default {
  async open(host) {
    knowbot = await openKnowBot(loadChildConfig(), host)
  },
  run: (signal) => knowbot.runJobs(signal),
  close: async () => {
    await knowbot[Symbol.asyncDispose]()
  },
} satisfies JobApplication
