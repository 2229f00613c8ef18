/**
 * A proxy of the world outside, as nginx is set up by default: it collects an answer into blocks and passes them on when they are
 * full or the answer has ended, unless the answer asks it not to (`X-Accel-Buffering: no`).
 */
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface BufferingProxy {
  readonly url: string
  /** Headers of the answers, as they came from behind. */
  readonly answers: readonly IncomingMessage['headers'][]
}

export interface BufferingProxyOptions {
  /** Collects whatever the answer asks for. */
  isStubborn?: boolean
}

const BLOCK_BYTES = 16 * 1024

export async function startBufferingProxy(
  t: TestContext,
  target: string,
  { isStubborn = false }: BufferingProxyOptions = {},
): Promise<BufferingProxy> {
  const answers: IncomingMessage['headers'][] = []
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const onwards = httpRequest(`${target}${url}`, { method, headers }, (answer) => {
      answers.push(answer.headers)
      outgoing.writeHead(answer.statusCode!, answer.headers)
      const isBuffered = isStubborn || answer.headers['x-accel-buffering'] !== 'no'
      if (!isBuffered) return void answer.pipe(outgoing)
      let block: Buffer[] = []
      const pass = () => {
        outgoing.write(Buffer.concat(block))
        block = []
      }
      answer.on('data', (chunk: Buffer) => {
        block.push(chunk)
        if (block.reduce((bytes, { length }) => bytes + length, 0) >= BLOCK_BYTES) pass()
      })
      answer.on('end', () => {
        pass()
        outgoing.end()
      })
    })
    onwards.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onwards.destroy())
    incoming.pipe(onwards)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, answers }
}
