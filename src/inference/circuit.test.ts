import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Circuit } from './circuit.ts'
import { ModelError, type Trouble } from './model-error.ts'

const REST_MS = 30_000

/** A circuit and what happens to it, with a time that the test moves. */
function start() {
  let nowMs = 0
  const circuit = new Circuit({ nowMs: () => nowMs, wait: async () => undefined })
  const fail = (trouble: Trouble = 'passing') => {
    using passage = circuit.enter()
    passage.failed(new ModelError('model_broken', trouble, 'It broke.'))
  }
  const failFiveTimes = () => {
    for (let n = 0; n < 5; n++) fail()
  }
  const isOpen = () => {
    try {
      circuit.enter()[Symbol.dispose]()
      return false
    } catch (error) {
      assert.match((error as Error).message, /left alone for \d+ s.* It broke\./)
      return true
    }
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { circuit, fail, failFiveTimes, isOpen, pass }
}

test('five failures in a row open it for 30 s', () => {
  const { fail, isOpen, pass } = start()
  for (let n = 0; n < 4; n++) fail()
  assert.equal(isOpen(), false)
  fail()
  assert.equal(isOpen(), true)
  pass(REST_MS - 1)
  assert.equal(isOpen(), true)
  pass(1)
  assert.equal(isOpen(), false)
})

test('an answer that ended well, or was refused for what it is, makes them no row', () => {
  for (const happens of ['ended', 'answer'] as const) {
    const { circuit, fail, isOpen } = start()
    for (let n = 0; n < 4; n++) fail()
    if (happens === 'answer') fail('answer')
    else circuit.enter().ended()
    fail()
    assert.equal(isOpen(), false)
  }
})

test('after the rest one question goes through, and the others go on when it begins to be answered', () => {
  const { circuit, failFiveTimes, isOpen, pass } = start()
  failFiveTimes()
  pass(REST_MS)
  using trial = circuit.enter()
  assert.equal(isOpen(), true)
  trial.began()
  assert.equal(isOpen(), false)
})

test('when that one fails, the model rests again', () => {
  const { fail, failFiveTimes, isOpen, pass } = start()
  failFiveTimes()
  pass(REST_MS)
  fail()
  assert.equal(isOpen(), true)
  pass(REST_MS)
  assert.equal(isOpen(), false)
})

test('when that one is stopped by its reader, the next one is the trial', () => {
  const { circuit, failFiveTimes, isOpen, pass } = start()
  failFiveTimes()
  pass(REST_MS)
  circuit.enter()[Symbol.dispose]()
  assert.equal(isOpen(), false)
})

test('what began before the rest does not make it longer', () => {
  const { circuit, failFiveTimes, isOpen, pass } = start()
  using old = circuit.enter()
  failFiveTimes()
  pass(REST_MS - 1)
  old.failed(new ModelError('model_timeout', 'lasting', 'It broke.'))
  pass(1)
  assert.equal(isOpen(), false)
})

test('a mistake of ours does not count against the model', () => {
  const { circuit, isOpen } = start()
  for (let n = 0; n < 9; n++) circuit.enter().failed(new TypeError('undefined is not a function'))
  assert.equal(isOpen(), false)
})
