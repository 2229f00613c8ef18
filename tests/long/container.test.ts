/** The image: built from the Dockerfile step by step, and run as a platform runs it. Without a container engine; see support/container.ts. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { MIB } from '../../src/lib/units.ts'
import { buildImage, type Container, type Image, runContainer, whyNoContainers } from '../support/container.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from '../support/memory-group.ts'

const ROOT = join(import.meta.dirname, '../..')
const USER = 10_001
/** What the process holds idle, with a third on top: stripping types itself would cost the supervisor 25 MB more. */
const SUPERVISOR_BYTES_MAX = 17e6
const WORKER_BYTES_MAX = 34e6
const DATA = '/app/data'
const { deploy } = JSON.parse(readFileSync(join(ROOT, 'railway.json'), 'utf8')) as {
  deploy: { startCommand: string; healthcheckPath: string; drainingSeconds: number }
}

let missing = whyNoContainers()
let image: Image
try {
  if (missing === undefined) image = buildImage(ROOT)
} catch (error) {
  // Packages that are not in npm's cache come over the network.
  const code = /npm error code (ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH)/.exec(
    String(error),
  )?.[1]
  if (code === undefined) throw error
  missing = `packages cannot be fetched (${code})`
}
const options = { skip: missing ?? false, timeout: 180_000 }
after(() => image?.[Symbol.dispose]())

test(
  'in 512 MB and without any variable the image serves on $PORT, not as root, and reads a scan',
  options,
  async (t) => {
    const { container, url } = await start(t, {
      group: whyNoMemoryGroups() === undefined ? makeMemoryGroup(512 * MIB) : undefined,
    })
    assert.equal((await fetch(`${url}${deploy.healthcheckPath}`)).status, 200)
    assert.equal((await fetch(`${url.replace('127.0.0.1', '[::1]')}${deploy.healthcheckPath}`)).status, 200)
    assert.equal(container.exec(image.healthcheck).status, 0)
    const page = await fetch(`${url}/`)
    assert.match(await page.text(), /<script type="module"/)

    for (const { name, user, capabilities, isSealed } of processes(container)) {
      assert.deepEqual({ user, capabilities, isSealed }, { user: USER, capabilities: 0n, isSealed: true }, name)
    }

    const cookie = await signUp(container, url)
    const form = new FormData()
    form.set('file', new Blob([readFileSync(join(ROOT, 'samples/board-minutes-scan.png'))]), 'board-minutes-scan.png')
    const headers = { cookie, prefer: 'wait=60' }
    const uploaded = await fetch(`${url}/api/documents`, { method: 'POST', body: form, headers })
    assert.equal(uploaded.status, 201, await uploaded.clone().text())
    const asked = await fetch(`${url}/api/ask`, {
      method: 'POST',
      body: JSON.stringify({ question: 'What did the new boiler cost?' }),
      headers: { cookie, 'content-type': 'application/json' },
    })
    const { answer, citations } = (await asked.json()) as { answer: string; citations: { verified: boolean }[] }
    assert.match(answer, /boiler/i)
    assert.ok(citations[0]?.verified)
    assert.doesNotMatch(container.output(), /"event":"worker-died"/)
  },
)

test('supervisor and worker are as small as with a cache that they wrote themselves', options, async (t) => {
  const { container } = await start(t)
  const [supervisor, worker] = processes(container)
  t.diagnostic(`supervisor ${supervisor!.bytes / 1e6} MB, worker ${worker!.bytes / 1e6} MB`)
  assert.ok(supervisor!.bytes < SUPERVISOR_BYTES_MAX, `supervisor: ${supervisor!.bytes}`)
  assert.ok(worker!.bytes < WORKER_BYTES_MAX, `worker: ${worker!.bytes}`)
})

test('no process has to strip the types of a file that the compile cache does not have', options, async (t) => {
  const folder = newVolume()
  const cache = join(folder, 'cache')
  cpSync(join(image.folder, 'upper/app/.cache/compile'), cache, { recursive: true })
  execFileSync('chown', ['-R', `${USER}:${USER}`, folder])
  const before = strippedFiles(cache)
  assert.ok(before.size > 100, 'the names of entries are made in another way by now')
  const { container, url } = await start(t, { environment: { NODE_COMPILE_CACHE: `${DATA}/cache` }, folder })
  const cookie = await signUp(container, url)
  for (const name of ['annual-report.pdf', 'board-minutes-scan.png', 'visitors.html', 'staff-handbook.md']) {
    const form = new FormData()
    form.set('file', new Blob([readFileSync(join(ROOT, 'samples', name))]), name)
    const headers = { cookie, prefer: 'wait=60' }
    assert.equal((await fetch(`${url}/api/documents`, { method: 'POST', body: form, headers })).status, 201)
  }
  await container.stop()
  assert.deepEqual([...strippedFiles(cache).difference(before)], [])
})

test('TERM ends it with exit code 0, long before the platform would kill it', options, async (t) => {
  const { container } = await start(t)
  const startedMs = performance.now()
  assert.equal(await container.stop('SIGTERM'), 0)
  assert.ok(performance.now() - startedMs < (deploy.drainingSeconds * 1000) / 2)
})

test(
  'started as somebody else, it stays that user, and says when a platform has given it no volume',
  options,
  async (t) => {
    const folder = newVolume()
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    chownSync(folder, 12_345, 12_345)
    const command = [
      'setpriv',
      '--reuid=12345',
      '--regid=12345',
      '--clear-groups',
      ...image.entrypoint,
      ...image.command,
    ]
    const environment = { PORT: String(await freePort()), RAILWAY_ENVIRONMENT_ID: 'some-environment' }
    await using container = await runContainer(image, { command, environment, volume: { folder, path: DATA } })
    await container.said(/^Ready\.$/m)
    assert.match(container.output(), /This service has no volume/)
    assert.deepEqual(new Set(processes(container).map(({ user }) => user)), new Set([12_345]))
  },
)

test('the program belongs to root, and who runs it can read all of it', options, () => {
  const app = join(image.folder, 'upper/app')
  const find = (...found: string[]) => {
    const args = [app, '-path', `${app}/data`, '-prune', '-o', ...found, '-print']
    return execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean).slice(0, 5)
  }
  assert.deepEqual(find('(', '!', '-user', 'root', '-o', '-perm', '/022', '!', '-type', 'l', ')'), [])
  assert.deepEqual(find('!', '-type', 'l', '!', '-perm', '-444'), [])
})

/** Our files in the cache, by the flags of the engine. Packages that are no modules come into it only when they run, and cost little. */
function strippedFiles(cache: string): Set<string> {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    const path = `/app/${file}`
    return [path, `file://${path}`].map((name) => [cacheKey(name), file] as const)
  })
  const names = new Map(files)
  const entries = globSync('*/*', { cwd: cache }).map((entry) => entry.split('/'))
  return new Set(entries.flatMap(([flags, key]) => (names.has(key!) ? [`${flags}: ${names.get(key!)}`] : [])))
}

/** Of a file whose types were stripped (kStrippedTypeScript = 2 in Node's src/compile_cache.h). */
function cacheKey(name: string): string {
  return crc32(name, crc32(new Uint8Array([2])))
    .toString(16)
    .padStart(8, '0')
}

interface StartOptions {
  environment?: Readonly<Record<string, string>>
  /** The volume; by default a new one, which belongs to root. */
  folder?: string
  /** Where none can be made, the rest is worth a test all the same. */
  group?: MemoryGroup | undefined
}

/** As Railway starts it: the start command of railway.json, a port, and a volume. */
async function start(
  t: TestContext,
  { environment = {}, folder = newVolume(), group }: StartOptions = {},
): Promise<{ container: Container; url: string }> {
  const port = await freePort()
  const container = await runContainer(image, {
    command: deploy.startCommand.split(' '),
    environment: { PORT: String(port), RAILWAY_VOLUME_MOUNT_PATH: DATA, ...environment },
    volume: { folder, path: DATA },
    group,
  })
  t.after(async () => {
    await container[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
    await group?.[Symbol.asyncDispose]()
  })
  await container.said(/^Ready\.$/m)
  return { container, url: `http://127.0.0.1:${port}` }
}

function newVolume(): string {
  return mkdtempSync(join(tmpdir(), 'knowbot-volume-'))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The first administrator, with the code that the start prints. */
async function signUp(container: Container, url: string): Promise<string> {
  const [, code] = /#setup=(\S+)/.exec(container.output())!
  const body = JSON.stringify({ code, username: 'Ada', password: 'five brown cups of tea' })
  const answer = await fetch(`${url}/api/setup`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  assert.ok(answer.ok, await answer.clone().text())
  return answer.headers.getSetCookie()[0]!.split(';')[0]!
}

interface Seen {
  name: string
  user: number
  capabilities: bigint
  /** Whether no program can give it more rights again. */
  isSealed: boolean
  /** Anonymous memory. */
  bytes: number
}

/** Of the container, the supervisor first. */
function processes({ pid }: Container): Seen[] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)![1]!
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return [
    {
      name: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      user: Number(field('Uid')),
      capabilities: BigInt(`0x${field('CapEff')}`),
      isSealed: field('NoNewPrivs') === '1',
      bytes: Number(field('RssAnon')) * 1024,
    },
    ...(children === '' ? [] : children.split(' ')).flatMap((child) => processes({ pid: Number(child) } as Container)),
  ]
}
