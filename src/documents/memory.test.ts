import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnowBotError } from '../errors.ts'
import { MIB } from '../lib/units.ts'
import { type GrantMemory, type MemoryWish, type Readable, readWithin } from './memory.ts'

const SCAN = { publicId: 'a-scan', type: 'png' } as const
const NEVER = new AbortController().signal

test('reading uses what it is granted, and gives it back', async () => {
  const { grantMemory, wishes, held } = ledgerWith(56, 120)
  const used: (number | null)[] = []
  await readWithin(
    grantMemory,
    SCAN,
    readable(async (bytes) => void used.push(bytes, held())),
    NEVER,
  )
  assert.deepEqual(used, [120 * MIB, 120 * MIB])
  assert.equal(held(), 0)
  assert.match(wishes[1]!.what, /a-scan/)
})

test('a document that was given too little is tried once more, with more', async () => {
  const { grantMemory, wishes, held } = ledgerWith(56, 81, 120)
  const used: (number | null)[] = []
  const read = async (bytes: number | null) => {
    used.push(bytes)
    if (bytes! < 100 * MIB) throw tooLittle()
  }
  await readWithin(grantMemory, SCAN, readable(read), NEVER)
  assert.deepEqual(used, [81 * MIB, 120 * MIB])
  assert.ok(wishes[2]!.leastBytes > 81 * MIB)
  assert.equal(held(), 0)
})

test('where there is no more, the document fails with the number that its page needs', async () => {
  const { grantMemory, held } = ledgerWith(56, 81)
  const error = tooLittle()
  const failed = readWithin(
    grantMemory,
    SCAN,
    readable(() => Promise.reject(error)),
    NEVER,
  )
  await assert.rejects(failed, error)
  assert.equal(held(), 0)
})

test('a document that is damaged is not tried with more memory', async () => {
  const { grantMemory, wishes, held } = ledgerWith(56, 81, 120)
  const damaged = new KnowBotError('document_damaged', 'Damaged.')
  await assert.rejects(
    readWithin(
      grantMemory,
      SCAN,
      readable(() => Promise.reject(damaged)),
      NEVER,
    ),
    damaged,
  )
  assert.equal(wishes.length, 2)
  assert.equal(held(), 0)
})

test('without a ledger reading has no limit of its own', async () => {
  const used: (number | null)[] = []
  await readWithin(
    undefined,
    SCAN,
    readable(async (bytes) => void used.push(bytes)),
    NEVER,
  )
  assert.deepEqual(used, [null])
})

test('pages are looked at in a small grant, which is given back, and the next is for what they say', async () => {
  const { grantMemory, wishes, held } = ledgerWith(56, 90)
  let heldMeanwhile = 0
  const examine = async () => {
    heldMeanwhile = held()
    return { leastBytes: 60 * MIB, wantedBytes: 100 * MIB }
  }
  const used: (number | null)[] = []
  await readWithin(
    grantMemory,
    SCAN,
    { examine, read: async (bytes) => void used.push(bytes, held()), factor: 1.2 },
    NEVER,
  )
  assert.equal(heldMeanwhile, 56 * MIB)
  assert.deepEqual(
    wishes.map(({ leastBytes, wantedBytes }) => [leastBytes / MIB, wantedBytes / MIB]),
    [
      [56, 56],
      [72, 120],
    ],
  )
  // Of 90 MB a reader that takes a fifth more than reckoned may reckon with 75.
  assert.deepEqual(used, [75 * MIB, 90 * MIB])
  assert.equal(held(), 0)
})

test('a stream of text is not looked at first', async () => {
  const { grantMemory, wishes } = ledgerWith(100)
  const examine = () => assert.fail('There is nothing to look at.')
  await readWithin(
    grantMemory,
    { publicId: 'a-text', type: 'text' },
    { examine, read: async () => undefined, factor: 1 },
    NEVER,
  )
  assert.equal(wishes.length, 1)
})

/** What headers say nothing of. */
function readable(read: (bytes: number | null) => Promise<void>): Readable {
  return { examine: async () => undefined, read, factor: 1 }
}

/** Grants these, in MB, one after the other, and refuses then. */
function ledgerWith(...megabytes: number[]) {
  const wishes: MemoryWish[] = []
  let held = 0
  const grantMemory: GrantMemory = async (wish) => {
    wishes.push(wish)
    const next = megabytes.shift()
    if (next === undefined) throw new KnowBotError('out_of_memory', 'Refused by the ledger.')
    const bytes = next * MIB
    held += bytes
    const giveBack = () => {
      held -= bytes
    }
    return { bytes, [Symbol.dispose]: giveBack }
  }
  return { grantMemory, wishes, held: () => held }
}

function tooLittle(): KnowBotError {
  return new KnowBotError('out_of_memory', 'Expected 101 MB of memory for reading this page, got 81 MB.')
}
