/** What the conformance suite of the bridge talks to, as an application of the runtime. */
import type { Application } from '../../../src/runtime.ts'

let aborted = 0
let pulled = 0
const CHUNK = new Uint8Array(65_536).fill(120)

export default {
  async fetch(request, { upgrade }) {
    switch (new URL(request.url).pathname) {
      case '/early':
        return new Response('too large', { status: 413 })
      case '/echo':
        return new Response(request.body)
      case '/count': {
        let bytes = 0
        for await (const chunk of request.body ?? []) bytes += chunk.byteLength
        return new Response(String(bytes))
      }
      case '/cookies': {
        const headers = new Headers([
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ])
        return new Response(null, { status: 204, headers })
      }
      case '/endless':
        request.signal.addEventListener('abort', () => {
          aborted += 1
        })
        return new Response(
          new ReadableStream({
            pull(controller) {
              pulled += 1
              controller.enqueue(CHUNK)
            },
            cancel() {
              aborted += 1
            },
          }),
        )
      case '/never':
        await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
        aborted += 2
        return new Response()
      case '/seen':
        return Response.json({ aborted, pulled })
      case '/events':
        return new Response(
          new ReadableStream({
            start(controller) {
              setTimeout(() => controller.enqueue(new TextEncoder().encode('data: late\n\n')), 500)
            },
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        )
      case '/broken':
        return new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(CHUNK),
            pull: (controller) => controller.error(new Error('broke off')),
          }),
        )
      case '/socket': {
        if (!upgrade) return new Response('no upgrade', { status: 426 })
        const { socket } = upgrade()
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        socket.on('data', (bytes: Buffer) => socket.end(`heard ${bytes}`))
        return new Response()
      }
    }
    return new Response('hello')
  },
} satisfies Application
