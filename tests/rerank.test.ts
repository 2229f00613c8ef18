/** The order by a model that reads question and passages together: a real server over HTTP, and what happens when it has trouble. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openReranker } from '../src/inference.ts'
import { openSearch } from '../src/search.ts'
import { freshLibrary } from './support/search-library.ts'

test('passages come in the order of the model, and their scores still descend', async (t) => {
  const { find, seen } = await world(t, (documents) => ({
    results: documents.map((text, index) => ({ index, relevance_score: text.includes('cellar') ? 0.9 : 0.1 })),
  }))
  const { hits, reranking } = await find('Where does the bread rest?')
  assert.equal(reranking.state, 'used')
  assert.deepEqual(
    hits.map(({ name }) => name),
    ['cellar.txt', 'shelf.txt'],
  )
  assert.ok(hits[0]!.score >= hits[1]!.score)
  assert.equal(seen[0]?.model, 'order')
  assert.equal(seen[0]?.query, 'Where does the bread rest?')
})

test('an answer that is none, a refusal, silence: the order stays, nothing fails, and it is told', async (t) => {
  for (const answer of [() => ({ results: [] }), () => 500, () => undefined] as const) {
    const { find } = await world(t, answer)
    const { hits, reranking } = await find('Where does the bread rest?')
    assert.equal(hits[0]?.name, 'shelf.txt')
    assert.equal(reranking.state, 'missed')
  }
})

test('a provider that is not known, or lacks what it needs, is told by the name of the setting', () => {
  const cases = [
    ['mistral:x', /KNOWBOT_RERANK: expected PROVIDER:MODEL with one of the providers cohere, jina/],
    ['jina', /KNOWBOT_RERANK: expected/],
    ['jina:model', /KNOWBOT_RERANK_KEY/],
    ['openai-compatible:model', /KNOWBOT_RERANK_URL/],
  ] as const
  for (const [name, message] of cases) assert.throws(() => openReranker({ name }), message)
})

/** Undefined: no answer at all; a number: that status. */
type Answer = (documents: string[]) => object | number | undefined

interface Seen {
  model: string
  query: string
  documents: string[]
}

async function world(t: TestContext, answer: Answer) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    request.setEncoding('utf8')
    let text = ''
    for await (const piece of request) text += piece
    const body = JSON.parse(text) as Seen
    seen.push(body)
    const said = answer(body.documents)
    if (said === undefined) return
    if (typeof said === 'number') response.writeHead(said).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const library = await freshLibrary(t)
  await library.add('shelf.txt', 'The bread does rest on the shelf, where bread can rest.')
  await library.add('cellar.txt', 'In the cellar it is cool, and bread lies there until morning.')
  const search = openSearch(library.storage, undefined, openReranker({ name: 'openai-compatible:order', url }))
  return { seen, find: (text: string) => search.find({ text, collectionIds: [1], limit: 10 }) }
}
