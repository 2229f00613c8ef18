/** What the project hands to container engines and to Railway: it says what the program does, and it is of the form they publish. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { createRailwayContext, project, RAILWAY_GRAPH_VERSION, type ServiceNode, validateGraph } from 'railway/iac'
import program from '../.railway/railway.ts'
import { MIB } from '../src/lib/units.ts'
import { contextFiles, instructionsOf, readCopy, readDockerfile, readEnvironment } from './support/dockerfile.ts'
import { type MemoryGroup, makeMemoryGroup, whyNoMemoryGroups } from './support/memory-group.ts'

const ROOT = join(import.meta.dirname, '..')
const STAGES = readDockerfile(join(ROOT, 'Dockerfile'))
const LAST = STAGES.at(-1)!
const ENTRY = '/app/tools/docker-entrypoint.sh'
const SERVE = ['src/bin/knowbot.ts', 'serve', '--bind', '127.0.0.1:0']

interface RailwayJson {
  $schema: string
  build: Record<string, unknown>
  deploy: Record<string, unknown> & { startCommand: string; healthcheckPath: string; drainingSeconds: number }
}
const RAILWAY_JSON = JSON.parse(readFileSync(join(ROOT, 'railway.json'), 'utf8')) as RailwayJson

test('the image is built in stages, and nothing but results goes into the last', () => {
  assert.deepEqual(
    STAGES.map(({ name, from }) => [name, from.replace(/:.*/, '')]),
    [
      ['node', 'node'],
      ['packages', 'node'],
      ['page', 'node'],
      [undefined, 'node'],
    ],
  )
  assert.match(STAGES[0]!.from, /^node:24-\w+-slim$/)
  const built = instructionsOf(LAST, 'COPY').flatMap((args) => readCopy(args).stage ?? [])
  assert.deepEqual(built, ['packages', 'page'])
  assert.ok(instructionsOf(LAST, 'RUN').every((command) => !/\bnpm\b/.test(command)))
})

test('everything that the image copies is there and not hidden by .dockerignore', () => {
  const files = contextFiles(ROOT)
  const copies = STAGES.flatMap((stage) => instructionsOf(stage, 'COPY').map(readCopy)).filter(({ stage }) => !stage)
  const absent = copies
    .flatMap(({ sources }) => sources)
    .filter((source) => !files.some((file) => file === source || file.startsWith(source.replace(/\/?$/, '/'))))
  assert.deepEqual(absent, [])
})

test('no data, secret, test or foreign package gets into the image', () => {
  const bad = /(^|\/)(node_modules|dist|data|tests|\.git|\.cache|\.env[^/]*)\/|\.test\.ts$|(^|\/)\.env|\.log$/
  assert.deepEqual(
    contextFiles(ROOT).filter((file) => bad.test(file)),
    [],
  )
})

test('the image starts by the entry that leaves root, and is stopped and examined as it should be', () => {
  assert.deepEqual(instructionsOf(LAST, 'ENTRYPOINT'), [JSON.stringify([ENTRY])])
  assert.deepEqual(instructionsOf(LAST, 'CMD'), ['["node", "src/bin/knowbot.ts", "serve"]'])
  assert.match(
    readFileSync(join(ROOT, 'tools/docker-entrypoint.sh'), 'utf8'),
    /^exec setpriv .*--no-new-privs -- "\$@"$/m,
  )
  assert.deepEqual(instructionsOf(LAST, 'STOPSIGNAL'), ['SIGTERM'])
  assert.deepEqual(instructionsOf(LAST, 'EXPOSE'), [readEnvironment(LAST)['PORT']])
  assert.match(instructionsOf(LAST, 'HEALTHCHECK')[0]!, new RegExp(`'${RAILWAY_JSON.deploy.healthcheckPath}'`))
  // Railway ends a build at this word; volumes are attached from outside.
  assert.deepEqual(instructionsOf(LAST, 'VOLUME'), [])
})

test('the entry leaves a user who is not root alone, and hands over arguments as they are', () => {
  const drop = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : ['env']
  const command = [...drop, 'sh', join(ROOT, 'tools/docker-entrypoint.sh'), 'printf', '%s|', 'two words', '$PORT', '']
  const { status, stdout } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', cwd: '/' })
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'two words|$PORT||' })
})

test("railway.json and railway.ts are of the types that Railway's package publishes", (t) => {
  // The JSON schema at the address in `$schema` is the same list of fields: names and types of its `build` and `deploy` are those of
  // BuildConfig and DeployConfig. Numbers must be numbers there, against what the reference page shows (railwayapp/docs, issue 1243).
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-types-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { $schema, ...config } = RAILWAY_JSON
  assert.equal($schema, 'https://railway.com/railway.schema.json')
  const source = `import type { BuildConfig, DeployConfig } from 'railway/iac'
    export default ${JSON.stringify(config)} satisfies { build: BuildConfig; deploy: DeployConfig }`
  writeFileSync(join(folder, 'railway-json.mts'), source)
  const compilerOptions = {
    paths: { 'railway/iac': [join(ROOT, 'node_modules/railway/dist/iac/index.d.ts')] },
    typeRoots: [join(ROOT, 'node_modules/@types')],
  }
  const files = [join(folder, 'railway-json.mts'), join(ROOT, '.railway/railway.ts')]
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] }),
  )
  const compiler = join(ROOT, 'node_modules/.bin/tsc')
  const { status, stdout } = spawnSync(compiler, ['-p', folder], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})

test('railway.ts describes one service with one volume, and asks for no variable', async () => {
  const { name, resources = [] } = await program(createRailwayContext({ command: 'plan' }), project)
  const graph = {
    version: RAILWAY_GRAPH_VERSION,
    project: { name },
    environments: [],
    resources: resources.flat(),
    edges: [],
  }
  assert.deepEqual(validateGraph(graph), [])
  assert.deepEqual(graph.resources.map(({ type }) => type).sort(), ['service', 'volume'])
  const service = graph.resources.find((resource): resource is ServiceNode => resource.type === 'service')!
  assert.equal(service.variables, undefined)
  const mounts = Object.values(service.volumeAttachments ?? {}).map(({ mountPath }) => mountPath)
  assert.deepEqual(mounts, ['/app/data'])
})

test('railway.json and its successor say the same', async () => {
  const { resources = [] } = await program(createRailwayContext({ command: 'plan' }), project)
  const service = resources.flat().find((resource): resource is ServiceNode => resource.type === 'service')!
  assert.deepEqual({ ...service.deploy }, RAILWAY_JSON.deploy)
  assert.deepEqual({ ...service.build }, RAILWAY_JSON.build)
})

test('the start command is the entry and one worker, and the platform waits longer than the server takes to stop', () => {
  const { startCommand, drainingSeconds } = RAILWAY_JSON.deploy
  assert.equal(startCommand, `${ENTRY} node src/bin/knowbot.ts serve --workers 1`)
  assert.ok(existsSync(join(ROOT, ENTRY.replace('/app/', ''))))
  assert.ok(drainingSeconds > 30)
})

test('as Railway starts it, it is healthy on $PORT for the host that Railway asks by', async (t) => {
  const port = await freePort()
  // What the entry would do needs its container: tests/long/container.test.ts.
  const args = RAILWAY_JSON.deploy.startCommand.replace(`${ENTRY} node`, '').trim().split(' ')
  const { folder, lines, stop } = await serve(t, args, (folder) => ({
    PORT: String(port),
    RAILWAY_VOLUME_MOUNT_PATH: folder,
    RAILWAY_PUBLIC_DOMAIN: 'books.example',
  }))
  assert.match(lines.join('\n'), /an administrator: https:\/\/books\.example\/#setup=/)
  assert.ok(existsSync(join(folder, 'knowbot.sqlite')))
  const asked = request({ port, host: '127.0.0.1', path: RAILWAY_JSON.deploy.healthcheckPath })
  asked.setHeader('host', 'healthcheck.railway.app').end()
  const [{ statusCode }] = (await once(asked, 'response')) as [{ statusCode: number }]
  assert.equal(statusCode, 200)
  assert.equal(await healthcheck(port), 0)
  assert.equal(await stop(), 0)
  assert.equal(await healthcheck(port), 1)
})

const noGroups = whyNoMemoryGroups()

test('in 512 MB, `--workers auto` starts one worker and prints why', { skip: noGroups ?? false }, async (t) => {
  const group = makeMemoryGroup(512 * MIB)
  const args = [...SERVE, '--workers', 'auto']
  const { folder, lines } = await serve(t, args, (data) => ({ KNOWBOT_DATA: data }), group)
  assert.match(lines[0]!, /^Web workers: 1, the smaller of .*\(512 MB − 41 reserve − .*÷ 128 = 1$/)
  const status = execFileSync(process.execPath, ['src/bin/knowbot.ts', 'status', '--json', '--data', folder], {
    cwd: ROOT,
  })
  const { workers } = JSON.parse(status.toString()) as { workers: { role: string }[] }
  assert.equal(workers.filter(({ role }) => role === 'web').length, 1)
})

test('a fixed number of workers is not explained', async (t) => {
  const { lines } = await serve(t, [...SERVE, '--workers', '1'], (data) => ({ KNOWBOT_DATA: data }))
  assert.ok(lines.every((line) => !line.startsWith('Web workers')))
})

/** A server with an environment of its own, stopped at the end of the test; in the memory group where there is one. */
async function serve(
  t: TestContext,
  args: readonly string[],
  environment: (folder: string) => Record<string, string>,
  group?: MemoryGroup,
): Promise<{ folder: string; lines: string[]; stop(): Promise<number | null> }> {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-test-'))
  const line = [process.execPath, ...args]
  const [program, ...rest] = group?.wrap(line) ?? line
  const child = spawn(program!, rest, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment(folder) },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
    return child.exitCode
  }
  t.after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
    await group?.[Symbol.asyncDispose]()
  })
  return { folder, lines: await untilLine(child.stdout!, /^Ready\./), stop }
}

/** The image's own health check, its exit code. */
async function healthcheck(port: number): Promise<number> {
  const [, ...args] = JSON.parse(instructionsOf(LAST, 'HEALTHCHECK')[0]!.replace(/^[^[]*/, '')) as string[]
  const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number]
  return code
}

/** The lines up to the one that matches. What comes after is read and dropped. */
async function untilLine(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string[]> {
  const lines: string[] = []
  const reader = createInterface({ input: stream })
  for await (const line of reader) {
    lines.push(line)
    if (pattern.test(line)) break
  }
  assert.match(lines.at(-1) ?? 'nothing', pattern)
  stream.resume()
  return lines
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
