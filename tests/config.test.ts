import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { childEnvironment, loadChildConfig, loadConfig, meetingPoints, renderHelp, SETTINGS } from '../src/config.ts'
import { freshFolder } from './support/folder.ts'

const NOTHING = {}

test('without any setting the server listens on this machine only', () => {
  assert.deepEqual(loadConfig({}, NOTHING).bind, ['127.0.0.1:8000'])
})

test('with PORT set it listens on every address, IPv4 and IPv6', () => {
  assert.deepEqual(loadConfig({}, { PORT: '3000' }).bind, ['0.0.0.0:3000', '[::]:3000'])
})

test('flags go before the environment, the environment before the file', (t) => {
  const file = join(freshFolder(t), 'knowbot.env')
  writeFileSync(file, '# comment\n\nKNOWBOT_JOBS=2\nKNOWBOT_TIMEOUT = 11\nexport KNOWBOT_LOG_LEVEL="warn"\n')
  const config = loadConfig({ config: file, timeout: '13' }, { KNOWBOT_JOBS: '3', KNOWBOT_TIMEOUT: '12' })
  assert.equal(config.timeoutS, 13)
  assert.equal(config.jobsMax, 3)
  assert.equal(config.logLevel, 'warn')
})

test('a flag that may be given several times keeps every value', () => {
  assert.deepEqual(loadConfig({ bind: ['127.0.0.1:1', 'unix:/run/k.sock'] }, NOTHING).bind, [
    '127.0.0.1:1',
    'unix:/run/k.sock',
  ])
})

const REFUSED: [string, Record<string, string>, Record<string, string>, RegExp][] = [
  ['an unknown variable', {}, { KNOWBOT_DATTA: 'x' }, /^KNOWBOT_DATTA in the environment: there is no such setting/],
  ['a count that is none', { jobs: 'many' }, {}, /^--jobs: expected a whole number from 1 to 64, got "many"\.$/],
  [
    'a port beyond 65535',
    {},
    { KNOWBOT_BIND: 'localhost:70000' },
    /^KNOWBOT_BIND in the environment: expected a whole number/,
  ],
  ['an address without a port', { bind: 'localhost' }, {}, /^--bind: expected HOST:PORT/],
  [
    'a PORT that is none',
    {},
    { PORT: 'http' },
    /^a variable of the platform that decides --bind: expected a whole number/,
  ],
  [
    'a bootstrap key out of an example',
    {},
    { KNOWBOT_BOOTSTRAP_KEY: 'changeme-changeme-changeme' },
    /stands in examples/,
  ],
  ['a bootstrap key that is short', {}, { KNOWBOT_BOOTSTRAP_KEY: 'abc' }, /expected at least 16 characters, got 3/],
  [
    'an address of another protocol',
    { 'model-url': 'ftp://models' },
    {},
    /^--model-url: expected an address that begins with http/,
  ],
  ['a size without sense', { 'upload-max': 'big' }, {}, /expected a size such as 512MB/],
  [
    'a file that is not there',
    { config: '/nowhere/at/all' },
    {},
    /^--config: cannot read \/nowhere\/at\/all \(ENOENT\)/,
  ],
]

for (const [what, flags, environment, message] of REFUSED) {
  test(`${what} stops the start with one line that names the setting`, () => {
    assert.throws(
      () => loadConfig(flags, environment),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'invalid_setting')
        assert.match(error.message, message)
        assert.ok(!error.message.includes('\n'))
        return true
      },
    )
  })
}

test('a child gets exactly the settings of its parent', () => {
  const config = loadConfig({ jobs: '2' }, { KNOWBOT_MODEL: 'ollama:llama', PORT: '8080' })
  assert.deepEqual(loadChildConfig(childEnvironment(config)), JSON.parse(JSON.stringify(config)))
})

test('sockets of a folder with a very long path lie where their path fits', () => {
  const { localSocket } = meetingPoints(`/${'long/'.repeat(40)}`)
  assert.ok(Buffer.byteLength(localSocket) < 104, localSocket)
})

test('the help names every flag', () => {
  const help = renderHelp()
  for (const setting of Object.values(SETTINGS)) assert.ok(help.includes(`--${setting.flag} `), setting.flag)
})
