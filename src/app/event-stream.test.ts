import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { type EventStreamOptions, eventStream, type ServerSentEvent } from './event-stream.ts'

test('events are written with id, name and one line of JSON', async () => {
  const response = open(async function* () {
    yield { id: 's.1', event: 'text-delta', data: { text: 'two\nlines' } }
    yield { event: 'answer-end', data: null }
  })
  assert.equal(
    await response.text(),
    ':\n\nid: s.1\nevent: text-delta\ndata: {"text":"two\\nlines"}\n\nevent: answer-end\ndata: null\n\n',
  )
})

test('the first event is asked for before anybody reads', async () => {
  const asked = Promise.withResolvers<void>()
  const response = open(async function* () {
    asked.resolve()
    yield { event: 'x', data: 1 }
  })
  await asked.promise
  await response.body!.cancel()
})

test('a source is not asked for more than the reader takes', async () => {
  let made = 0
  const response = open(async function* () {
    for (;;) yield { event: 'x', data: ++made }
  })
  const reader = response.body!.getReader()
  for (let n = 0; n < 5; n++) await reader.read()
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(made <= 10, `${made} events were made for 5 that were read`)
  await reader.cancel()
})

test('a line on which nothing happens says so', async () => {
  const response = open(silence, { heartbeatMs: 20 })
  const reader = response.body!.getReader()
  for (let n = 0; n < 3; n++) assert.equal(new TextDecoder().decode((await reader.read()).value), ':\n\n')
  await reader.cancel()
})

test('a reader who leaves ends the source, which may clean up', async () => {
  const cleaned = Promise.withResolvers<void>()
  const response = open(async function* (signal) {
    try {
      yield { event: 'x', data: 1 }
      await once(signal, 'abort')
    } finally {
      cleaned.resolve()
    }
  })
  const reader = response.body!.getReader()
  await reader.read()
  await reader.read()
  await reader.cancel()
  await cleaned.promise
})

test('S94: a reader that takes nothing is let go, and the source hears of it', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let left = 0
  const response = open(
    async function* (signal) {
      signal.addEventListener('abort', () => resolve())
      for (;;) yield { event: 'x', data: 1 }
    },
    { heartbeatMs: 20, stalledMs: 60, onEnd: () => left++ },
  )
  await ended
  assert.equal(left, 1)
  await assert.rejects(response.text(), /took nothing/)
  assert.equal(left, 1)
})

test('a reader that waits on a quiet line is not one that takes nothing', async () => {
  const response = open(silence, { heartbeatMs: 20, stalledMs: 60 })
  const reader = response.body!.getReader()
  for (let n = 0; n < 8; n++) assert.equal((await reader.read()).done, false)
  await reader.cancel()
})

test('a connection that breaks ends the stream, even when the source does not listen', async () => {
  const broken = new AbortController()
  const response = open(silence, { signal: broken.signal })
  const reader = response.body!.getReader()
  await reader.read()
  broken.abort()
  assert.equal((await reader.read()).done, true)
})

test('a source that fails breaks the stream instead of ending it well', async () => {
  // biome-ignore lint/correctness/useYield: it fails before its first event.
  const response = open(async function* () {
    throw new Error('no')
  })
  await assert.rejects(response.text(), /no/)
})

function open(
  events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
  options: Partial<EventStreamOptions> = {},
): Response {
  return eventStream({
    events,
    signal: new AbortController().signal,
    isAllowed: async () => true,
    heartbeatMs: 15_000,
    ...options,
  })
}

async function* silence(): AsyncGenerator<ServerSentEvent> {
  await new Promise(() => undefined)
}
