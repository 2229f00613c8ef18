/** Model servers through the door of inference: what comes as text, and what each fault becomes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ErrorCode, KnowBotError } from '../src/errors.ts'
import { type ChatModel, openChatModel, parseModelSetting } from '../src/inference.ts'
import { begins, closedAddress, refuses, type Script, says, sends, startModelDouble } from './support/model-double.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures/model-streams')
const KEY = 'sk-a-secret-of-the-tests-0123456789'
const QUESTION = [{ role: 'user', content: 'How many seats?' }] as const
const NEVER = new AbortController().signal

function modelAt(url: string, options: { timeoutS?: number; key?: string } = {}): ChatModel {
  return openChatModel({ provider: 'openai-compatible', model: 'double', url, timeoutS: 5, ...options })
}

/** Text and, where it ended badly, the error. */
async function listen(model: ChatModel, signal: AbortSignal = NEVER): Promise<{ text: string; error?: KnowBotError }> {
  let text = ''
  try {
    for await (const delta of model.complete(QUESTION, signal)) text += delta
    return { text }
  } catch (error) {
    assert.ok(error instanceof KnowBotError, `expected a KnowBotError, got ${error}`)
    return { text, error }
  }
}

test('the words come as they are sent, and the request is a streamed chat completion with the key', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('Forty', '-two', ' seats.'))
  const deltas = await Array.fromAsync(modelAt(double.url, { key: KEY }).complete(QUESTION, NEVER))
  assert.deepEqual(deltas, ['Forty', '-two', ' seats.'])
  const [request] = double.requests
  assert.equal(request?.path, '/v1/chat/completions')
  assert.equal(request?.headers.authorization, `Bearer ${KEY}`)
  assert.deepEqual(request?.body, { model: 'double', messages: QUESTION, stream: true })
})

const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Record<
  string,
  { text: string; error?: ErrorCode }
>
for (const [file, { text, error }] of Object.entries(expected)) {
  test(`the stream ${file} is read as its server means it, cut anywhere`, async (t) => {
    const double = await startModelDouble(t)
    const stream = readFileSync(join(FIXTURES, file), 'utf8')
    const pieces = stream.match(/.{1,37}/gs)!.map((send) => ({ send }))
    for (const script of [sends(stream), { headers: { 'content-type': 'text/event-stream' }, steps: pieces }]) {
      double.plan(script)
      const heard = await listen(modelAt(double.url))
      assert.equal(heard.text, text)
      assert.equal(heard.error?.code, error)
    }
  })
}

/** Fault, what the server does, what the caller gets. */
const FAULTS: [string, Script, ErrorCode, RegExp, string][] = [
  ['a wrong key', refuses(401, `Incorrect API key provided: ${KEY}`), 'model_refused', /did not accept the key/, ''],
  [
    'an unknown model',
    refuses(404, 'The model `double` does not exist'),
    'model_refused',
    /does not know the model/,
    '',
  ],
  ['a rate limit', refuses(429, 'Rate limit reached', { 'retry-after': '7' }), 'model_refused', /again in 7 s/, ''],
  ['a bad request', refuses(400, 'context length exceeded'), 'model_refused', /refused the request \(400\)/, ''],
  ['a failure inside', refuses(500, 'boom'), 'model_broken', /failed \(500\)/, ''],
  ['an overloaded server', refuses(503, 'overloaded'), 'model_unreachable', /not available/, ''],
  [
    'a redirect',
    { status: 307, headers: { location: 'http://127.0.0.1:1/' }, steps: [] },
    'model_refused',
    /not followed/,
    '',
  ],
  ['a page instead of a stream', sends('<h1>Welcome</h1>', 'text/html'), 'model_broken', /Expected a stream/, ''],
  ['garbage in the stream', sends('data: {"choices": [\n\n'), 'model_broken', /not JSON/, ''],
  ['a stream of nothing', sends(''), 'model_broken', /broke off/, ''],
  ['an answer without a word', says(), 'model_broken', /without a word/, ''],
  ['a cut line', begins(['Forty', '-two'], 'cut'), 'model_broken', /broke off/, 'Forty-two'],
  ['an end without an end', begins(['Forty']), 'model_broken', /broke off/, 'Forty'],
  [
    'a line without an end',
    begins(['Forty'], { send: `data: ${'x'.repeat(300 * 1024)}` }),
    'model_broken',
    /without an end/,
    'Forty',
  ],
  ['silence from the start', { steps: ['silence'] }, 'model_timeout', /did not begin to answer within 1 s/, ''],
  ['silence in the middle', begins(['Forty'], 'silence'), 'model_timeout', /fell silent .* 0.5 s/, 'Forty'],
]

for (const [fault, script, code, words, text] of FAULTS) {
  test(`${fault} ends as ${code}, and what was said before is kept`, async (t) => {
    const double = await startModelDouble(t)
    double.plan(script)
    const heard = await listen(modelAt(double.url, { timeoutS: 1, key: KEY }))
    assert.equal(heard.text, text)
    assert.equal(heard.error?.code, code)
    assert.match(heard.error?.message ?? '', words)
  })
}

test('a server that is not there is told with its address', async () => {
  const url = await closedAddress()
  const { error } = await listen(modelAt(url))
  assert.equal(error?.code, 'model_unreachable')
  assert.match(error?.message ?? '', new RegExp(`${new URL(url).host}.*nothing listens there`))
})

test('neither the message nor the cause of an error holds the key', async (t) => {
  const double = await startModelDouble(t)
  double.plan(refuses(401, `Incorrect API key provided: ${KEY}. Or sk-ab***6789. Find yours there.`))
  const { error } = await listen(modelAt(double.url, { key: KEY }))
  assert.match(String(error?.cause), /Incorrect API key provided/)
  assert.doesNotMatch(`${error?.message} ${error?.cause} ${error?.stack}`, /0123456789|6789/)
})

test('the error of a provider is read with a bound', async (t) => {
  const double = await startModelDouble(t)
  double.plan(refuses(500, 'x'.repeat(5_000_000)))
  const { error } = await listen(modelAt(double.url))
  assert.ok(String(error?.cause).length <= 500)
})

test('an abort ends the connection to the model at once', async (t) => {
  const double = await startModelDouble(t)
  double.plan(begins(['Forty'], 'silence'))
  const stop = new AbortController()
  const deltas = modelAt(double.url).complete(QUESTION, stop.signal)[Symbol.asyncIterator]()
  assert.equal((await deltas.next()).value, 'Forty')
  const rejected = assert.rejects(Promise.resolve(deltas.next()), { name: 'AbortError' })
  stop.abort()
  await rejected
  await double.requests[0]!.abandoned
})

test('leaving the loop ends the connection to the model', async (t) => {
  const double = await startModelDouble(t)
  double.plan(begins(['Forty'], 'silence'))
  for await (const _ of modelAt(double.url).complete(QUESTION, NEVER)) break
  await double.requests[0]!.abandoned
})

test('a reader that takes its time does not run into the time-out of the model', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('Forty', '-two'))
  let text = ''
  for await (const delta of modelAt(double.url, { timeoutS: 0.2 }).complete(QUESTION, NEVER)) {
    text += delta
    await new Promise((resolve) => setTimeout(resolve, 150)) // Longer than the 100 ms between tokens.
  }
  assert.equal(text, 'Forty-two')
})

test('thinking is a sign of life and no text', async (t) => {
  const double = await startModelDouble(t)
  const thought = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { reasoning: 'Hm.' }, finish_reason: null }] })}\n\n`
  const thinking = Array.from({ length: 6 }, () => [{ send: thought }, { waitMs: 150 }]).flat()
  double.plan({ steps: [...thinking, { word: 'Forty-two' }, 'done'] })
  assert.deepEqual(await listen(modelAt(double.url, { timeoutS: 0.7 })), { text: 'Forty-two' })
})

test('a character that is cut into two chunks comes whole, and half of one does not come', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('An owl \ud83e', '\udd89 and\0 half \ud83e', '.'))
  const deltas = await Array.fromAsync(modelAt(double.url).complete(QUESTION, NEVER))
  assert.equal(deltas.join(''), 'An owl 🦉 and half \ufffd.')
  assert.ok(deltas.every((delta) => delta.isWellFormed()))
})

test('the setting names a provider and a model, which may hold colons', () => {
  assert.deepEqual(parseModelSetting('ollama:llama3.1:8b'), { provider: 'ollama', model: 'llama3.1:8b' })
  assert.deepEqual(parseModelSetting('openai-compatible:org/name'), {
    provider: 'openai-compatible',
    model: 'org/name',
  })
})

for (const [text, words] of [
  ['llama3.1', /expected PROVIDER:MODEL.*got "llama3\.1"/],
  ['anthropic:claude', /the provider anthropic is not supported in this version/],
  ['google:gemini', /the provider google is not supported in this version/],
  ['mistral:large', /expected one of the providers openai, groq, ollama, openai-compatible, got "mistral"/],
  ['openai: ', /got no model behind "openai:"/],
] as const) {
  test(`the setting "${text}" is refused with a sentence`, () => {
    assert.throws(() => parseModelSetting(text), { code: 'invalid_setting', message: words })
  })
}

test('a provider without an address, or without the key it asks for, is refused at the start', () => {
  const timeoutS = 5
  assert.throws(
    () => openChatModel({ provider: 'openai-compatible', model: 'm', timeoutS }),
    /KNOWBOT_MODEL_URL: .* needs it/,
  )
  assert.throws(() => openChatModel({ provider: 'groq', model: 'm', timeoutS }), /KNOWBOT_MODEL_KEY: .* needs it/)
})
