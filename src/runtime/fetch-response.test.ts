import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { answer } from './fetch-response.ts'

const CHUNK = new Uint8Array(64 * 1024)

test('an answer that breaks off while its client takes nothing cuts the line', async (t) => {
  let fail: (error: Error) => void = () => undefined
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      fail = (error) => controller.error(error)
    },
    pull: (controller) => controller.enqueue(CHUNK),
  })
  const { promise: stalled, resolve } = Promise.withResolvers<ServerResponse>()
  const server = createServer((incoming, outgoing) => {
    void answer(new Response(body), incoming, outgoing)
    const timer = setInterval(() => {
      if (!outgoing.writableNeedDrain) return
      clearInterval(timer)
      resolve(outgoing)
    }, 10)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => client.destroy())
  client.pause()
  client.on('error', () => undefined) // Being cut off is what it is there for.
  client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')

  const outgoing = await stalled
  const closed = once(outgoing, 'close')
  fail(new Error('The reader took nothing.'))
  await closed
})
