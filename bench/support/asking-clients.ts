/**
 * People who ask, one question after the other, in a process of their own: `url key expected` on the command line, then by IPC
 * `{clients}` to begin and `{clients: 0}` to stop after the answers in hand. Each answer is reported as a `Heard`.
 */
import { Agent, request } from 'node:http'

export interface Heard {
  /** From the request to the first `text-delta`, in ms; null where none came. */
  firstMs: number | null
  /** Undefined for a whole, right answer by the model. */
  failure: string | undefined
}

const [, , url = '', key = '', expected = ''] = process.argv
const QUESTION = JSON.stringify({ question: 'How many hours is a full week?' })
const ANSWER_MS_MAX = 60_000
/** After a refusal: people do not ask a thousand times a second. */
const PAUSE_MS = 500

const agent = new Agent({ keepAlive: true })
let wanted = 0
let running = 0

process.on('message', ({ clients }: { clients: number }) => {
  wanted = clients
  while (running < wanted) {
    running++
    void askAlways(running)
  }
  if (running === 0) process.send?.('stopped')
})
process.on('disconnect', () => process.exit())

async function askAlways(number: number): Promise<void> {
  // Not all at once: people do not ask in step.
  await sleep(Math.random() * 1500)
  while (number <= wanted) {
    const heard = await ask()
    process.send?.(heard)
    if (heard.failure !== undefined) await sleep(PAUSE_MS)
  }
  if (--running === 0) process.send?.('stopped')
}

function ask(): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const startedAt = performance.now()
  let firstMs: number | null = null
  const settle = (failure: string | undefined) => resolve({ firstMs, failure })
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': QUESTION.length,
    accept: 'text/event-stream',
  }
  const call = request(`${url}/api/ask`, { method: 'POST', headers, agent, timeout: ANSWER_MS_MAX }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (firstMs === null && text.includes('event: text-delta')) firstMs = performance.now() - startedAt
    })
    response.on('end', () => settle(response.statusCode === 200 ? judge(text) : `status ${response.statusCode}`))
    response.on('error', (error) => settle(error.message))
  })
  call.on('timeout', () => call.destroy(new Error('silence')))
  call.on('error', (error) => settle(error.message))
  call.end(QUESTION)
  return promise
}

function judge(text: string): string | undefined {
  const data = /event: answer-end\r?\n(?:id: .*\r?\n)?data: (.*)/.exec(text)?.[1]
  if (data === undefined) return 'no answer-end'
  const { answer, mode, state } = JSON.parse(data) as { answer: string; mode: string; state: string }
  if (mode !== 'model') return `mode ${mode}`
  if (state !== 'complete') return `state ${state}`
  return answer === expected ? undefined : `wrong text: ${answer.slice(0, 60)}`
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
