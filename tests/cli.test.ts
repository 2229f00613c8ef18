/** The command line as people and scripts use it: real processes, results on standard output, everything else beside it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { startServer } from './support/server.ts'

const PROGRAM = resolve(import.meta.dirname, '../src/bin/knowbot.ts')

let home: string
let files: string
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'knowbot-cli-'))
  files = join(home, 'files')
  await mkdir(join(files, 'deeper'), { recursive: true })
  await writeFile(
    join(files, 'opening.md'),
    '# Opening hours\n\nThe reading room opens at nine and closes at half past six.\n',
  )
  await writeFile(
    join(files, 'deeper', 'seats.txt'),
    'The reading room has forty-two seats, four of them with a lamp.\n',
  )
  await writeFile(join(files, 'ignored.exe'), 'not a document')
})
after(() => rm(home, { recursive: true, force: true }))

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function knowbot(
  args: readonly string[],
  options: { input?: string; environment?: Record<string, string> } = {},
): Promise<Ended> {
  const { promise, resolve: done } = Promise.withResolvers<Ended>()
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...options.environment }
  const child = execFile(
    process.execPath,
    [PROGRAM, ...args],
    { env, cwd: home, timeout: 60_000 },
    (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
  )
  child.stdin!.end(options.input ?? '')
  return promise
}

test('ask reads a folder, answers with quotes, and is silent about everything else', async () => {
  const { code, stdout, stderr } = await knowbot(['ask', 'How many seats does the reading room have?', files])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /forty-two seats/)
  assert.match(stdout, /\[1\] seats\.txt, page 1: “/)
  assert.equal(stderr, '')
})

test('ask --json prints what the API answers, and a quote stands where it says', async () => {
  const { code, stdout, stderr } = await knowbot(['ask', '--json', 'When does the reading room open?', files])
  assert.equal(code, 0, stderr)
  const { answer, citations, notFound, mode } = JSON.parse(stdout)
  assert.match(answer, /nine/)
  assert.deepEqual([notFound, mode], [false, 'quotes'])
  assert.equal(citations[0].name, 'opening.md')
  assert.equal(citations[0].verified, true)
})

test('what is not in the files is said not to be in the files', async () => {
  const { stdout } = await knowbot(['ask', '--json', 'Who won the chess tournament in Reykjavik?', files])
  const { notFound, citations } = JSON.parse(stdout)
  assert.deepEqual([notFound, citations], [true, []])
})

test('a file that cannot be read is named on standard error, and the others are still asked', async () => {
  const broken = join(home, 'broken.pdf')
  await writeFile(broken, '%PDF-1.7\nnothing more')
  const { code, stdout, stderr } = await knowbot(['ask', 'How many seats are there?', broken, join(files, 'deeper')])
  assert.equal(code, 0)
  assert.match(stderr, /^broken\.pdf: /)
  assert.match(stdout, /forty-two/)
})

test('a name behind which there is no file keeps nothing else from being read', async () => {
  const socket = join(home, 'socket.txt')
  await using listener = createServer().listen(socket)
  await once(listener, 'listening')
  const asked = await knowbot(['ask', 'How many seats are there?', socket, join(files, 'deeper')])
  assert.equal(asked.code, 0, asked.stderr)
  assert.match(asked.stderr, /^socket\.txt: Expected a file that can be read/)
  assert.match(asked.stdout, /forty-two/)
})

test('neither a quote nor the name of a file can steer the terminal', async () => {
  const trick = join(home, 'trick.txt')
  await writeFile(trick, 'The caretaker has \u001b[31mseven\u202e\u001b[2K keys in a red box.\n')
  const asked = await knowbot(['ask', 'How many keys does the caretaker have?', trick])
  assert.match(asked.stdout, /seven/, asked.stderr)
  assert.ok(!asked.stdout.includes('\u001b'))
  const asJson = await knowbot(['ask', '--json', 'How many keys does the caretaker have?', trick])
  assert.equal(asJson.code, 0, asJson.stderr)
  assert.ok(!/[\u202e]/.test(asJson.stdout))
  assert.match(JSON.parse(asJson.stdout).citations[0].quote, /seven\u202e/)
  const named = join(home, 'red\u001b[31m.pdf')
  await writeFile(named, '%PDF-1.7\nnothing more')
  const { stderr } = await knowbot(['add', '--data', join(home, 'tricks'), named])
  assert.match(stderr, /^red \[31m\.pdf: /)
  assert.ok(!stderr.includes('\u001b'), stderr)
})

test('add and search work on a data folder without a server', async () => {
  const data = join(home, 'data-of-its-own')
  const added = await knowbot(['add', '--data', data, files])
  assert.deepEqual([added.code, added.stdout], [0, '2 of 2 ready\n'])
  const found = await knowbot(['search', '--data', data, '--json', 'reading room seats'])
  assert.match(JSON.parse(found.stdout).hits[0].text, /forty-two seats/)
})

test('where a server runs on the folder the commands go through it', async () => {
  await using server = await startServer()
  const added = await knowbot(['add', '--data', server.folder, files])
  assert.equal(added.code, 0, added.stderr)
  const status = await knowbot(['status', '--data', server.folder, '--json'])
  assert.equal(JSON.parse(status.stdout).supervisor.pid, server.process.pid)
  const stopped = await knowbot(['stop', '--data', server.folder])
  assert.equal(stopped.code, 0, stopped.stderr)
  await server.stop()
})

test('a running server is asked for its workers, given one more, and told to replace them', async () => {
  await using server = await startServer()
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await knowbot([...args, '--json', '--data', server.folder])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  const webPids = (workers: { role: string; pid: number }[]) =>
    workers.filter(({ role }) => role === 'web').map(({ pid }) => pid)
  const [first] = webPids(await ask('workers'))
  assert.equal((await ask('workers', '+1')).workers, 2)
  assert.match((await ask('stack', String(first))).stack, /\w/)
  await ask('recycle', String(first))
  assert.ok(!webPids(await ask('reload')).includes(first!))
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
  assert.deepEqual(await ask('deaths'), [], 'whoever leaves as planned has not died')
})

test('a command whose server does not start says so and ends', async () => {
  const broken = join(home, 'broken.mjs')
  await writeFile(broken, `if (process.argv[1]?.includes('web-worker')) throw new Error('the roof leaks')`)
  const { code, stderr, stdout } = await knowbot(['ask', 'why', '--data', join(home, 'without-server')], {
    environment: { NODE_OPTIONS: `--import=${broken}` },
  })
  assert.equal(code, 1, stderr)
  assert.match(stderr, /the roof leaks/)
  assert.match(stderr, /^knowbot: The server of the data folder did not start/m)
  assert.equal(stdout, '')
})

test('a second server on the same folder is refused and told the pid of the first', async () => {
  await using server = await startServer()
  const { code, stderr } = await knowbot(['serve', '--bind', '127.0.0.1:0', '--data', server.folder])
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`\\b${server.process.pid}\\b`))
})

test('an account made from the shell can sign in, and its key can be used', async () => {
  await using server = await startServer()
  const data = ['--data', server.folder]
  const added = await knowbot(['user', 'add', 'ada', ...data], { input: 'a long enough secret\n' })
  assert.equal(added.code, 0, added.stderr)
  const session = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password: 'a long enough secret' }),
  })
  assert.equal(session.status, 200)
  const made = await knowbot(['key', 'new', 'my script', '--user', 'ada', ...data])
  assert.match(made.stdout, /^kb_\S+\n$/)
  const me = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${made.stdout.trim()}` } })
  assert.equal(((await me.json()) as { username: string }).username, 'ada')
  const listed = await knowbot(['key', 'list', '--user', 'ada', ...data])
  assert.match(listed.stdout, /^\S+ {2}my script {2}used /)
  const revoked = await knowbot(['key', 'revoke', listed.stdout.split(' ')[0]!, ...data])
  assert.equal(revoked.code, 0, revoked.stderr)
  const unknown = await knowbot(['key', 'revoke', 'my script', ...data])
  assert.deepEqual([unknown.code, unknown.stderr.trimEnd().split('\n').length], [1, 1], unknown.stderr)
})

const MISUSES: readonly [string, string[], number, RegExp][] = [
  ['an unknown command', ['serv'], 2, /^knowbot: There is no command "serv"/],
  ['an unknown flag', ['ask', 'why', '--colour'], 2, /^knowbot: Unknown option '--colour'/],
  ['a file that is not there', ['ask', 'why', 'nowhere.txt'], 2, /^knowbot: There is no file or folder nowhere\.txt/],
  ['ask without a question', ['ask'], 2, /^knowbot: Expected a question/],
  ['a malformed setting', ['serve', '--bind', 'here'], 2, /^knowbot: --bind: expected HOST:PORT/],
  ['a model of an unknown kind', ['serve', '--model', 'crystal:ball', '--bind', '127.0.0.1:0'], 2, /crystal/],
  ['status without a server', ['status', '--data', 'nobody'], 1, /^knowbot: No server runs on /],
]

for (const [what, args, expected, message] of MISUSES) {
  test(`${what} is one line on standard error and exit code ${expected}`, async () => {
    const { code, stdout, stderr } = await knowbot(args)
    assert.equal(code, expected, stderr)
    assert.match(stderr, message)
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    assert.equal(stdout, '')
  })
}

test('doctor says in plain words what the machine offers', async () => {
  const { stdout } = await knowbot(['doctor', '--json', '--data', join(home, 'checked')])
  const subjects = (JSON.parse(stdout) as { subject: string }[]).map(({ subject }) => subject)
  for (const subject of ['node', 'memory', 'data folder', 'disk', 'text recognition', 'model'])
    assert.ok(subjects.includes(subject), subject)
})
