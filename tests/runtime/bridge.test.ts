/** One suite for the bridge from HTTP to `fetch`, run against bare node:http and against ours: what clients see is the same. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSupervisor, until } from './support.ts'

interface Target {
  url: string
  stop(): Promise<unknown>
}

const targets: Record<string, () => Promise<Target>> = {
  'bare node:http': async () => {
    const child = spawn(process.execPath, [resolve(import.meta.dirname, 'apps/bare.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout, 'data')
    return { url: String(line).trim(), stop: async () => void child.kill('SIGKILL') }
  },
  'the runtime': async () => {
    const server = await startSupervisor({ app: 'bridge.ts' })
    return { url: server.url, stop: async () => server[Symbol.asyncDispose]() }
  },
}

for (const [name, start] of Object.entries(targets)) {
  describe(name, () => {
    let target: Target
    before(async () => {
      target = await start()
    })
    after(() => target.stop())

    // Bare node:http closes the socket with bytes unread, and the reset overtakes its answer.
    const resets = name === 'bare node:http' && 'bare node:http resets the connection'
    test('an answer before the end of the body can be read by a client that is still sending', {
      skip: resets,
    }, async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write(`POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: ${64 << 20}\r\n\r\n`)
      for (let sent = 0; sent < 16 && !socket.destroyed; sent += 1) socket.write(Buffer.alloc(1 << 20))
      const text = await until(() => answer.text().includes('too large') && answer.text(), 'the answer')
      assert.match(text, /^HTTP\/1\.1 413 /)
      assert.match(text, /connection: close/i)
      socket.destroy()
    })

    test('a client that has ended its side after the request still gets its answer', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      assert.match(await answer.closed, /hello$|hello\r\n0\r\n\r\n$/)
    })

    test('pipelined requests are answered in their order', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      const echo = (body: string) => `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      socket.write(`${echo('first')}${echo('second')}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      assert.match(await answer.closed, /first.*second.*hello/s)
    })

    test('a body that comes byte by byte arrives whole', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write('POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n')
      for (const byte of '5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n') {
        socket.write(byte)
        await sleep(2)
      }
      assert.match(await answer.closed, /\r\n8$|\r\n8\r\n0\r\n\r\n$/)
    })

    test('trailers after a chunked body do no harm', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write(
        'POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Check\r\n\r\n',
      )
      socket.write('2\r\nab\r\n0\r\nCheck: sum\r\n\r\n')
      assert.match(await answer.closed, /^HTTP\/1\.1 200 .*\r\n2($|\r\n0\r\n\r\n$)/s)
    })

    test('a body of 32 MB goes through and back', async () => {
      const body = new Uint8Array(32 << 20).fill(7)
      const response = await fetch(`${target.url}/echo`, { method: 'POST', body })
      assert.equal((await response.arrayBuffer()).byteLength, body.byteLength)
    })

    test('Expect: 100-continue is answered when the body is wanted', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write(
        'POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
      )
      await until(() => answer.text().startsWith('HTTP/1.1 100 Continue\r\n\r\n'), '100 Continue')
      socket.write('abc')
      assert.match(await answer.closed, /HTTP\/1\.1 200 .*3/s)
    })

    test('HEAD has the head and no body', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write('HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      const text = await answer.closed
      assert.match(text, /^HTTP\/1\.1 200 /)
      assert.ok(text.endsWith('\r\n\r\n'))
    })

    test('cookies stay separate lines, and 204 has no body', async () => {
      const response = await fetch(`${target.url}/cookies`)
      assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
      assert.equal(response.status, 204)
    })

    test('the head of a stream comes before its first bytes', async () => {
      const startedAt = performance.now()
      const response = await fetch(`${target.url}/events`)
      assert.ok(performance.now() - startedAt < 450, 'the head waited for the first event')
      const { value } = await response.body!.getReader().read()
      assert.equal(new TextDecoder().decode(value), 'data: late\n\n')
    })

    test('a client that does not read stops the stream, and its end ends it', async () => {
      const before = await seen(target.url)
      const socket = await open(target.url)
      socket.pause()
      socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
      const stalled = await until(async () => {
        const one = (await seen(target.url)).pulled
        await sleep(200)
        return one > before.pulled && one === (await seen(target.url)).pulled && one
      }, 'a stream that stands still')
      assert.ok((stalled - before.pulled) * 65_536 < 16 << 20, `${stalled - before.pulled} chunks are held`)
      socket.destroy()
      await until(async () => (await seen(target.url)).aborted >= before.aborted + 2, 'signal and cancel')
    })

    test('a client that goes away before the answer aborts the request', async () => {
      const before = await seen(target.url)
      const socket = await open(target.url)
      socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
      await sleep(100)
      socket.destroy()
      await until(async () => (await seen(target.url)).aborted >= before.aborted + 2, 'the abort')
    })

    test('an answer that breaks off does not look whole', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write('GET /broken HTTP/1.1\r\nHost: x\r\n\r\n')
      assert.ok(!(await answer.closed).endsWith('0\r\n\r\n'))
    })

    test('an upgrade reaches the application', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      await until(() => answer.text().includes('\r\n\r\n'), 'the switch')
      socket.write('frame')
      assert.match(await answer.closed, /^HTTP\/1\.1 101 .*heard frame$/s)
    })

    test('what is no HTTP is answered with 400 and closed', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write('this is no HTTP\r\n\r\n')
      assert.match(await answer.closed, /^HTTP\/1\.1 400 /)
    })

    test('a length and chunks at once are refused: two readers could see two requests', async () => {
      const socket = await open(target.url)
      const answer = collect(socket)
      socket.write(
        'POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      )
      assert.match(await answer.closed, /^HTTP\/1\.1 400 /)
    })
  })
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

function collect(socket: Socket): { text(): string; closed: Promise<string> } {
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  const closed = once(socket, 'end').then(() => {
    socket.destroy()
    return text
  })
  // A cut connection may end without an end.
  const cut = once(socket, 'close').then(() => text)
  return { text: () => text, closed: Promise.race([closed, cut]) }
}

async function seen(url: string): Promise<{ aborted: number; pulled: number }> {
  return (await (await fetch(`${url}/seen`)).json()) as { aborted: number; pulled: number }
}
