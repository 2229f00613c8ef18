/** Passages found by their meaning: a real server of embeddings over HTTP, a real folder, and what happens when either has trouble. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Embedders, openEmbedders } from '../src/inference.ts'
import { type EmbeddingOutcome, openSearch, type Search } from '../src/search.ts'
import { type Storage, verifyFolder } from '../src/storage.ts'
import { conceptsOf } from './support/concepts.ts'
import { type EmbeddingDouble, openEmbeddingDouble } from './support/embedding-double.ts'
import { freshLibrary, type SearchLibrary } from './support/search-library.ts'

const CAR = 'Every employee may rent an automobile from the depot.'
const DOCTOR = 'A physician sees patients on the second floor every day.'
const BREAD = 'The loaf rests for twelve hours before it goes into the oven.'

test('a question finds what is said in other words, once the vectors are there', async (t) => {
  const { find, embed, library } = await fresh(t)
  await library.add('depot.txt', CAR)
  await library.add('house.txt', DOCTOR)
  assert.deepEqual((await find('vehicle')).hits, [])
  assert.deepEqual(await embed(), { state: 'done' })
  const { hits, meaning } = await find('vehicle')
  assert.equal(meaning.state, 'used')
  assert.equal(hits[0]?.name, 'depot.txt')
})

test('what the words find stays in front of what only lies near', async (t) => {
  const { find, embed, library } = await fresh(t)
  await library.add('depot.txt', CAR)
  await library.add('garage.txt', 'The vehicle of the director stands in the garage.')
  await embed()
  const { hits } = await find('Where does the vehicle of the director stand?')
  assert.deepEqual(
    hits.map(({ name }) => name),
    ['garage.txt', 'depot.txt'],
  )
})

test('nobody finds by its meaning what they may not read, nor what was deleted, nor what a filter leaves out', async (t) => {
  const { find, embed, library } = await fresh(t)
  const mine = await library.add('mine.txt', CAR)
  await library.add('theirs.txt', 'The motor of this vehicle is new.', [], 2)
  await embed()
  const names = async (text: string) => (await find(text)).hits.map(({ name }) => name)
  assert.deepEqual(await names('motor'), ['mine.txt'])
  assert.deepEqual(await names('motor name:other'), [])
  assert.deepEqual(await names('"motor show"'), [])
  await library.storage.database.write(
    (tx) => void tx.run('UPDATE documents SET deleted_at = 1 WHERE id = ?', mine.documentId),
  )
  assert.deepEqual(await names('motor'), [])
})

test('of what is removed no vector stays, and the others are found as before', async (t) => {
  const { find, embed, library, rows } = await fresh(t)
  const gone = await library.add('gone.txt', DOCTOR)
  await library.add('depot.txt', CAR)
  await embed()
  assert.equal(rows('vectors'), 2)
  const { database } = library.storage
  while ((await database.write((tx) => library.search.remove(tx, gone.readingId, 200))) > 0);
  assert.equal(rows('vectors'), 1)
  assert.equal(database.get<{ entries: number }>('SELECT sum(entries) AS entries FROM vector_blocks')?.entries, 1)
  assert.equal(library.search.vectors.status().generations[0]?.passages, 1)
  assert.equal((await find('vehicle')).hits[0]?.name, 'depot.txt')
})

test('many passages are found by their signs first, as well as one by one', async (t) => {
  const { find, embed, library } = await fresh(t)
  const sentences = Array.from({ length: 2600 }, (_, n) => `Number ${n} is about item${n} and thing${n * 7}.`)
  await library.add('long.txt', sentences.map((sentence) => sentence.padEnd(700, ` x${sentence.length}`)).join('\n\n'))
  await library.add('depot.txt', CAR)
  await library.add('other.txt', 'The motor of the neighbours is loud.', [], 2)
  await library.storage.database.write(
    (tx) =>
      void tx.run(
        'UPDATE documents SET passages = (SELECT count(*) FROM passages WHERE reading_id = documents.reading_id)',
      ),
  )
  await embed()
  const { passages } = library.search.vectors.status().generations[0]!
  assert.ok(passages > 2000, `${passages} passages`)
  assert.equal((await find('vehicle')).hits[0]?.name, 'depot.txt')
})

test('a model that does not answer in time, or not at all, costs no search: the words decide, and it is told', async (t) => {
  const { find, embed, library, double } = await fresh(t)
  await library.add('depot.txt', CAR)
  await embed()
  for (const [n, instead] of (['silence', 'cut', { status: 500 }, { status: 429 }] as const).entries()) {
    double.misbehave = () => instead
    const { hits, meaning } = await find(`automobile from the depot ${n}`)
    assert.equal(hits[0]?.name, 'depot.txt')
    assert.equal(meaning.state, 'missed')
  }
})

test('while the model is away the build waits, says why, and goes on where it stopped', async (t) => {
  const { embed, library, double } = await fresh(t)
  await library.add('depot.txt', CAR)
  double.misbehave = () => ({ status: 503 })
  const outcome = await embed()
  assert.equal(outcome.state, 'paused')
  assert.ok(outcome.state === 'paused' && outcome.delayMs >= 15_000)
  const [waiting] = library.search.vectors.status().generations
  assert.equal(waiting?.state, 'building')
  assert.match(waiting?.error?.message ?? '', /not available at the moment \(503\)/)
  double.misbehave = undefined
  assert.deepEqual(await embed(), { state: 'done' })
  assert.equal(library.search.vectors.status().generations[0]?.error, null)
})

test('vectors that are none are not kept: of another number, without numbers, without a length', async (t) => {
  const { embed, library, double, rows } = await fresh(t)
  await library.add('depot.txt', CAR)
  await library.add('house.txt', DOCTOR)
  let texts = 0
  const bad: ((text: string) => ArrayLike<number>)[] = [
    () => [0, 0, 0],
    () => [Number.NaN, 1, 2],
    () => [],
    () => new Array(1 + (texts++ % 2)).fill(1),
  ]
  for (const model of bad) {
    double.models.set('concepts', model)
    assert.equal((await embed()).state, 'paused')
    assert.equal(rows('vectors'), 0)
    assert.equal(library.search.vectors.status().generations[0]?.error?.code, 'model_broken')
  }
})

test('a text that the model refuses is left to the words, and the others get their vectors', async (t) => {
  const { embed, library, double, find } = await fresh(t)
  await library.add('bad.txt', BREAD)
  await library.add('depot.txt', CAR)
  double.misbehave = ({ texts }) => (texts.some((text) => text.includes('loaf')) ? { status: 400 } : undefined)
  assert.deepEqual(await embed(), { state: 'done' })
  assert.equal(library.search.vectors.status().generations[0]?.passages, 1)
  assert.equal((await find('loaf in the oven')).hits[0]?.name, 'bad.txt')
  assert.equal((await find('motor')).hits[0]?.name, 'depot.txt')
})

test('a model that refuses everything makes no index of refusals', async (t) => {
  const { embed, library, double, rows } = await fresh(t)
  await library.add('depot.txt', CAR)
  double.misbehave = () => ({ status: 400 })
  assert.equal((await embed()).state, 'paused')
  assert.equal(rows('refused_passages'), 0)
  assert.equal(library.search.vectors.status().generations[0]?.state, 'building')
})

test('another model is built beside the first, which answers until it is whole; and there is a way back', async (t) => {
  const { library, double, find, embed, switchTo } = await fresh(t)
  await library.add('depot.txt', CAR)
  await embed()
  double.models.set('other', conceptsOf(3))
  const other = await switchTo('other')
  assert.deepEqual(states(other), ['active concepts', 'building other'])
  assert.equal((await find('vehicle')).hits[0]?.name, 'depot.txt')
  await embed(other)
  assert.deepEqual(states(other), ['retired concepts', 'active other'])
  assert.equal((await find('vehicle', other)).hits[0]?.name, 'depot.txt')

  const { database } = library.storage
  await database.write((tx) => other.vectors.rollBack(tx))
  assert.deepEqual(states(other), ['active concepts', 'retired other set aside'])
  await database.write((tx) => other.vectors.plan(tx))
  assert.deepEqual(states(other), ['active concepts', 'retired other set aside'], 'it is not built again by itself')
  assert.equal((await find('vehicle', other)).meaning.state, 'used')
  await assert.rejects(
    database.write((tx) => other.vectors.rollBack(tx)),
    { code: 'conflict' },
  )
  await database.write((tx) => other.vectors.build(tx))
  const asked = double.requests.length
  await embed(other)
  assert.deepEqual(states(other), ['retired concepts', 'active other'])
  assert.equal(double.requests.length, asked, 'its vectors were still there')
  await database.write((tx) => other.vectors.discard(tx))
  await embed(other)
  assert.deepEqual(states(other), ['active other'])
})

test('the same name with vectors of another dimension is another model', async (t) => {
  const { library, double, find, embed } = await fresh(t)
  await library.add('depot.txt', CAR)
  await embed()
  const longer = (text: string) => [...conceptsOf()(text), 0, 0]
  double.models.set('concepts', longer)
  const { meaning, hits } = await find('automobile from the depot?')
  assert.equal(meaning.state, 'missed')
  assert.equal(hits.length, 1)
  await library.add('house.txt', DOCTOR)
  await embed()
  assert.equal(library.search.vectors.status().generations.findLast(({ state }) => state === 'active')?.dimension, 66)
  assert.equal((await find('surgeon')).hits[0]?.name, 'house.txt')
})

test('a check of the folder counts the vectors, and says how damaged ones are made again', async (t) => {
  const { library, embed, find } = await fresh(t)
  await library.add('depot.txt', CAR)
  await embed()
  const { storage, search } = library
  const verified = async () => {
    const { vectors, damage } = await verifyFolder(storage.folder)
    return { vectors, damage: damage.filter((line) => line.startsWith('vectors')) }
  }
  assert.deepEqual(await verified(), { vectors: 1, damage: [] })
  await storage.database.write((tx) => void tx.run('DELETE FROM vectors'))
  const { damage } = await verified()
  assert.match(damage[0] ?? '', /knowbot index rebuild/)
  await storage.database.write((tx) => search.vectors.rebuild(tx))
  await embed()
  await storage.database.write((tx) => search.vectors.discard(tx))
  await embed()
  assert.deepEqual((await verified()).damage, [])
  assert.equal((await find('vehicle')).hits[0]?.name, 'depot.txt')
})

test('requests hold at most 64 texts and 64 KB of them', async (t) => {
  const { library, double, embed } = await fresh(t)
  for (let n = 0; n < 150; n++) await library.add(`n${n}.txt`, `Note ${n} is short.`)
  await library.add('long.txt', 'This sentence is written again and again. '.repeat(5000))
  await embed()
  assert.ok(double.requests.length >= 5)
  for (const { texts } of double.requests) {
    assert.ok(texts.length <= 64, `${texts.length} texts`)
    assert.ok(Buffer.byteLength(texts.join('')) <= 65_536)
  }
})

test('with Ollama the same, in its own words', async (t) => {
  const double = await openDouble(t)
  const embedders = openEmbedders({ provider: 'ollama', model: 'concepts', url: double.url })
  const library = await freshLibrary(t, embedders)
  await library.add('depot.txt', CAR)
  await embedAll(library.storage, library.search)
  assert.deepEqual([...new Set(double.requests.map(({ path }) => path))], ['/api/embed'])
  const { hits } = await library.search.find({ text: 'vehicle', collectionIds: [1], limit: 5 })
  assert.equal(hits[0]?.name, 'depot.txt')
})

test('a provider without embeddings, an address or a key that is missing: told at the start, by the name of the setting', () => {
  const cases = [
    [{ provider: 'anthropic', model: 'x', key: 'k' }, /KNOWBOT_EMBEDDINGS: anthropic makes no embeddings/],
    [{ provider: 'openai-compatible', model: 'x' }, /KNOWBOT_EMBEDDINGS_URL/],
    [{ provider: 'openai', model: 'x' }, /KNOWBOT_EMBEDDINGS_KEY/],
  ] as const
  for (const [settings, message] of cases) assert.throws(() => openEmbedders(settings), message)
})

function states(search: Search): string[] {
  return search.vectors
    .status()
    .generations.map(
      ({ state, model, isSetAside }) => `${state} ${model.split(':')[1]}${isSetAside ? ' set aside' : ''}`,
    )
}

interface Fresh {
  library: SearchLibrary
  double: EmbeddingDouble
  find(text: string, search?: Search): ReturnType<Search['find']>
  embed(search?: Search): Promise<EmbeddingOutcome>
  /** As a process that was started with another model. */
  switchTo(model: string): Promise<Search>
  rows(table: string): number
}

async function fresh(t: TestContext): Promise<Fresh> {
  const double = await openDouble(t)
  const embeddersOf = (model: string): Embedders =>
    openEmbedders({ provider: 'openai-compatible', model, url: double.url })
  const library = await freshLibrary(t, embeddersOf('concepts'))
  const { storage, search } = library
  return {
    library,
    double,
    find: (text, by = search) => by.find({ text, collectionIds: [1], limit: 10 }),
    embed: (by = search) => embedAll(storage, by),
    async switchTo(model) {
      const other = openSearch(storage, embeddersOf(model))
      await storage.database.write((tx) => other.vectors.plan(tx))
      return other
    },
    rows: (table) => storage.database.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)!.n,
  }
}

async function openDouble(t: TestContext): Promise<EmbeddingDouble> {
  const double = await openEmbeddingDouble({ concepts: conceptsOf() })
  t.after(() => double[Symbol.asyncDispose]())
  return double
}

async function embedAll({ database }: Storage, search: Search): Promise<EmbeddingOutcome> {
  await database.write((tx) => search.vectors.plan(tx))
  const { signal } = new AbortController()
  return search.vectors.embed({ commit: (change) => database.write(change), shouldStop: () => false, signal })
}
