/** Decisions as rows, and what becomes of those who wait. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MemoryWish } from '../runtime.ts'
import { type Capacity, type Decision, decide, type Grant, Ledger } from './ledger.ts'

const MB = 1024 * 1024

/** Least, wanted; capacity, alone, alone when all is quiet, held by others. All in MB. */
const CASES: readonly {
  name: string
  wish: [least: number, wanted: number]
  capacity: [ordinary: number, alone: number, quiet?: number]
  held: number
  expected: Decision['kind']
  bytes: number
}[] = [
  { name: 'all is free', wish: [40, 200], capacity: [216, 250], held: 0, expected: 'run', bytes: 200 },
  { name: 'beside another', wish: [40, 100], capacity: [216, 250], held: 116, expected: 'run', bytes: 100 },
  { name: 'less than wanted', wish: [76, 400], capacity: [216, 250], held: 0, expected: 'smaller', bytes: 216 },
  { name: 'less, beside another', wish: [76, 400], capacity: [573, 600], held: 400, expected: 'smaller', bytes: 173 },
  { name: 'two of 200 in 216', wish: [200, 200], capacity: [216, 250], held: 200, expected: 'wait', bytes: 200 },
  { name: 'only alone', wish: [100, 400], capacity: [81, 130], held: 0, expected: 'exclusive', bytes: 130 },
  {
    name: 'only alone, and never more than wanted',
    wish: [100, 110],
    capacity: [81, 130],
    held: 0,
    expected: 'exclusive',
    bytes: 110,
  },
  {
    name: 'only alone, and somebody is there',
    wish: [100, 400],
    capacity: [81, 130],
    held: 20,
    expected: 'wait',
    bytes: 100,
  },
  { name: 'never', wish: [300, 300], capacity: [81, 130], held: 0, expected: 'refuse', bytes: 300 },
  {
    name: 'never, and nobody waits for it',
    wish: [300, 300],
    capacity: [81, 130],
    held: 50,
    expected: 'refuse',
    bytes: 300,
  },
  {
    name: 'not while so many people are served',
    wish: [73, 100],
    capacity: [59, 72, 80],
    held: 0,
    expected: 'wait',
    bytes: 73,
  },
  {
    name: 'not even when nobody is served',
    wish: [81, 100],
    capacity: [59, 72, 80],
    held: 0,
    expected: 'refuse',
    bytes: 81,
  },
  {
    name: 'the limit was lowered below what is held',
    wish: [40, 40],
    capacity: [50, 60],
    held: 80,
    expected: 'wait',
    bytes: 40,
  },
]

for (const { name, wish, capacity, held, expected, bytes } of CASES) {
  test(`${name}: ${expected}`, () => {
    const decision = decide(wishOf(...wish), capacityOf(...capacity), held * MB)
    assert.equal(decision.kind, expected)
    assert.equal('bytes' in decision ? decision.bytes : decision.neededBytes, bytes * MB)
  })
}

test('no mixture of wishes is ever granted more than there is', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  const open: Grant[] = []
  for (let turn = 0; turn < 2000; turn++) {
    const least = 10 + ((turn * 7919) % 190)
    ledger.ask(turn, wishOf(least, least * (1 + (turn % 3))), (answer) => {
      if ('granted' in answer) open.push(answer.granted)
    })
    assert.ok(ledger.heldBytes <= 216 * MB, `${ledger.heldBytes / MB} MB after ${turn} turns`)
    if (turn % 2 === 1) ledger.forget(turn - 1)
    if (turn % 5 === 4) ledger.forget(turn)
    if (turn % 100 === 99) for (let holder = turn - 99; holder <= turn; holder++) ledger.forget(holder)
  }
  assert.ok(open.length > 500, `${open.length} grants`)
  assert.equal(ledger.heldBytes, 0)
})

test('of two large pieces of work one runs and one waits, and begins when the first has ended', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  const first = ask(ledger, 'first', 200)
  const second = ask(ledger, 'second', 200)
  assert.deepEqual(ledger.status().waiting, [{ what: 'second', neededBytes: 200 * MB, overtaken: 0 }])
  ledger.release('first', first.granted!.id)
  assert.equal(second.granted?.bytes, 200 * MB)
})

test('small work overtakes large work that waits, but not for ever', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  ask(ledger, 'running', 150)
  const large = ask(ledger, 'large', 200)
  const granted = Array.from({ length: 10 }, (_, number) => {
    const { granted } = ask(ledger, `small ${number}`, 20)
    if (granted) ledger.release(`small ${number}`, granted.id)
    return granted !== undefined
  })
  assert.deepEqual(granted, [true, true, true, true, false, false, false, false, false, false])
  ledger.forget('running')
  assert.equal(large.granted?.bytes, 200 * MB)
})

test('what a dead process held or waited for is free', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  ask(ledger, 'dies', 200)
  const abandoned = ask(ledger, 'dies too', 200)
  const next = ask(ledger, 'next', 200)
  ledger.forget('dies too')
  ledger.forget('dies')
  assert.equal(abandoned.granted, undefined)
  assert.equal(next.granted?.bytes, 200 * MB)
})

test('a grant is given back once, and by its holder only', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  const { granted } = ask(ledger, 'holder', 200)
  ledger.release('somebody', granted!.id)
  assert.equal(ledger.heldBytes, 200 * MB)
  ledger.release('holder', granted!.id)
  ledger.release('holder', granted!.id)
  assert.equal(ledger.heldBytes, 0)
})

test('work that waits is refused when the limit is lowered below what it needs', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  ask(ledger, 'running', 200)
  const waiting = ask(ledger, 'waiting', 200)
  ledger.resize(capacityOf(80, 100))
  assert.deepEqual(waiting.refused, { kind: 'refuse', neededBytes: 200 * MB, mostBytes: 100 * MB })
})

test('what does not fit beside many people waits for fewer of them, but for whoever sits and waits it is refused', () => {
  const ledger = new Ledger(capacityOf(59, 72, 80))
  const waiting = ask(ledger, 'waiting', 75)
  assert.deepEqual([waiting.granted, waiting.refused], [undefined, undefined])
  assert.equal(askAwaited(ledger, 'picture', 75, 75).refused?.mostBytes, 72 * MB)
  ledger.resize(capacityOf(59, 78, 80))
  assert.equal(waiting.granted?.bytes, 75 * MB)
})

test('what somebody waits for may have what the rest of the server leaves, beside work that holds all of its own', () => {
  const ledger = new Ledger(capacityOf(216, 300))
  ask(ledger, 'reading', 216)
  assert.equal(askAwaited(ledger, 'picture', 48, 200).granted?.bytes, 84 * MB)
  assert.equal(ask(ledger, 'more reading', 20).granted, undefined)
})

test('what somebody waits for is held up by nobody, and holds up nobody', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  const running = ask(ledger, 'running', 150)
  const large = ask(ledger, 'large', 200)
  const overtaking = Array.from({ length: 4 }, (_, number) => ask(ledger, `small ${number}`, 15))
  assert.ok(overtaking.every(({ granted }) => granted))
  for (let turn = 0; turn < 20; turn++) {
    const { granted } = askAwaited(ledger, 'picture', 30, 30)
    assert.ok(granted, `refused at turn ${turn}`)
    ledger.release('picture', granted.id)
  }
  for (const [number, { granted }] of overtaking.entries()) ledger.release(`small ${number}`, granted!.id)
  ledger.release('running', running.granted!.id)
  assert.equal(large.granted?.bytes, 200 * MB)
})

test('who asks without end is refused, and the ledger stays small', () => {
  const ledger = new Ledger(capacityOf(216, 250))
  ask(ledger, 'running', 200)
  const last = Array.from({ length: 1000 }, () => ask(ledger, 'endless', 200)).at(-1)
  assert.equal(last?.refused?.kind, 'refuse')
  assert.ok(ledger.status().waiting.length <= 256)
})

test('the latest decisions can be read, in bounded number', () => {
  const ledger = new Ledger(capacityOf(216, 250), () => new Date(0))
  for (let turn = 0; turn < 100; turn++) ask(ledger, `work ${turn}`, 300)
  const { decisions } = ledger.status()
  assert.equal(decisions.length, 32)
  assert.deepEqual(decisions.at(-1), {
    time: new Date(0).toISOString(),
    what: 'work 99',
    kind: 'refuse',
    bytes: 300 * MB,
  })
})

/** Asks for exactly so many MB, in the name of what it is for. */
function ask(ledger: Ledger, what: string, megabytes: number) {
  const heard: { granted?: Grant; refused?: Decision } = {}
  ledger.ask(what, { ...wishOf(megabytes, megabytes), what }, (answer) => void Object.assign(heard, answer))
  return heard
}

function askAwaited(ledger: Ledger, what: string, least: number, wanted: number) {
  const heard: { granted?: Grant; refused?: Extract<Decision, { kind: 'refuse' }> } = {}
  ledger.ask(what, { ...wishOf(least, wanted), what, isAwaited: true }, (answer) => void Object.assign(heard, answer))
  return heard
}

function wishOf(least: number, wanted: number): MemoryWish {
  return { what: 'work', leastBytes: least * MB, wantedBytes: wanted * MB }
}

function capacityOf(ordinary: number, alone: number, quiet = alone): Capacity {
  return { bytes: ordinary * MB, exclusiveBytes: alone * MB, quietBytes: quiet * MB }
}
