/** Process 2, started by the supervisor: KnowBot as an application, `(Request) → Promise<Response>`. */
import { createApp } from '../app.ts'
import { loadChildConfig } from '../config.ts'
import { type KnowBot, openKnowBot } from '../knowbot.ts'
import type { Application } from '../runtime.ts'

let knowbot: KnowBot
let app: ReturnType<typeof createApp>

export default {
  async open(host) {
    knowbot = await openKnowBot(loadChildConfig(), host)
    app = createApp(knowbot)
  },
  fetch: (request, info) => app.fetch(request, info),
  classify: (request) => app.classify(request),
  finish: (signal) => knowbot.chat.finish(signal),
  close: async () => {
    await knowbot[Symbol.asyncDispose]()
  },
} satisfies Application
