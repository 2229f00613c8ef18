/** Model servers through the door of inference: what comes as text, and what each fault becomes. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type ErrorCode, KnowBotError } from '../src/errors.ts'
import { type ChatModel, type Clock, openChatModel, parseModelSetting, type Usage } from '../src/inference.ts'
import { FAULT_TIMEOUT_S, FORMATS, PROVIDER_FAULTS } from './provider-faults.ts'
import { begins, closedAddress, refuses, says, sends, startModelDouble } from './support/model-double.ts'
import { testClock } from './support/test-clock.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures/model-streams')
const KEY = 'sk-a-secret-of-the-tests-0123456789'
const QUESTION = [{ role: 'user', content: 'How many seats?' }] as const
const NEVER = new AbortController().signal
/** Of a machine that does much at once. */
const SLACK_MS = 500
/** From the abort to the provider's knowledge of it. */
const ABORT_MS_MAX = 200

type Provider = ReturnType<typeof parseModelSetting>['provider']

interface Options {
  provider?: Provider
  timeoutS?: number
  key?: string
  clock?: Clock
}

function modelAt(url: string, { provider = 'openai-compatible', clock = testClock(), ...options }: Options = {}) {
  const key = provider === 'openai-compatible' ? {} : { key: KEY }
  return openChatModel({ provider, model: 'double', url, timeoutS: 5, ...key, ...options }, clock)
}

interface Heard {
  text: string
  error?: KnowBotError
  usage?: Usage
  /** Until text, or the end where there was none. */
  firstSignMs: number
}

async function listen(model: ChatModel, signal: AbortSignal = NEVER): Promise<Heard> {
  const startedAt = performance.now()
  const heard: Heard = { text: '', firstSignMs: 0 }
  const see = () => {
    heard.firstSignMs ||= performance.now() - startedAt
  }
  try {
    const answer = model.complete(QUESTION, signal)
    for (let next = await answer.next(); ; next = await answer.next()) {
      see()
      if (next.done) return next.value ? { ...heard, usage: next.value } : heard
      heard.text += next.value
    }
  } catch (error) {
    see()
    assert.ok(error instanceof KnowBotError, `expected a KnowBotError, got ${error}`)
    return { ...heard, error }
  }
}

test('a request in the words of Anthropic has the key and the version in headers and the rules apart', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('Forty', '-two.'))
  const rules = { role: 'system', content: 'Answer from the sources.' } as const
  const empty = { role: 'assistant', content: '' } as const
  const model = modelAt(double.url, { provider: 'anthropic' })
  const deltas = await Array.fromAsync(model.complete([rules, ...QUESTION, empty, ...QUESTION], NEVER))
  assert.deepEqual(deltas, ['Forty', '-two.'])
  const { path, headers, body } = double.requests[0]!
  assert.equal(path, '/v1/messages')
  assert.deepEqual([headers['x-api-key'], headers['anthropic-version']], [KEY, '2023-06-01'])
  assert.equal(headers.authorization, undefined)
  const { max_tokens: tokensMax, ...rest } = body
  assert.ok(tokensMax! >= 4096, 'what a model thinks counts too')
  const messages = [...QUESTION, ...QUESTION]
  assert.deepEqual(rest, { model: 'double', stream: true, system: rules.content, messages })
})

test('the words come as they are sent, and the request is a streamed chat completion with the key', async (t) => {
  const double = await startModelDouble(t)
  double.plan(says('Forty', '-two', ' seats.'))
  const deltas = await Array.fromAsync(modelAt(double.url, { key: KEY }).complete(QUESTION, NEVER))
  assert.deepEqual(deltas, ['Forty', '-two', ' seats.'])
  const [request] = double.requests
  assert.equal(request?.path, '/v1/chat/completions')
  assert.equal(request?.headers.authorization, `Bearer ${KEY}`)
  assert.equal(request?.headers['user-agent'], 'KnowBot')
  assert.deepEqual(request?.body, { model: 'double', messages: QUESTION, stream: true })
})

const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Record<
  string,
  { provider?: Provider; text: string; error?: ErrorCode; usage?: Usage }
>
for (const [file, { provider = 'openai-compatible', text, error, usage }] of Object.entries(expected)) {
  test(`the stream ${file} is read as its server means it, cut anywhere`, async (t) => {
    const double = await startModelDouble(t)
    const stream = readFileSync(join(FIXTURES, file), 'utf8')
    const pieces = stream.match(/.{1,37}/gs)!.map((send) => ({ send }))
    for (const script of [sends(stream), { headers: { 'content-type': 'text/event-stream' }, steps: pieces }]) {
      double.plan(script)
      const heard = await listen(modelAt(double.url, { provider }))
      assert.deepEqual([heard.text, heard.error?.code, heard.usage], [text, error, usage])
    }
  })
}

describe('provider trouble', { concurrency: true }, () => {
  for (const format of FORMATS) {
    for (const { does, script, code, words, text, requests } of PROVIDER_FAULTS) {
      test(`a provider that ${does} ends as ${code ?? 'a whole answer'} in time (${format})`, async (t) => {
        const double = await startModelDouble(t)
        if (script) double.plan(script(format))
        const url = script ? double.url : await closedAddress()
        const model = modelAt(url, { provider: format, timeoutS: FAULT_TIMEOUT_S, key: KEY })
        const heard = await listen(model)
        assert.deepEqual([heard.text, heard.error?.code], [text, code])
        assert.match(heard.error?.message ?? '', words)
        assert.doesNotMatch(heard.error?.message ?? '', /words of the provider|boom|Rate limit reached/)
        assert.equal(double.requests.length, requests)
        assert.ok(heard.firstSignMs <= FAULT_TIMEOUT_S * 1000 + SLACK_MS, `the first sign took ${heard.firstSignMs} ms`)
      })
    }
  }
})

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

for (const provider of FORMATS) {
  for (const [when, script, before] of [
    ['before it has answered', { isMute: true, steps: [] }, []],
    ['while it is silent', { steps: ['silence'] }, []],
    ['in the middle of its answer', begins(['Forty'], 'silence'), ['Forty']],
  ] as const) {
    test(`an abort ${when} reaches the provider within ${ABORT_MS_MAX} ms (${provider})`, async (t) => {
      const double = await startModelDouble(t)
      double.plan(script)
      const stop = new AbortController()
      const deltas = modelAt(double.url, { provider }).complete(QUESTION, stop.signal)
      for (const word of before) assert.equal((await deltas.next()).value, word)
      const rejected = assert.rejects(deltas.next(), { name: 'AbortError' })
      const { abandoned } = await double.asked
      const startedAt = performance.now()
      stop.abort()
      await Promise.all([rejected, abandoned])
      const tookMs = performance.now() - startedAt
      assert.ok(tookMs < ABORT_MS_MAX, `${tookMs} ms`)
    })
  }
}

test('an abort between two attempts ends the waiting, and nothing more is asked', async (t) => {
  const double = await startModelDouble(t)
  double.plan(refuses(503, 'unavailable'))
  const stop = new AbortController()
  const waiting: Clock = {
    nowMs: () => 0,
    async wait(_ms, signal) {
      stop.abort()
      signal.throwIfAborted()
    },
  }
  const deltas = modelAt(double.url, { clock: waiting }).complete(QUESTION, stop.signal)
  await assert.rejects(deltas.next(), { name: 'AbortError' })
  assert.equal(double.requests.length, 1)
})

for (const [what, script] of [
  ['a rate limit', refuses(429, 'Rate limit reached')],
  ['a failure inside', refuses(500, 'boom')],
  ['an overloaded server', refuses(529, 'Overloaded')],
] as const) {
  test(`${what} that passes is not seen: the question is asked again, after a while that grows`, async (t) => {
    const double = await startModelDouble(t)
    double.plan(script, script, says('Forty-two'))
    const clock = testClock()
    const { text, error } = await listen(modelAt(double.url, { clock }))
    assert.deepEqual([text, error], ['Forty-two', undefined])
    const [first, second, ...more] = clock.waits
    assert.ok(first! >= 200 && second! >= 2 * first! && first! + second! < 2000, `waited ${clock.waits}`)
    assert.equal(more.length, 0)
  })
}

test('what the server says of when to ask again is heard', async (t) => {
  const double = await startModelDouble(t)
  double.plan(refuses(429, 'Rate limit reached', { 'retry-after': '2' }), says('Forty-two'))
  const clock = testClock()
  assert.equal((await listen(modelAt(double.url, { clock }))).text, 'Forty-two')
  assert.deepEqual(clock.waits, [2000])
})

test('a failure that came late is not tried again: its reader has waited long enough', async (t) => {
  const double = await startModelDouble(t)
  const clock = testClock()
  const late = double.asked.then(() => clock.pass(3000))
  double.plan({ ...refuses(503, 'unavailable'), steps: [{ until: late }, { send: '{}' }] })
  const { error } = await listen(modelAt(double.url, { clock }))
  assert.deepEqual([error?.code, double.requests.length], ['model_unreachable', 1])
})

test('after the first word nothing is asked again, because what was shown cannot be taken back', async (t) => {
  const double = await startModelDouble(t)
  const overloaded = `data: ${JSON.stringify({ error: { type: 'overloaded_error' } })}\n\n`
  double.plan(begins(['Forty'], { send: overloaded }), says('Forty-two'))
  const { text, error } = await listen(modelAt(double.url))
  assert.deepEqual([text, error?.code, double.requests.length], ['Forty', 'model_unreachable', 1])
})

test('a model that failed five times in a row is left alone for 30 s, and says so with its last error', async (t) => {
  const double = await startModelDouble(t)
  const clock = testClock()
  const model = modelAt(double.url, { clock })
  double.plan(refuses(401, 'Incorrect API key'))
  for (let n = 1; n <= 5; n++) assert.doesNotMatch((await listen(model)).error!.message, /left alone/)
  double.plan(says('Forty-two'))
  const { error } = await listen(model)
  assert.equal(error?.code, 'model_refused')
  assert.match(error?.message ?? '', /left alone for 30 s.*did not accept the key/)
  assert.deepEqual([double.requests.length, error?.retryAfterS], [5, 30])
  clock.pass(30_000)
  assert.equal((await listen(model)).text, 'Forty-two')
  assert.equal((await listen(model)).text, 'Forty-two')
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
  const { text, error } = await listen(modelAt(double.url, { timeoutS: 0.7 }))
  assert.deepEqual([text, error], ['Forty-two', undefined])
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
  ['mistral:large', /expected one of the providers openai, anthropic, google, groq, ollama, .* got "mistral"/],
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
  for (const provider of ['openai', 'anthropic', 'google', 'groq'] as const) {
    assert.throws(() => openChatModel({ provider, model: 'm', timeoutS }), /KNOWBOT_MODEL_KEY: .* needs it/)
  }
})

for (const [setting, words] of [
  ['mistral:large', /KNOWBOT_MODEL: expected one of the providers/],
  ['anthropic:claude-sonnet-4-6', /KNOWBOT_MODEL_KEY: anthropic:claude-sonnet-4-6 needs it/],
  ['openai-compatible:name', /KNOWBOT_MODEL_URL: openai-compatible:name needs it/],
] as const) {
  test(`serve --check-config refuses ${setting} where it cannot be used, in one line`, () => {
    const program = join(import.meta.dirname, '../src/bin/knowbot.ts')
    const env = { PATH: process.env['PATH'], KNOWBOT_MODEL: setting }
    const { status, stderr } = spawnSync(process.execPath, [program, 'serve', '--check-config'], {
      env,
      encoding: 'utf8',
    })
    assert.equal(status, 2)
    assert.match(stderr, words)
    assert.equal(stderr.trim().split('\n').length, 1)
  })
}
