/** A model server in a process of its own: 20 tokens a second to everybody, 200 tokens each. Says its address when it listens. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const TOKEN_EVERY_MS = 50
const TOKENS = 200

const answering = new Map<ServerResponse, number>()
const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  answering.set(response, 0)
  response.on('close', () => answering.delete(response))
})
setInterval(() => {
  for (const [response, sent] of answering) {
    const isLast = sent === TOKENS
    const choice = { index: 0, delta: isLast ? {} : { content: ` word${sent}` }, finish_reason: isLast ? 'stop' : null }
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [choice] })}\n\n`,
    )
    answering.set(response, sent + 1)
    if (isLast) response.end('data: [DONE]\n\n')
  }
}, TOKEN_EVERY_MS)
server.listen(0, '127.0.0.1', 4096, () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
)
process.on('disconnect', () => process.exit())
