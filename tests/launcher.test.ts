/** `npm start` and `npm test` from a checkout: what is missing is made ready once, and the program is all that is heard. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { addPage, findOldNode, holdInstallations, launch, makeCheckout, start } from './support/checkout.ts'

const IS_WINDOWS = process.platform === 'win32'
const canDieWithParent = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0
const skipParent = canDieWithParent ? false : 'no setpriv of util-linux on this machine'
const skip = IS_WINDOWS ? 'the test speaks of signals and links, which Windows does not have' : false

test('a first start installs and says so on standard error; standard output is the program alone', {
  skip,
}, async (t) => {
  const checkout = makeCheckout(t)

  const { code, stdout, stderr } = await start('npm', ['start', '--', 'ask', '--json', 'why?'], checkout).ended
  assert.equal(code, 0, stderr)
  assert.deepEqual(JSON.parse(stdout).args, ['ask', '--json', 'why?'])
  assert.match(stderr, /installing packages/)
  assert.ok(existsSync(join(checkout, 'node_modules/leaf/package.json')))

  const second = await launch(checkout, ['start', 'ask', '5']).ended
  assert.equal(second.stderr, '', 'the second start is quiet')
  assert.equal(second.code, 5, 'the exit code is that of the program')
})

test('without arguments the program serves, and the page is built once for each state of its files', {
  skip,
}, async (t) => {
  const checkout = makeCheckout(t)
  addPage(checkout)
  const page = () => readFileSync(join(checkout, 'web/dist/index.html'), 'utf8')

  const { stdout, stderr } = await launch(checkout, ['start']).ended
  assert.deepEqual(JSON.parse(stdout).args, ['serve'], stderr)
  assert.equal(page(), 'built ')
  assert.equal((await launch(checkout, ['start']).ended).stderr, '')
  writeFileSync(join(checkout, 'web/main.ts'), '// changed')
  await launch(checkout, ['start', 'serve', '--bind', '127.0.0.1:0']).ended
  assert.equal(page(), 'built built ')
})

test('a package that is gone is installed again', { skip }, async (t) => {
  const checkout = makeCheckout(t)
  await launch(checkout, ['start', 'ask']).ended
  rmSync(join(checkout, 'node_modules/leaf'), { recursive: true })
  const { stderr } = await launch(checkout, ['test', 'some.test.ts']).ended
  assert.match(stderr, /installing packages/)
  assert.ok(existsSync(join(checkout, 'node_modules/leaf/package.json')))
})

test('an installation that was killed half-way leaves no half, and the next start installs', { skip }, async (t) => {
  const checkout = makeCheckout(t)
  const { installing, letGo } = holdInstallations(checkout)

  const first = launch(checkout, ['start', 'ask'])
  await appears(installing)
  first.child.kill('SIGKILL')
  letGo()
  assert.equal((await first.ended).signal, 'SIGKILL')
  assert.ok(!existsSync(join(checkout, 'node_modules')))

  const second = await launch(checkout, ['start', 'ask']).ended
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, /installing packages/)
})

test('of two starts at once one installs, the other waits, and both run', { skip }, async (t) => {
  const checkout = makeCheckout(t)
  const { installing, letGo } = holdInstallations(checkout)

  const first = launch(checkout, ['start', 'ask', 'first'])
  await appears(installing)
  const second = launch(checkout, ['start', 'ask', 'second'])
  await new Promise((resolve) => second.child.stderr!.once('data', resolve))
  letGo()
  const [one, two] = await Promise.all([first.ended, second.ended])
  assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr)
  assert.match(two.stderr, /another start/)
  assert.equal(readFileSync(installing, 'utf8'), 'x', 'installed once')
  assert.deepEqual(leftovers(checkout), [])
})

test('a start that is told to end while it installs ends, and leaves the folder free', { skip }, async (t) => {
  const checkout = makeCheckout(t)
  const { installing, letGo } = holdInstallations(checkout)
  const { child, ended } = launch(checkout, ['start', 'ask'])
  await appears(installing)
  child.kill('SIGTERM')
  letGo()
  assert.equal((await ended).signal, 'SIGTERM')
  assert.ok(!existsSync(join(checkout, '.cache/launch.lock')))
})

test('the program gets the signals meant for the launcher', { skip }, async (t) => {
  await endsByTerm(makeCheckout(t), process.execPath)
})

test('a TERM to npm reaches the program, though the shell between them tells nobody', {
  skip: skip || skipParent,
}, async (t) => {
  const { child, ended } = start('npm', ['start', '--', 'ask', 'wait'], makeCheckout(t))
  await new Promise((resolve) => child.stdout!.once('data', resolve))
  child.kill('SIGTERM')
  assert.match((await ended).stdout, /told to end/)
})

const oldNode = findOldNode()
const skipOld = skip || (oldNode === undefined ? 'no Node older than 24.20 on this machine' : false)

test('where the Node is too old, the program runs on the one installed for it', { skip: skipOld }, async (t) => {
  const checkout = makeCheckout(t)
  const bundled = join(checkout, `tools/node/node_modules/node-${process.platform}-${process.arch}/bin/node`)
  mkdirSync(dirname(bundled), { recursive: true })
  symlinkSync(process.execPath, bundled)

  const { code, stdout, stderr } = await launch(checkout, ['start', 'ask', '9'], oldNode).ended
  assert.equal(JSON.parse(stdout).node, process.version, stderr)
  assert.equal(code, 9)
  await endsByTerm(checkout, oldNode!)
})

async function endsByTerm(checkout: string, node: string): Promise<void> {
  const { child, ended } = launch(checkout, ['start', 'ask', 'wait'], node)
  await new Promise((resolve) => child.stdout!.once('data', resolve))
  child.kill('SIGTERM')
  assert.equal((await ended).code, 7, 'the program itself answered the signal')
}

/** What an installation has in hand, and the lock. */
function leftovers(checkout: string): string[] {
  return readdirSync(join(checkout, '.cache')).filter((name) => /^install-|\.lock$/.test(name))
}

async function appears(file: string): Promise<void> {
  const watcher = watch(dirname(file))
  const seen = new Promise<void>((resolve) => watcher.on('change', (_, name) => name === basename(file) && resolve()))
  if (!existsSync(file)) await seen
  watcher.close()
}
