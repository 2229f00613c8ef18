import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshLibrary as library } from './support/search-library.ts'

const MOON = `The Moon is Earth's only natural satellite. Its diameter is 3,474 km.

Neil Armstrong was the first person to walk on its surface. He stepped out on 21 July 1969.`
const BREAD = `Rye bread needs sourdough. The dough rests for twelve hours at 26 °C.

Wheat bread is baked at 230 °C for forty minutes. An e-mail with the recipe went to the bakery.`

test('a question finds the passage that answers it, and quotes it literally', async (t) => {
  const { search, add } = await library(t)
  await add('moon.txt', MOON)
  await add('bread.txt', BREAD)
  const question = 'Who was the first to walk on the moon?'
  const result = await search.find({ text: question, collectionIds: [1], limit: 5 })
  assert.equal(result.hits[0]?.name, 'moon.txt')
  const { quotes, notFound } = search.quote(question, result)
  assert.equal(notFound, false)
  assert.match(quotes[0]!.quote, /Neil Armstrong/)
  for (const { quote, start, end, hit } of quotes) {
    assert.equal(quote, (hit.name === 'moon.txt' ? MOON : BREAD).slice(start, end))
  }
})

test('a quote ends before the heading that begins the next paragraph, unless it is asked for', async (t) => {
  const { search, add } = await library(t)
  const text = `The reading room. It has 42 seats and six desks with sockets. The new boiler cost 8,350 euros.
The roof. On 2 February rain came in above the corner of the children, and story time was moved to the staff kitchen for the rest of the winter, where there is room for twelve and a kettle that the parents may use as long as they bring their own cups.`
  await add('minutes.txt', text)
  const quoteOf = async (question: string) => {
    const result = await search.find({ text: question, collectionIds: [1], limit: 5 })
    return search.quote(question, result).quotes.map(({ quote }) => quote)
  }
  const [boiler] = await quoteOf('What did the new boiler cost?')
  assert.ok(boiler?.endsWith('8,350 euros.'), boiler)
  const roof = await quoteOf('What about the roof?')
  assert.ok(
    roof.some((quote) => quote.includes('The roof. On 2 February')),
    roof.join('\n--\n'),
  )
})

test('what the documents say nothing about is not found', async (t) => {
  const { search, add } = await library(t)
  await add('moon.txt', MOON)
  await add('bread.txt', BREAD)
  for (const question of ['Which treaty ended the Thirty Years War?', 'How do volcanoes erupt?', '???', '']) {
    const result = await search.find({ text: question, collectionIds: [1], limit: 5 })
    assert.equal(search.quote(question, result).notFound, true, question)
  }
})

test('a name that stands nowhere makes an answer unlikely, more than any other word does', async (t) => {
  const { search, add } = await library(t)
  await add('moon.txt', MOON)
  await add('bread.txt', BREAD)
  const sure = async (text: string) => (await search.find({ text, collectionIds: [1], limit: 5 })).confidence
  const question = 'is titan a satellite of saturn?'
  const plain = await sure(question)
  assert.ok((await sure('Is Titan a satellite of Saturn?')) < plain / 2)
  // Where every word has a capital they say nothing, and the first word of a sentence has one anyway.
  for (const same of [question.toUpperCase(), 'Is titan a satellite of saturn?', 'satellite of saturn? Titan is a']) {
    assert.equal(await sure(same), plain, same)
  }
})

test('a misspelt word is corrected, and the correction is shown', async (t) => {
  const { search, add } = await library(t)
  await add('moon.txt', MOON)
  const { hits, didYouMean } = await search.find({ text: 'Armstrnog on the moon', collectionIds: [1], limit: 5 })
  assert.equal(didYouMean, 'armstrong on the moon')
  assert.match(hits[0]!.text, /Armstrong/)
})

test('a word is not taken for a misspelling of one that stands beside it', async (t) => {
  const { search, add } = await library(t)
  await add('dragons.txt', 'The dragon guards the gold.')
  const { didYouMean } = await search.find({ text: 'the dragon in Eragon', collectionIds: [1], limit: 5 })
  assert.equal(didYouMean, null)
  const alone = await search.find({ text: 'eragon', collectionIds: [1], limit: 5 })
  assert.equal(alone.didYouMean, 'dragon')
})

test('words are found in scripts without spaces, with other endings, and without accents', async (t) => {
  const { search, add } = await library(t)
  await add('zh.txt', '黑豹队的防守只丢了308分。他们在联赛中排名第六。')
  await add('th.txt', 'กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย')
  await add('ru.txt', 'Столица Норвегии расположена на берегу фьорда.')
  await add('ar.txt', 'عاصمة النرويج هي أوسلو والمدينة كبيرة')
  await add('fr.txt', 'La forêt protège les écosystèmes fragiles.')
  const cases = [
    ['黑豹队丢了多少分', 'zh.txt'],
    ['เมืองหลวงของไทย', 'th.txt'],
    ['столицу норвегию', 'ru.txt'],
    ['مدينة', 'ar.txt'],
    ['foret ecosysteme', 'fr.txt'],
  ]
  for (const [text, name] of cases) {
    const { hits } = await search.find({ text: text!, collectionIds: [1], limit: 5 })
    assert.equal(hits[0]?.name, name, text)
  }
})

test('what stands only in a heading or in the file name is found', async (t) => {
  const { search, add } = await library(t)
  await add('annual_report.md', '# Locations\n\n## Lisbon\n\nForty people work here.\n\n## Oslo\n\nNobody.', [
    { start: 2, end: 11, level: 1 },
    { start: 16, end: 22, level: 2 },
    { start: 52, end: 56, level: 2 },
  ])
  const byHeading = await search.find({ text: 'how many people in Lisbon', collectionIds: [1], limit: 5 })
  assert.equal(byHeading.hits[0]?.heading, 'Locations > Lisbon')
  const byName = await search.find({ text: 'annual report', collectionIds: [1], limit: 5 })
  assert.equal(byName.hits.length, 2)
})

test('quotation marks, minus and name: filter', async (t) => {
  const { search, add } = await library(t)
  await add('one.txt', 'The red fox met a brown bear.')
  await add('two.txt', 'The brown fox met a red bear.')
  const names = async (text: string) =>
    (await search.find({ text, collectionIds: [1], limit: 5 })).hits.map((hit) => hit.name).toSorted()
  assert.deepEqual(await names('fox'), ['one.txt', 'two.txt'])
  assert.deepEqual(await names('"red fox"'), ['one.txt'])
  assert.deepEqual(await names('fox -"red fox"'), ['two.txt'])
  assert.deepEqual(await names('fox -brown'), [])
  assert.deepEqual(await names('What did the "red bear" meet?'), ['one.txt', 'two.txt'])
  assert.deepEqual(await names('fox name:two'), ['two.txt'])
  assert.deepEqual(await names('name:"two.txt" bear'), ['two.txt'])
})

test('codes that differ in one sign are kept apart, and a hyphen may be left out', async (t) => {
  const { search, add } = await library(t)
  for (const code of ['AB-1200', 'AB-1201', 'AB-1210', 'WX300A', 'WX300B']) {
    await add(`${code}.txt`, `The pump ${code} was delivered with its manual and a spare seal.`)
  }
  for (const [query, name] of [
    ['pump AB-1201', 'AB-1201.txt'],
    ['ab1210 pump', 'AB-1210.txt'],
    ['WX300B', 'WX300B.txt'],
  ]) {
    const { hits } = await search.find({ text: query!, collectionIds: [1], limit: 5 })
    assert.equal(hits[0]?.name, name, query)
  }
})

test('a snippet shows the densest part and marks the words of the question', async (t) => {
  const { search, add } = await library(t)
  await add(
    'long.txt',
    `${'Nothing of note happened in that year at all. '.repeat(12)}The protected otter came back. ${MOON}`,
  )
  await add('zh.txt', '黑豹队的防守只丢了308分。')
  const marks = async (text: string) => {
    const result = await search.find({ text, collectionIds: [1], limit: 1 })
    const [snippet] = search.snippets(result)
    assert.ok(snippet!.end - snippet!.start <= 240)
    return snippet!.highlights.map(({ start, end }) => result.hits[0]!.text.slice(start, end))
  }
  assert.deepEqual(await marks('protecting the otter'), ['protected', 'otter'])
  assert.deepEqual(await marks('黑豹队'), ['黑豹队'])
})

test('only the collections and documents that are asked for are looked into', async (t) => {
  const { search, add } = await library(t)
  const first = await add('mine.txt', 'A secret about foxes.', [], 1)
  const second = await add('also-mine.txt', 'Another secret about foxes.', [], 1)
  await add('theirs.txt', 'The best secret about foxes, foxes, foxes.', [], 2)
  const names = async (query: { collectionIds: number[]; documentIds?: string[] }) =>
    (await search.find({ text: 'secret foxes', limit: 5, ...query })).hits.map((hit) => hit.name).toSorted()
  assert.deepEqual(await names({ collectionIds: [1] }), ['also-mine.txt', 'mine.txt'])
  assert.deepEqual(await names({ collectionIds: [2] }), ['theirs.txt'])
  assert.deepEqual(await names({ collectionIds: [1, 2] }), ['also-mine.txt', 'mine.txt', 'theirs.txt'])
  assert.deepEqual(await names({ collectionIds: [] }), [])
  assert.deepEqual(await names({ collectionIds: [1, 2], documentIds: [second.publicId] }), ['also-mine.txt'])
  assert.deepEqual(await names({ collectionIds: [2], documentIds: [first.publicId] }), [])
})

test('a deleted document, and an older reading, are not found', async (t) => {
  const { search, add, storage } = await library(t)
  const { documentId } = await add('old.txt', 'The harvest was early.')
  const count = async () => (await search.find({ text: 'harvest', collectionIds: [1], limit: 5 })).hits.length
  assert.equal(await count(), 1)
  await storage.database.write((tx) => tx.run('UPDATE documents SET reading_id = NULL WHERE id = ?', documentId))
  assert.equal(await count(), 0)
  await storage.database.write((tx) => tx.run('UPDATE documents SET reading_id = ?1 WHERE id = ?1', documentId))
  assert.equal(await count(), 1)
  await storage.database.write((tx) => tx.run('UPDATE documents SET deleted_at = 1 WHERE id = ?', documentId))
  assert.equal(await count(), 0)
})

test('removing a reading leaves nothing behind in the index', async (t) => {
  const { search, add, storage } = await library(t)
  await add('kept.txt', BREAD)
  const before = storage.database.all(SUMS)
  const { readingId } = await add('gone.txt', `${MOON}\n\n${MOON.repeat(40)}`)
  let removed = 0
  for (let n = 1; n > 0; removed += n) n = await storage.database.write((tx) => search.remove(tx, readingId, 3))
  assert.ok(removed > 3)
  assert.deepEqual(storage.database.all(SUMS), before)
  assert.deepEqual(storage.database.all(`SELECT term FROM lexical_1_words WHERE term = 'armstrong'`), [])
})

test('no text is an error, and none reaches what another owner has', async (t) => {
  const { search, add } = await library(t)
  await add('mine.txt', MOON, [], 1)
  await add('theirs.txt', MOON, [], 2)
  const awkward = fc.constantFrom(
    '"',
    "'",
    '*',
    '(',
    ')',
    ' OR ',
    ' AND ',
    ' NOT ',
    'NEAR(',
    ':',
    '^',
    '-',
    '{',
    '~',
    '\0',
    'name:',
    'text:',
    'moon',
    '\ud800',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 12 })
      .map((parts) => parts.join('')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (query) => {
      const result = await search.find({ text: query, collectionIds: [1], limit: 10 })
      for (const hit of result.hits) assert.equal(hit.name, 'mine.txt')
      for (const { quote, start, end } of search.quote(query, result).quotes)
        assert.equal(quote, MOON.slice(start, end))
      assert.ok(result.confidence >= 0 && result.confidence <= 1)
    }),
    { numRuns: 400, seed: 7 },
  )
})

test('a question of a megabyte is answered as fast as a long one', async (t) => {
  const { search, add } = await library(t)
  await add('moon.txt', MOON)
  for (const text of ['moon '.repeat(200_000), 'x'.repeat(1_000_000), '"'.repeat(1_000_000), '-a '.repeat(300_000)]) {
    const startedAt = performance.now()
    await search.find({ text, collectionIds: [1], limit: 5 })
    assert.ok(performance.now() - startedAt < 2000)
  }
})

const SUMS = 'SELECT passages, words_text, words_title, words_heading FROM index_generations'
