/** The model in the hands of administrators: chosen, tested and forgotten in the page, its key told to nobody; and what it may cost. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { restoreBackup, writeBackup } from '../../src/knowbot.ts'
import { openModels } from '../../src/models.ts'
import { BOOTSTRAP_KEY, freshApp, type Person, type TestApp, type TestAppOptions } from '../support/app.ts'
import { freshFolder } from '../support/folder.ts'
import { type ModelDouble, refuses, says, startModelDouble } from '../support/model-double.ts'

const SECRET = 'sk-secret-of-the-provider-0123456789'
const HOURS = 'Visitors are welcome.\n\nThe reading room opens at nine in the morning and closes at six.\n'
const QUESTION = { question: 'When does the reading room open?' }

test('without a model there is none, and answers are quotes', async (t) => {
  const { app, ada } = await fresh(t)
  await addHours(app)
  const { body } = await app.call(ada.key, 'GET', '/api/model')
  assert.deepEqual([body.source, body.model, body.hasKey], ['none', null, false])
  assert.equal((await app.call(ada.key, 'POST', '/api/ask', { body: QUESTION })).body.mode, 'quotes')
  const { body: problem, status } = await app.call(ada.key, 'POST', '/api/model/test', { body: {} })
  assert.deepEqual([status, problem.code], [409, 'conflict'])
})

test('a model that is chosen writes the next answer, and its key is told nowhere', async (t) => {
  const { app, ada, choice, double } = await fresh(t)
  await addHours(app)
  const chosen = await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  assert.deepEqual(chosen.body, {
    ...{ source: 'chosen', provider: 'openai-compatible', model: 'double', url: double.url },
    ...{ hasKey: true, problem: null },
  })
  for (const [method, path] of [
    ['GET', '/api/model'],
    ['GET', '/api/status'],
    ['GET', '/metrics'],
  ] as const)
    assert.ok(!(await app.call(ada.key, method, path)).text.includes(SECRET))
  double.plan(says('At nine [1].'))
  const { body } = await app.call(ada.key, 'POST', '/api/ask', { body: QUESTION })
  assert.deepEqual([body.mode, body.answer], ['model', 'At nine [1].'])
  assert.equal(double.requests[0]!.headers.authorization, `Bearer ${SECRET}`)

  assert.equal((await app.call(ada.key, 'DELETE', '/api/model')).status, 204)
  assert.equal((await app.call(ada.key, 'POST', '/api/ask', { body: QUESTION })).body.mode, 'quotes')
})

test('members neither see nor choose nor test the model', async (t) => {
  const { app, choice } = await fresh(t)
  const mia = await app.person('Mia')
  for (const [method, path, body] of [
    ['GET', '/api/model', undefined],
    ['PUT', '/api/model', choice],
    ['DELETE', '/api/model', undefined],
    ['POST', '/api/model/test', { choice }],
  ] as const)
    assert.equal((await app.call(mia.key, method, path, body ? { body } : {})).status, 403, `${method} ${path}`)
})

test('the key lies encrypted, and what opens it in a file that nobody else may read', async (t) => {
  const { app, ada, choice, folder } = await fresh(t)
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  assert.equal(statSync(join(folder, 'sealing.key')).mode & 0o777, 0o600)
  for (const name of readdirSync(folder).filter((file) => statSync(join(folder, file)).isFile()))
    assert.ok(!readFileSync(join(folder, name)).includes(SECRET), name)
})

test('another process of the server has the model at once', async (t) => {
  const { app, ada, choice } = await fresh(t)
  const other = openModels(app.knowbot.storage, app.knowbot.config)
  assert.equal(other.current(), undefined)
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  assert.equal(other.current()?.name, 'openai-compatible:double')
  const before = other.current()
  assert.equal(other.current(), before, 'what is known of its failures is kept')
  await app.call(ada.key, 'PUT', '/api/model', { body: { ...choice, model: 'other' } })
  assert.equal(other.current()?.name, 'openai-compatible:other')
  await app.call(ada.key, 'DELETE', '/api/model')
  assert.equal(other.current(), undefined)
})

test('a key stays where provider and address stay, and goes nowhere else', async (t) => {
  const { app, ada, choice, double } = await fresh(t)
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  const { key: _, ...keyless } = choice
  const renamed = await app.call(ada.key, 'PUT', '/api/model', { body: { ...keyless, model: 'other' } })
  assert.deepEqual([renamed.body.model, renamed.body.hasKey], ['other', true])
  const elsewhere = await startModelDouble(t)
  const asked = { choice: { ...keyless, url: elsewhere.url } }
  assert.equal((await app.call(ada.key, 'POST', '/api/model/test', { body: asked })).body.isAnswered, true)
  assert.equal(elsewhere.requests[0]!.headers.authorization, undefined)
  const moved = await app.call(ada.key, 'PUT', '/api/model', { body: { ...keyless, url: elsewhere.url } })
  assert.equal(moved.body.hasKey, false)
  assert.equal(double.requests.length, 0)
})

test('a test says hello once and tells in words what came of it', async (t) => {
  const { app, ada, choice, double } = await fresh(t)
  const say = async (body: object) => (await app.call(ada.key, 'POST', '/api/model/test', { body })).body
  double.plan(says('Hello, ', 'Ada!'))
  const { text, isAnswered } = await say({ choice })
  assert.deepEqual([text, isAnswered, double.requests.length], ['Hello, Ada!', true, 1])
  double.plan(refuses(401, '{"error":{"message":"bad key"}}'))
  const refused = await say({ choice })
  assert.deepEqual([refused.isAnswered, refused.code], [false, 'model_refused'])
  assert.match(refused.text, /key/)
  const nobody = await say({ choice: { ...choice, url: 'http://127.0.0.1:9/v1' } })
  assert.deepEqual([nobody.isAnswered, nobody.code], [false, 'model_unreachable'])
  assert.equal((await app.call(ada.key, 'GET', '/api/model')).body.source, 'none', 'a test keeps nothing')
})

test('what cannot be a model is refused with what is missing', async (t) => {
  const { app, ada } = await fresh(t)
  for (const [body, words] of [
    [{ provider: 'openai', model: 'gpt-5' }, /key/],
    [{ provider: 'openai-compatible', model: 'x' }, /address/],
    [{ provider: 'openai-compatible', model: 'x', url: 'ftp://models.example' }, /http/],
    [{ provider: 'openai-compatible', model: 'x', url: 'http://169.254.169.254/v1' }, /kept for the machine/],
    [{ provider: 'openai-compatible', model: 'x', url: 'http://[::ffff:169.254.169.254]/v1' }, /kept for the machine/],
    [{ provider: 'oracle', model: 'x' }, /provider/],
    [{ provider: 'ollama', model: ' ' }, /model/],
  ] as const) {
    const reply = await app.call(ada.key, 'PUT', '/api/model', { body })
    assert.deepEqual([reply.status, reply.body.code], [400, 'bad_request'], JSON.stringify(body))
    assert.match(reply.body.detail, words)
  }
  assert.equal(
    (await app.call(ada.key, 'PUT', '/api/model', { body: { provider: 'ollama', model: 'qwen3:8b' } })).status,
    200,
  )
})

test('a model that the settings name wins, and the page is told so', async (t) => {
  const double = await startModelDouble(t)
  const { app, ada, choice } = await fresh(t, { config: { model: 'openai-compatible:set', modelUrl: double.url } })
  const { body } = await app.call(ada.key, 'GET', '/api/model')
  assert.deepEqual([body.source, body.model], ['settings', 'set'])
  for (const [method, options] of [
    ['PUT', { body: choice }],
    ['DELETE', {}],
  ] as const) {
    const reply = await app.call(ada.key, method, '/api/model', options)
    assert.deepEqual([reply.status, reply.body.code], [409, 'conflict'])
    assert.match(reply.body.detail, /KNOWBOT_MODEL/)
  }
  assert.equal((await app.call(ada.key, 'POST', '/api/model/test', { body: {} })).body.isAnswered, true)
})

test('a backup holds no key: what is restored answers in quotes and says that the key has to be given again', async (t) => {
  const { app, ada, choice, folder } = await fresh(t)
  await addHours(app)
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  const backups = freshFolder(t)
  const [file, restored] = [join(backups, 'backup.tar'), join(backups, 'restored')]
  await writeBackup(folder, file)
  assert.ok(!readFileSync(file).includes(SECRET))
  await restoreBackup(file, restored)
  const { app: again } = await fresh(t, { folder: restored })
  const ada2 = await again.call(ada.key, 'GET', '/api/model')
  assert.equal(ada2.body.source, 'chosen')
  assert.match(ada2.body.problem, /Choose the model again/)
  const { body } = await again.call(ada.key, 'POST', '/api/ask', { body: QUESTION })
  assert.deepEqual([body.mode, body.notFound], ['quotes', false])
  const chosen = await again.call(ada.key, 'PUT', '/api/model', { body: choice })
  assert.deepEqual([chosen.body.hasKey, chosen.body.problem], [true, null])
})

test('tokens are counted for each person as the model server tells them, and estimated where it does not', async (t) => {
  const { app, ada, choice, double } = await fresh(t)
  await addHours(app)
  const mia = await app.person('Mia')
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  const used = async ({ key }: Pick<Person, 'key'>) => (await app.call(key, 'GET', '/api/tokens')).body.used
  const told = JSON.stringify({ choices: [], usage: { prompt_tokens: 900, completion_tokens: 30 } })
  double.plan({ steps: [{ word: 'At nine [1].' }, { send: `data: ${told}\n\n` }, 'done'] }, says('At nine [1].'))
  await app.call(ada.key, 'POST', '/api/ask', { body: QUESTION })
  assert.equal(await used(ada), 930)
  await app.call(ada.key, 'POST', '/api/ask', { body: QUESTION })
  const estimated = (await used(ada)) - 930
  assert.ok(estimated > 100 && estimated < 2000, `${estimated}`)
  assert.equal(await used(mia), 0)
  assert.ok(double.requests.length === 2)
})

test('when the tokens of the day are spent, quotes answer and say until when; others go on', async (t) => {
  const { app, ada, choice, double } = await fresh(t, { config: { tokensPerDay: 500 } })
  await addHours(app)
  const ben = await app.person('Ben')
  await app.call(ada.key, 'PUT', '/api/model', { body: choice })
  const told = JSON.stringify({ choices: [], usage: { prompt_tokens: 480, completion_tokens: 40 } })
  double.plan({ steps: [{ word: 'At nine [1].' }, { send: `data: ${told}\n\n` }, 'done'] })
  const chatId = (await app.call(ada.key, 'POST', '/api/chats', { body: {} })).body.id
  const ask = async () => {
    await app.call(ada.key, 'POST', `/api/chats/${chatId}/messages`, { body: { content: QUESTION.question } })
    return (await app.call(ada.key, 'GET', `/api/chats/${chatId}/messages`)).body.items[0]
  }
  assert.equal((await ask()).mode, 'model')
  const answer = await ask()
  assert.deepEqual([answer.mode, answer.state, answer.error.code], ['quotes', 'complete', 'tokens_spent'])
  assert.match(answer.error.message, /at most 500 tokens .* 520 are spent.* 00:00 UTC/)
  assert.match(answer.citations[0].quote, /nine in the morning/)
  assert.equal(double.requests.length, 1, 'the model is not asked')
  const { body } = await app.call(ada.key, 'GET', '/api/tokens')
  assert.deepEqual([body.used, body.perDay], [520, 500])
  assert.ok(Date.parse(body.resetsAt) > Date.now())
  await app.call(ben.key, 'GET', '/api/tokens').then((reply) => assert.equal(reply.body.used, 0))
})

interface Fresh {
  app: TestApp
  ada: Pick<Person, 'key'>
  folder: string
  double: ModelDouble
  choice: { provider: string; model: string; url: string; key: string }
}

/** An administrator, and a model server to choose. */
async function fresh(t: TestContext, options: TestAppOptions = {}): Promise<Fresh> {
  const folder = options.folder ?? freshFolder(t)
  const app = await freshApp(t, { ...options, folder })
  const double = await startModelDouble(t)
  const choice = { provider: 'openai-compatible', model: 'double', url: double.url, key: SECRET }
  return { app, ada: { key: BOOTSTRAP_KEY }, folder, double, choice }
}

async function addHours(app: TestApp): Promise<void> {
  assert.equal((await app.upload(BOOTSTRAP_KEY, 'hours.txt', HOURS)).body.status, 'ready')
}
