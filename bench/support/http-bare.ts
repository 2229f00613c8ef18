/** The benchmark's application on bare node:http, as one would write it by hand. */
import { createServer } from 'node:http'
import { answerTo } from './http-answer.ts'

const server = createServer((request, response) => {
  const body = JSON.stringify(answerTo(new URL(request.url!, `http://${request.headers.host}`).pathname))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`)
})
