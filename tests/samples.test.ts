/** What docs/samples.md promises of its questions, through every part that stands between a file and an answer. */
import assert from 'node:assert/strict'
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fold, openChat } from '../src/chat.ts'
import { openDocuments } from '../src/documents.ts'
import { openJobs } from '../src/jobs.ts'
import { openMessages } from '../src/lib/messages.ts'
import { MIB } from '../src/lib/units.ts'
import { openSearch } from '../src/search.ts'
import { addPerson, freshStorage, quietLog } from './support/folder.ts'
import { SAMPLES, sampleQuestions } from './support/samples.ts'

const NEVER = new AbortController().signal

test('each question in docs/samples.md is answered from the file that it names', async (t) => {
  const { ask, pageText } = await readSamples(t)
  for (const { question, answer, file } of sampleQuestions()) {
    await t.test(`${question} ${answer}`, async () => {
      const { citations, notFound } = await ask(question)
      assert.equal(notFound, answer === 'not found')
      if (notFound) return
      const quotes = citations.map(({ name, quote }) => ({ name, quote: quote.replace(/\s+/g, ' ') }))
      assert.ok(
        quotes.some(({ name, quote }) => name === file && quote.includes(answer)),
        `expected “${answer}” from ${file}, got ${JSON.stringify(quotes)}`,
      )
      for (const { documentId, page, quote, start, end } of citations) {
        assert.equal((await pageText(documentId!, page!)).slice(start, end), quote)
      }
    })
  }
})

async function readSamples(t: TestContext) {
  const storage = freshStorage(t)
  const messages = openMessages()
  const log = quietLog()
  const jobs = openJobs({ database: storage.database, messages, log })
  const search = openSearch(storage)
  const limits = { uploadBytesMax: 50 * MIB }
  const documents = openDocuments({ storage, search, jobs, messages, log, limits })
  const chat = openChat({ storage, search, model: undefined, log })
  const ana = await addPerson(storage, 'ana')
  for (const name of readdirSync(SAMPLES)) {
    await documents.accept(ana, { name, stream: createReadStream(join(SAMPLES, name)) })
  }
  await jobs.run(documents.tasks, { signal: NEVER, idleMs: 0 })
  const { items } = await documents.list(ana)
  assert.deepEqual(
    items.filter(({ status, pages }) => status !== 'ready' || pages.unreadable.length > 0),
    [],
  )
  return {
    ask: (question: string) => fold(chat.ask(ana, { question }, NEVER)),
    pageText: async (documentId: string, page: number) => (await documents.page(ana, documentId, page)).text,
  }
}

/** Rows of the second table. */
