/** Questions beyond one passage, through the door of chat: summaries, lists of all there is, and what there is to ask. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type AnswerEvent, type Chat, fold, openChat } from '../src/chat.ts'
import { openChatModel } from '../src/inference.ts'
import { openSearch } from '../src/search.ts'
import type { Storage } from '../src/storage.ts'
import { addPerson, freshStorage, type Person, quietLog } from './support/folder.ts'
import { addDocument, type LibraryDocument } from './support/library.ts'
import { begins, type ModelDouble, refuses, type Script, says, startModelDouble } from './support/model-double.ts'

const NEVER = new AbortController().signal
/** Eighty pages; every fourth has a deadline. */
const CONTRACT: LibraryDocument = {
  name: 'contract.pdf',
  pages: Array.from({ length: 80 }, (_, index) => pageOfContract(index + 1)),
}
const LEASE: LibraryDocument = {
  name: 'lease-2024.txt',
  pages: ['The lease begins in May 2024 and ends in April 2029. The rent is 900 euros a month.'],
}
const SCAN: LibraryDocument = {
  name: 'minutes.pdf',
  pages: ['The board met in the library and approved the budget for the next year.'],
  unreadable: [2, 5],
}

function pageOfContract(page: number): string {
  const deadline = page % 4 === 0 ? ` The deadline of part ${page} is the ${(page % 28) + 1}th of June.` : ''
  return `Part ${page} of the contract speaks of the delivery of turbines. The turbines of part ${page} are delivered by rail.${deadline} Nothing else was said about it.`
}

test('a summary without a model is sentences from all pages, literal, with the coverage told', async (t) => {
  const { chat, ana, pageText, storage } = await library(t, [CONTRACT])
  const { answer, citations, notFound, mode } = await fold(ask(chat, ana, 'Summarise this document'))
  assert.deepEqual([notFound, mode], [false, 'quotes'])
  assert.match(answer, /^Sentences that stand for contract\.pdf, from beginning to end:/)
  assert.match(answer, /Made from pages 1–80 of 80 of contract\.pdf\.$/)
  assert.equal(citations.length, 12)
  assert.ok(citations[0]!.page! <= 5 && citations.at(-1)!.page! >= 70, 'from the beginning to the end')
  for (const { page, quote, start, end } of citations) assert.equal(pageText(page).slice(start, end), quote)
  const kept = () => storage.database.get<{ n: number }>('SELECT count(*) AS n FROM page_digests')!.n
  assert.equal(kept(), 80)
  assert.deepEqual((await fold(ask(chat, ana, 'Summarise this document'))).answer, answer)
  await storage.database.write((tx) => tx.run('DELETE FROM pages WHERE number > 10'))
  assert.equal(kept(), 10)
})

test('a summary is of the document that is named, of the newest, or of all', async (t) => {
  const { chat, ana } = await library(t, [CONTRACT, LEASE])
  const named = await fold(ask(chat, ana, 'Summarize the lease'))
  assert.match(named.answer, /stand for lease-2024\.txt.*900 euros.*Made from page 1 of 1 of lease-2024\.txt\.$/s)
  const newest = await fold(ask(chat, ana, 'Fasse dieses Dokument zusammen'))
  assert.match(newest.answer, /^Das neueste von 2 Dokumenten ist lease-2024\.txt\./)
  const all = await fold(ask(chat, ana, 'Give me an overview of all documents'))
  assert.match(all.answer, /stand for 2 documents.*lease-2024\.txt:.*contract\.pdf:.*of 80 of contract\.pdf\.$/s)
})

test('what only sounds like a summary is answered from passages', async (t) => {
  const { chat, ana } = await library(t, [CONTRACT, LEASE])
  const { answer } = await fold(ask(chat, ana, 'Summarise the rent'))
  assert.match(answer, /^(A quote|Quotes) that may answer this:.*900 euros/s)
})

test('a list is of every sentence that speaks of it, on whatever page', async (t) => {
  const { chat, ana } = await library(t, [CONTRACT, LEASE])
  const { answer, citations } = await fold(ask(chat, ana, 'List all deadlines in the contract'))
  assert.match(answer, /^20 sentences with “deadlines”\./)
  assert.deepEqual(
    citations.map(({ page }) => page),
    Array.from({ length: 20 }, (_, index) => (index + 1) * 4),
  )
  assert.match(answer, /Looked through pages 1–80 of 80 of contract\.pdf\.$/)
  const dates = await fold(ask(chat, ana, 'What are all the dates in the lease?'))
  assert.equal(dates.citations.length, 1)
})

test('a list that finds nothing is not found, as any other question', async (t) => {
  const { chat, ana } = await library(t, [CONTRACT])
  assert.ok((await fold(ask(chat, ana, 'List all enzymes'))).notFound)
})

test('pages that could not be read are named beside a summary', async (t) => {
  const { chat, ana } = await library(t, [SCAN])
  const { answer } = await fold(ask(chat, ana, 'TL;DR'))
  assert.match(answer, /something may be missing here: pages 2, 5 of minutes\.pdf\.$/)
})

test('what files there are is told from the database: kinds, states, the newest first, and nobody else’s', async (t) => {
  const { chat, ana, storage } = await library(t, [
    CONTRACT,
    SCAN,
    { name: 'late [1].pdf', pages: [], status: 'queued' },
    { name: 'broken.pdf', pages: [], status: 'failed' },
  ])
  const { answer, citations, notFound } = await fold(ask(chat, ana, 'What files do I have?'))
  assert.match(answer, /^There are 4 documents: 4 plain text\./)
  assert.deepEqual(answer.match(/^- [^(]+/gm), ['- broken.pdf ', '- late ', '- minutes.pdf ', '- contract.pdf '])
  assert.match(answer, /late \(1\)\.pdf \(is being read/)
  assert.match(answer, /broken\.pdf \(could not be read/)
  assert.match(answer, /minutes\.pdf \(not readable: pages 2, 5/)
  assert.deepEqual([citations, notFound], [[], false])
  const eve = await addPerson(storage, 'eve')
  assert.match((await fold(ask(chat, eve, 'Welche Dokumente habe ich?'))).answer, /^Es gibt noch keine Dokumente\./)
})

test('with a model, what is too much for its window is noted part by part, and written from the notes', async (t) => {
  const { chat, ana, double } = await withModel(t, [CONTRACT], (part) =>
    says(`Turbines come by rail [${part * 5 + 1}].`),
  )
  const events = await Array.fromAsync(ask(chat, ana, 'Summarise this document'))
  const parts = double.requests.length - 1
  assert.ok(parts >= 3 && parts <= 8, `${parts} parts`)
  const steps = events.flatMap((event) => (event.type === 'step' ? [event.label] : []))
  assert.ok(
    steps.some((label) => label.startsWith(`Read part ${parts} of ${parts}: pages `)),
    steps.join('; '),
  )
  const last = double.requests.at(-1)!.body.messages.at(-1)!.content
  assert.match(last, /<notes part="1">\nTurbines come by rail \[1\]\.\n<\/notes>/)
  assert.match(last, /Question: Summarise this document\nWrite a summary of the whole/)
  for (const { body } of double.requests.slice(0, -1)) assert.match(body.messages.at(-1)!.content, /<source number=/)
  const end = endOf(events)
  assert.deepEqual([end.mode, end.state, end.citations.length], ['model', 'complete', 1])
  assert.match(end.answer, /Made from pages 1–80 of 80 of contract\.pdf\.$/)
})

test('with a model, a small document is summarised at once', async (t) => {
  const { chat, ana, double } = await withModel(t, [LEASE], () => says('The rent is 900 euros a month [2].'))
  const { answer, citations, mode } = await fold(ask(chat, ana, 'Summarise this document'))
  assert.equal(mode, 'model')
  assert.equal(double.requests.length, 1)
  assert.match(answer, /^The rent is 900 euros a month \[2\]\.\n\nMade from page 1 of 1/)
  assert.equal(citations[0]?.quote, 'The rent is 900 euros a month.')
})

test('a model that fails between the parts leaves the sentences, and says so', async (t) => {
  const { chat, ana } = await withModel(t, [CONTRACT], (part) =>
    part < 2 ? says('Turbines [1].') : refuses(400, 'context length exceeded'),
  )
  const { answer, mode, error } = await fold(ask(chat, ana, 'Summarise this document'))
  assert.deepEqual([mode, error?.code], ['quotes', 'model_refused'])
  assert.match(answer, /^Sentences that stand for contract\.pdf/)
})

test('stopping between the parts stops the model, and nothing is told', async (t) => {
  const { chat, ana, double } = await withModel(t, [CONTRACT], () => begins(['Turb'], 'silence'))
  const stop = new AbortController()
  const answer = Array.fromAsync(chat.ask(ana, { question: 'Summarise this document' }, stop.signal))
  const { abandoned } = await double.asked
  stop.abort()
  await abandoned
  const end = endOf(await answer)
  assert.deepEqual([end.state, end.answer], ['stopped', ''])
})

interface Opened {
  chat: Chat
  ana: Person
  storage: Storage
  pageText(page: number | null): string
}

async function library(
  t: TestContext,
  documents: readonly LibraryDocument[],
  model?: ReturnType<typeof openChatModel>,
): Promise<Opened> {
  const storage = freshStorage(t)
  const search = openSearch(storage)
  const ana = await addPerson(storage, 'ana')
  for (const document of documents) await addDocument(storage, search, ana, document)
  return {
    chat: openChat({ storage, search, model, log: quietLog() }),
    ...{ ana, storage },
    pageText: (page) =>
      storage.database.get<{ text: string }>('SELECT text FROM pages WHERE reading_id = 1 AND number = ?', page)!.text,
  }
}

/** A model that answers its requests, counted from 0, with these. */
async function withModel(
  t: TestContext,
  documents: readonly LibraryDocument[],
  answerTo: (request: number) => Script,
): Promise<Opened & { double: ModelDouble }> {
  const double = await startModelDouble(t)
  double.plan(...Array.from({ length: 10 }, (_, index) => answerTo(index)))
  const model = openChatModel({ provider: 'openai-compatible', model: 'double', url: double.url, timeoutS: 30 })
  return { ...(await library(t, documents, model)), double }
}

function ask(chat: Chat, asker: Person, question: string): AsyncIterable<AnswerEvent> {
  return chat.ask(asker, { question }, NEVER)
}

function endOf(events: readonly AnswerEvent[]): Extract<AnswerEvent, { type: 'answer-end' }> {
  const last = events.at(-1)
  assert.ok(last?.type === 'answer-end')
  return last
}
