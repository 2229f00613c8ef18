/**
 * A model server in a process of its own, for `memory.ts`: everybody gets the same words over 1.5 s, whatever was asked. One timer
 * for each answer, so that a hundred answers are no burst. Says its address when it listens.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [, , text = '', ms = '1500'] = process.argv
const words = text.split(/(?<= )/)
const wordEveryMs = Number(ms) / words.length

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const sendNext = () => {
    const isLast = sent === words.length
    const choice = { index: 0, delta: isLast ? {} : { content: words[sent] }, finish_reason: isLast ? 'stop' : null }
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'double', choices: [choice] }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    sent++
    if (!isLast) return
    clearInterval(timer)
    response.end('data: [DONE]\n\n')
  }
  const timer = setInterval(sendNext, wordEveryMs)
  // The first word at once: a wait of ours would hide in the time to the first word what the server under test adds.
  sendNext()
  response.on('close', () => clearInterval(timer))
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', 4096, () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
)
process.on('disconnect', () => process.exit())
