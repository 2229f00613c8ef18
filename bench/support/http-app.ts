/** The application of the benchmark, for the runtime. */
import type { Application } from '../../src/runtime.ts'
import { answerTo } from './http-answer.ts'

export default {
  fetch(request) {
    const { pathname } = new URL(request.url)
    return pathname === '/events' ? openEvents() : Response.json(answerTo(pathname))
  },
} satisfies Application

/** A stream that says hello and then nothing. */
function openEvents(): Response {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(': hello\n\n')),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
