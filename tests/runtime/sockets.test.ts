/** Where a server listens, and what happens while nobody does. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestOptions, request } from 'node:http'
import { BoundSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inheritedDescriptors } from '../../src/runtime.ts'
import { isAlive, startSupervisor, text, until } from './support.ts'

test('S1: IPv4, IPv6 and a unix socket at once all answer, each with its label, and are printed once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  const path = join(folder, 'web.sock')
  await using server = await startSupervisor({
    folder,
    binds: [
      { label: 'four', address: '127.0.0.1:0' },
      { label: 'six', address: '[::1]:0' },
      { label: 'path', address: `unix:${path}`, mode: 0o600 },
    ],
  })
  const [four, six] = server.lines
  assert.equal(JSON.parse(await text(`${four}/info`)).listener, 'four')
  assert.equal(JSON.parse(await text(`${six}/info`)).listener, 'six')
  assert.deepEqual(JSON.parse(await askPath(path, '/info')), { peer: null, listener: 'path' })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(new Set(server.lines).size, server.lines.length)
})

test('S1: [::] and 0.0.0.0 share one port', async () => {
  const probe = new BoundSocket({ host: '0.0.0.0', port: 0 })
  const { port } = probe.address()
  probe.close()
  await using server = await startSupervisor({
    binds: [
      { label: 'four', address: `0.0.0.0:${port}` },
      { label: 'six', address: `[::]:${port}` },
    ],
  })
  assert.equal(await text(`http://127.0.0.1:${port}/`), 'hello')
  assert.equal(await text(`http://[::1]:${port}/`), 'hello')
  assert.equal((await server.status()).addresses.length, 2)
})

test('S2: a port in use ends the start with code 1, in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const server = await startSupervisor({ binds: [{ label: 'public', address: `127.0.0.1:${port}` }] })
  if (server.process.exitCode === null) await once(server.process, 'exit')
  assert.equal(server.process.exitCode, 1)
  assert.deepEqual(server.lines, [
    `refused address_in_use Cannot listen on 127.0.0.1:${port}: it is in use by another program.`,
  ])
  other.close()
})

test('S3: a stale socket file is replaced, a regular file is refused and kept, and the path outlives a reload', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  const path = join(folder, 'web.sock')
  const binds = [{ label: 'path', address: `unix:${path}` }]
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
  assert.ok(existsSync(path), 'a killed listener leaves its file')
  {
    await using server = await startSupervisor({ folder, binds })
    assert.equal(await askPath(path, '/'), 'hello')
    const [pid] = await server.workerPids()
    server.process.kill('SIGHUP')
    await until(async () => !(await server.workerPids()).includes(pid!), 'a reload')
    assert.equal(await askPath(path, '/'), 'hello')
  }
  assert.ok(!existsSync(path), 'it goes with the server')
  writeFileSync(path, 'precious')
  const refused = await startSupervisor({ folder, binds })
  assert.match(refused.lines[0]!, /^refused address_unusable/)
  assert.equal(readFileSync(path, 'utf8'), 'precious')
})

test('S4: a socket that was opened for us is used and not unlinked; one for another process is ignored', async () => {
  assert.deepEqual(inheritedDescriptors({ LISTEN_FDS: '2', LISTEN_PID: String(process.pid) }), { descriptors: [3, 4] })
  assert.deepEqual(inheritedDescriptors({ LISTEN_FDS: '2', LISTEN_PID: '1' }), {})

  const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
  const path = join(folder, 'inherited.sock')
  using socket = new BoundSocket({ path } as object)
  await using server = await startSupervisor({
    folder,
    binds: [{ label: 'given', address: 'fd://3' }],
    descriptors: [socket.fd()],
  } as object)
  assert.equal(await askPath(path, '/'), 'hello')
  await server.stop()
  assert.ok(existsSync(path))
})

test('S5: connections that come before a worker is ready wait and are answered', async () => {
  await using server = await startSupervisor({ app: 'slow-boot.ts', isImpatient: true } as object)
  const answers = await until(
    () => askMany(server.url).catch(() => undefined), // Refused until the first listen.
    'answers',
  )
  assert.deepEqual(new Set(answers), new Set(['booted']))
  const [pid] = await server.workerPids()
  process.kill(pid!, 'SIGKILL')
  await until(() => !isAlive(pid!), 'its end')
  assert.deepEqual(new Set(await askMany(server.url)), new Set(['booted']))
})

/** Ten requests at once, each on a connection of its own. */
function askMany(url: string): Promise<string[]> {
  return Promise.all(Array.from({ length: 10 }, () => ask({ port: new URL(url).port, host: '127.0.0.1' })))
}

function askPath(socketPath: string, path: string): Promise<string> {
  return ask({ socketPath, path })
}

async function ask(target: RequestOptions): Promise<string> {
  const outgoing = request({ ...target, agent: false }).end()
  const [response] = await once(outgoing, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  return body
}
