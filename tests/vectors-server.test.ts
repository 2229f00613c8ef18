/** The index of meanings in the whole application: built in the background, told, switched and rolled back while people search. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { BOOTSTRAP_KEY, freshApp, type TestApp, type TestAppOptions } from './support/app.ts'
import { conceptsOf } from './support/concepts.ts'
import { type EmbeddingDouble, openEmbeddingDouble } from './support/embedding-double.ts'

const CAR = 'Every employee may rent an automobile from the depot. It is open on Monday.'
const OTHERS = ['A physician sees patients on the second floor.', 'The loaf rests for twelve hours before baking.']

test('a document is found by its words at once, and by its meaning when its vectors are there', async (t) => {
  const { start } = await world(t)
  const app = await start('concepts')
  await app.upload(BOOTSTRAP_KEY, 'depot.txt', CAR)
  assert.deepEqual(await names(app, 'automobile'), ['depot.txt'])
  await until(app, ({ generations }) => generations.some((one) => one.state === 'active' && one.passages === 1))
  assert.deepEqual(await names(app, 'vehicle'), ['depot.txt'])
  await app.upload(BOOTSTRAP_KEY, 'clinic.txt', OTHERS[0]!)
  await until(app, ({ generations }) => generations[0]!.passages === 2)
  assert.equal((await names(app, 'surgeon'))[0], 'clinic.txt')
})

test('while the model is switched and rolled back no search fails, and none is without what the words find', async (t) => {
  const { start, double, folder } = await world(t)
  const before = await start('concepts')
  for (const [n, text] of [CAR, ...OTHERS].entries()) await before.upload(BOOTSTRAP_KEY, `text${n}.txt`, text)
  await until(before, ({ generations }) => generations[0]?.state === 'active' && generations[0].passages === 3)

  const { promise: firstOfNew, resolve: tellFirst } = Promise.withResolvers<void>()
  const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>()
  double.models.set('other', conceptsOf(3))
  double.misbehave = async ({ model, texts }) => {
    if (model !== 'other' || texts.length < 2) return undefined
    tellFirst()
    await goOn
    return undefined
  }
  const searching = searchOn(before)
  const after = await start('other', { folder: folder() })
  await firstOfNew
  assert.deepEqual(await states(after), ['active concepts', 'building other'])
  await searching.more(5)
  assert.deepEqual(await names(after, 'vehicle'), ['text0.txt'], 'the former model answers while the new one is built')
  letGo()
  await until(after, ({ generations }) => generations.at(-1)?.state === 'active')
  await searching.more(5)
  assert.deepEqual(await states(after), ['retired concepts', 'active other'])
  assert.deepEqual(await names(after, 'vehicle'), ['text0.txt'])

  const rolledBack = await after.call(BOOTSTRAP_KEY, 'POST', '/api/index', { body: { change: 'rollback' } })
  assert.equal(rolledBack.status, 200)
  await searching.more(5)
  assert.deepEqual(await states(after), ['active concepts', 'retired other'])
  assert.deepEqual(await names(after, 'vehicle'), ['text0.txt'])
  const refused = await after.call(BOOTSTRAP_KEY, 'POST', '/api/index', { body: { change: 'rollback' } })
  assert.deepEqual([refused.status, refused.body.code], [409, 'conflict'])
  assert.ok((await searching.end()) >= 15)
})

test('a model that is away is told in a step of the answer and in the index, and the answer comes from the words', async (t) => {
  const { start, double } = await world(t)
  const app = await start('concepts')
  await app.upload(BOOTSTRAP_KEY, 'depot.txt', CAR)
  await until(app, ({ generations }) => generations[0]?.state === 'active' && generations[0].passages === 1)
  double.misbehave = () => ({ status: 503 })
  const question = { question: 'When is the depot of automobiles open?', mode: 'quotes' }
  const headers = { accept: 'text/event-stream' }
  const text = await (await app.open(BOOTSTRAP_KEY, 'POST', '/api/ask', { body: question, headers })).text()
  assert.match(text, /"name":"meaning"/)
  assert.match(text, /Monday/)
  await app.upload(BOOTSTRAP_KEY, 'clinic.txt', OTHERS[0]!)
  const { generations } = await until(app, ({ generations: [one] }) => one!.error !== null)
  assert.match(generations[0]!.error!.message, /KNOWBOT_EMBEDDINGS|not available/)
  double.misbehave = undefined
  await app.call(BOOTSTRAP_KEY, 'POST', '/api/index', { body: { change: 'build' } })
  await until(app, ({ generations: [one] }) => one!.passages === 2 && one!.error === null)
})

test('without a model the index says so, and only administrators may look', async (t) => {
  const app = await freshApp(t)
  const member = await app.person('ada')
  assert.equal((await app.call(member.key, 'GET', '/api/index')).status, 403)
  const { body } = await app.call(BOOTSTRAP_KEY, 'GET', '/api/index')
  assert.deepEqual([body.model, body.generations], [null, []])
  const refused = await app.call(BOOTSTRAP_KEY, 'POST', '/api/index', { body: { change: 'build' } })
  assert.deepEqual([refused.status, refused.body.code], [409, 'conflict'])
})

const UNTIL_MS_MAX = 60_000

interface World {
  double: EmbeddingDouble
  start(model: string, options?: TestAppOptions): Promise<TestApp>
  /** Of the first application. */
  folder(): string
}

async function world(t: TestContext): Promise<World> {
  const double = await openEmbeddingDouble({ concepts: conceptsOf() })
  let folder = ''
  t.after(() => double[Symbol.asyncDispose]())
  return {
    double,
    folder: () => folder,
    async start(model, options = {}) {
      const config = { embeddings: `openai-compatible:${model}`, embeddingsUrl: double.url }
      const app = await freshApp(t, { ...options, config })
      folder ||= app.knowbot.storage.folder
      return app
    },
  }
}

interface Status {
  generations: { model: string; state: string; passages: number; error: { message: string } | null }[]
}

/** Asks until it is so: the index has no events. */
async function until(app: TestApp, isSo: (status: Status) => boolean): Promise<Status> {
  const deadline = performance.now() + UNTIL_MS_MAX
  for (;;) {
    const { body } = await app.call(BOOTSTRAP_KEY, 'GET', '/api/index')
    if (isSo(body)) return body
    assert.ok(performance.now() < deadline, `still ${JSON.stringify(body)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function states(app: TestApp): Promise<string[]> {
  const { body } = await app.call(BOOTSTRAP_KEY, 'GET', '/api/index')
  return (body as Status).generations.map(({ state, model }) => `${state} ${model.split(':')[1]}`)
}

async function names(app: TestApp, query: string): Promise<string[]> {
  const { status, body } = await app.call(BOOTSTRAP_KEY, 'POST', '/api/search', { body: { query } })
  assert.equal(status, 200)
  return body.hits.map(({ name }: { name: string }) => name)
}

/** Somebody who searches without a pause, each time for something else. */
function searchOn(app: TestApp) {
  let count = 0
  let isOver = false
  const run = async () => {
    while (!isOver) {
      const found = await names(app, `rent an automobile from depot ${count}`)
      assert.equal(found[0], 'text0.txt')
      count++
    }
  }
  const running = run()
  running.catch(() => undefined) // Told by whoever waits for more.
  return {
    async more(searches: number) {
      const enough = count + searches
      while (count < enough) await Promise.race([running, new Promise((resolve) => setImmediate(resolve))])
    },
    async end() {
      isOver = true
      await running
      return count
    },
  }
}
