/** A provider in trouble, as the one who asks sees it: every row of the table through chat, over both wire formats. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Asker, openChat } from '../src/chat.ts'
import { openChatModel } from '../src/inference.ts'
import { openSearch, type Search } from '../src/search.ts'
import type { Storage } from '../src/storage.ts'
import { FAULT_TIMEOUT_S, FORMATS, type Format, PROVIDER_FAULTS, type ProviderFault } from './provider-faults.ts'
import { addPerson, freshStorage, quietLog } from './support/folder.ts'
import { addDocument } from './support/library.ts'
import { closedAddress, startModelDouble } from './support/model-double.ts'
import { testClock } from './support/test-clock.ts'

const QUESTION = { question: 'How many seats does the reading room have?' }
const PAGE = 'The reading room has forty-two seats. It opens at nine on weekdays.'
const NEVER = new AbortController().signal
/** In the words of the doubles, which are none of ours. */
const PROVIDER_WORDS =
  /boom|Rate limit reached|API key provided|words of the provider|prompt is too long|Overloaded|credit balance/

test('a provider in trouble', { concurrency: true }, async (t) => {
  const library = await openLibrary(t)
  const rows = FORMATS.flatMap((format) => PROVIDER_FAULTS.map((fault) => ({ format, fault })))
  await Promise.all(
    rows.map(({ format, fault }) => t.test(sentence(fault, format), (row) => assertRow(row, library, format, fault))),
  )
})

function sentence({ does, code, text }: ProviderFault, format: Format): string {
  const left = code === undefined ? 'answers all the same' : text === '' ? 'leaves the quotes' : 'leaves what it wrote'
  return `a provider that ${does} ${left}, and its words stay out of sight (${format})`
}

interface Library {
  storage: Storage
  search: Search
  asker: Asker
}

async function openLibrary(t: TestContext): Promise<Library> {
  const storage = freshStorage(t)
  const search = openSearch(storage)
  const asker = await addPerson(storage, 'ana')
  await addDocument(storage, search, asker, { name: 'handbook.txt', pages: [PAGE] })
  return { storage, search, asker }
}

async function assertRow(
  t: TestContext,
  { storage, search, asker }: Library,
  provider: Format,
  { script, code, words, text }: ProviderFault,
): Promise<void> {
  const double = await startModelDouble(t)
  if (script) double.plan(script(provider))
  const url = script ? double.url : await closedAddress()
  const settings = { provider, model: 'double', url, key: 'a-key-of-the-tests', timeoutS: FAULT_TIMEOUT_S }
  await using chat = openChat({ storage, search, model: openChatModel(settings, testClock()), log: quietLog() })

  const events = await Array.fromAsync(chat.ask(asker, QUESTION, NEVER))
  const error = events.find((event) => event.type === 'error')
  const end = events.at(-1)
  assert.ok(end?.type === 'answer-end')
  assert.equal(error?.code, code)
  assert.match(error?.message ?? '', words)
  assert.doesNotMatch(`${error?.message} ${end.answer}`, PROVIDER_WORDS)
  if (error) assert.ok(!end.answer.includes(error.message), 'the error became the answer')
  if (text === '') {
    assert.deepEqual([end.mode, end.state], ['quotes', 'complete'])
    assert.match(end.answer, /forty-two seats/)
  } else {
    assert.deepEqual([end.answer, end.mode, end.state], [text, 'model', code === undefined ? 'complete' : 'failed'])
  }
}
