/** The application of the benchmark, for the runtime. */
import type { Application } from '../../src/runtime.ts'
import { answerTo } from './http-answer.ts'

export default {
  fetch(request) {
    return Response.json(answerTo(new URL(request.url).pathname))
  },
} satisfies Application
