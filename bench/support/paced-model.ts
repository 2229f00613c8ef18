/**
 * A model server in a process of its own: everybody gets the same words over so many milliseconds, whatever was asked. One timer for each
 * answer, so that a hundred answers are no burst. Says its address when it listens. `text ms [spread]` on the command line; of the time each
 * answer takes up to `spread` more or less (0.2: a fifth). People who ask again when they have their answer, and all wait as long for it,
 * come to ask in step: whoever waited behind others ends with them.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [, , text = '', ms = '1500', spread = '0'] = process.argv
const words = text.split(/(?<= )/)

function answerMs(): number {
  return Number(ms) * (1 + Number(spread) * (2 * Math.random() - 1))
}

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
  const timer = setInterval(sendNext, answerMs() / words.length)
  // The first word at once: a wait of ours would hide in the time to the first word what the server under test adds.
  sendNext()
  response.on('close', () => clearInterval(timer))
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', 4096, () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
)
process.on('disconnect', () => process.exit())
