/** The same behaviours on bare node:http, by hand: what the bridge is measured against. */
import { createServer } from 'node:http'

let aborted = 0
let pulled = 0
const CHUNK = Buffer.alloc(65_536, 'x')

const server = createServer((request, response) => {
  switch (request.url) {
    case '/early':
      response.writeHead(413, { connection: 'close' })
      response.end('too large')
      return
    case '/echo':
      request.pipe(response)
      return
    case '/count': {
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      request.on('end', () => response.end(String(bytes)))
      return
    }
    case '/cookies':
      response.writeHead(204, { 'set-cookie': ['a=1', 'b=2'] })
      response.end()
      return
    case '/endless': {
      response.once('close', () => {
        aborted += 2
      })
      const more = () => {
        do pulled += 1
        while (response.write(CHUNK))
      }
      response.on('drain', more)
      more()
      return
    }
    case '/never':
      response.once('close', () => {
        aborted += 2
      })
      return
    case '/seen':
      response.end(JSON.stringify({ aborted, pulled }))
      return
    case '/events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      setTimeout(() => response.write('data: late\n\n'), 500)
      return
    case '/broken':
      response.write(CHUNK, () => response.destroy())
      return
    case '/throw':
      response.writeHead(500).end()
      return
  }
  response.end('hello')
})
server.on('upgrade', (_request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.on('data', (bytes: Buffer) => socket.end(`heard ${bytes}`))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`)
})
