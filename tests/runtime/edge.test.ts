/** What stands between the network and the application: limits, slow clients, proxies, the log of accesses, the control socket. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSupervisor, type TestSupervisor, text, until } from './support.ts'

test('S25: a head that comes too slowly gets 408, and the worker goes on', async () => {
  await using server = await startSupervisor({ limits: { headersTimeoutMs: 1000 } })
  const socket = await open(server)
  const answer = collect(socket)
  socket.write('GET / HTTP/1.1\r\nHos')
  assert.match(await answer, /^HTTP\/1\.1 408 /)
  assert.equal(await text(server.url), 'hello')
})

test('S26: two hundred slow readers do not slow down the others', async () => {
  await using server = await startSupervisor({ app: 'bridge.ts' })
  const alone = await medianMs(server.url)
  const readers = await Promise.all(Array.from({ length: 200 }, () => open(server)))
  for (const socket of readers) {
    socket.pause()
    socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
  }
  await until(async () => (await server.status()).workers[0]!.openRequests >= 200, 'the readers')
  const together = await medianMs(server.url)
  for (const socket of readers) socket.destroy()
  assert.ok(together < Math.max(20, 4 * alone), `${together} ms, ${alone} ms without them`)
})

test('S102: lines, counts and sizes beyond the limits get 414, 431 and 400, and the connection ends', async () => {
  await using server = await startSupervisor()
  const cases: [string, RegExp][] = [
    [`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 414 /],
    [`GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(101)}\r\n`, /^HTTP\/1\.1 431 /],
    [`GET / HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['GET / HTTP/1.1\r\nHost: x@y/z\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
  ]
  for (const [head, expected] of cases) {
    const socket = await open(server)
    const answer = collect(socket)
    socket.write(head)
    if (head.includes('@')) socket.end() // Not a matter of limits: the connection is kept.
    assert.match(await answer, expected)
  }
})

test('beyond the places of a worker requests get 503 with Retry-After, the critical last', async () => {
  await using server = await startSupervisor({ limits: { requestsMax: 10 } })
  const slow = Array.from({ length: 9 }, () => text(`${server.url}/slow?ms=1500`))
  await until(async () => (await server.status()).workers[0]!.openRequests === 9, 'nine open requests')
  const refused = await fetch(server.url)
  assert.equal(refused.status, 503)
  assert.ok(refused.headers.has('retry-after'))
  assert.equal((await fetch(`${server.url}/critical`)).status, 200)
  assert.deepEqual(new Set(await Promise.all(slow)), new Set(['slept']))
})

test('a request that has waited too long in front of a trusted proxy is not begun', async () => {
  await using server = await startSupervisor({ limits: { queueAgeMsMax: 1000 } })
  const at = (ageMs: number) =>
    fetch(server.url, { headers: { 'x-request-start': `t=${(Date.now() - ageMs) / 1000}` } })
  assert.equal((await at(5000)).status, 503)
  assert.equal((await at(10)).status, 200)
})

test('S101: forwarding headers count from trusted peers only, and from a chain the last stranger', async () => {
  const headers = {
    'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'bot.example',
  }
  await using trusting = await startSupervisor({ limits: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] } })
  const told = JSON.parse(await text(`${trusting.url}/seen`, { headers }))
  assert.deepEqual(told, { address: '203.0.113.9', url: 'https://bot.example/seen' })

  const forwarded = { forwarded: 'for="[2001:db8::1]:4711";proto=https, for=10.1.1.1' }
  assert.equal(JSON.parse(await text(`${trusting.url}/seen`, { headers: forwarded })).address, '2001:db8::1')

  await using strict = await startSupervisor({ limits: { trustedProxies: [] } })
  assert.equal(JSON.parse(await text(`${strict.url}/seen`, { headers })).address, '127.0.0.1')
})

test('S101: PROXY v1 and v2 name the client, only first on the connection and only from peers that may', async () => {
  const ask = 'GET /seen HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  const v2 = Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    Buffer.from([0x21, 0x11, 0, 12, 192, 0, 2, 8, 127, 0, 0, 1, 0x10, 0x68, 0x1f, 0x40]),
  ])
  await using server = await startSupervisor({ limits: { proxyProtocol: 'auto' } })
  assert.match(await exchange(server, `PROXY TCP4 192.0.2.7 127.0.0.1 4200 8000\r\n${ask}`), /"192\.0\.2\.7"/)
  assert.match(await exchange(server, Buffer.concat([v2, Buffer.from(ask)])), /"192\.0\.2\.8"/)
  assert.match(await exchange(server, ask), /"127\.0\.0\.1"/)
  const late = ask.replace('Connection: close\r\n', '')
  const answer = await exchange(server, `${late}PROXY TCP4 192.0.2.7 127.0.0.1 4200 8000\r\n`)
  assert.match(answer, /400 Bad Request/)
  assert.ok(!answer.includes('192.0.2.7'))

  await using strict = await startSupervisor({ limits: { proxyProtocol: 'v2', trustedProxies: [] } })
  assert.equal(await exchange(strict, Buffer.concat([v2, Buffer.from(ask)])), '')
})

test("S100: the access log fills Gunicorn's atoms, writes JSON, and no secrets", async () => {
  const format =
    '%(h)s %(l)s %(u)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(M)s %({x-tag}i)s %({authorization}i)s %({content-type}o)s'
  const headers = { referer: 'http://r/', 'user-agent': 'a"gent', 'x-tag': 'tag', authorization: 'Bearer secret' }
  for (const [name, accessLogFormat, expected] of [
    [
      'atoms',
      format,
      /^127\.0\.0\.1 - - "GET \/ HTTP\/1\.1" 200 5 "http:\/\/r\/" "a\\x22gent" \d+ tag - text\/plain;charset=UTF-8\n$/,
    ],
    ['json', 'json', /"peer":"127\.0\.0\.1","method":"GET","path":"\/","version":"1\.1","status":200,"bytes":5,/],
  ] as const) {
    await using server = await startSupervisor({})
    const path = join(server.folder, name)
    await using logged = await startSupervisor({ limits: { accessLog: path, accessLogFormat } })
    await text(`${logged.url}/?token=secret`, { headers })
    const line = await until(() => existsSync(path) && readFileSync(path, 'utf8'), 'the line')
    assert.match(line, expected)
    assert.ok(!line.includes('secret'))
  }
})

test('S97: the control socket is for its user alone, knows its commands and survives reloads', async () => {
  await using server = await startSupervisor()
  assert.equal(statSync(join(server.folder, 'control.sock')).mode & 0o777, 0o600)
  for (let round = 0; round < 3; round += 1) {
    const workers = (await server.control('reload')) as unknown[]
    assert.ok(workers.length >= 1)
  }
  assert.match(String(await server.control('metrics')), /^runtime_responses_total\{class="2xx"\} \d+$/m)
  const [pid] = await server.workerPids()
  await server.control('recycle', { pid })
  await until(async () => !(await server.workerPids()).includes(pid!), 'another worker')
  await assert.rejects(server.control('dance'), /There is no command "dance"\. There are: status, /)
  assert.deepEqual(await server.control('stop'), { stopping: true })
  await once(server.process, 'exit')
})

test('S98: while no worker lives the caretaker says 503, and while the server drains a worker can say that it is not ready', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  writeFileSync(join(folder, 'way'), 'throw')
  {
    await using server = await startSupervisor({ app: 'boot.ts', folder, isImpatient: true } as object)
    const response = await until(() => fetch(server.url).catch(() => undefined), 'the caretaker')
    assert.equal(response.status, 503)
    assert.ok(Number(response.headers.get('retry-after')) > 0)
    writeFileSync(join(folder, 'way'), 'well')
    await until(async () => (await text(server.url).catch(() => '')) === 'booted', 'a worker', 20_000)
  }
  rmSync(folder, { recursive: true })

  await using server = await startSupervisor()
  const socket = await open(server)
  const heard = collect(socket)
  const ask = (end: string) => socket.write(`GET /ready HTTP/1.1\r\nHost: x\r\n${end}\r\n`)
  ask('')
  const [first] = await once(socket, 'data')
  assert.match(String(first), /^HTTP\/1\.1 200 /)
  const slow = text(`${server.url}/slow?ms=1500`)
  await until(async () => (await server.status()).workers[0]!.openRequests === 1, 'the open request')
  const drained = server.control('drain')
  await until(async () => (await server.status()).workers[0]!.phase === 'draining', 'the drain')
  // The connection is kept for those who are sending on it right now.
  ask('Connection: close\r\n')
  assert.match(await heard, /HTTP\/1\.1 503 /)
  assert.equal(await slow, 'slept')
  assert.deepEqual(await drained, { stopped: true })
  assert.equal(server.process.exitCode ?? (await once(server.process, 'exit'))[0], 0)
})

async function open({ url }: TestSupervisor): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function collect(socket: Socket): Promise<string> {
  let answer = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part
  })
  await new Promise((resolve) => socket.once('close', resolve)) // Not `once`, which rejects at a reset.
  return answer
}

async function exchange(server: TestSupervisor, bytes: string | Buffer): Promise<string> {
  const socket = await open(server)
  const answer = collect(socket)
  socket.write(bytes)
  return answer
}

async function medianMs(url: string): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < 40; index += 1) {
    const startedAt = performance.now()
    await text(url)
    times.push(performance.now() - startedAt)
  }
  return times.sort((one, other) => one - other)[20]!
}
