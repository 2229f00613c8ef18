import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnowBotError } from '../errors.ts'
import { MIB } from '../lib/units.ts'
import { type GrantMemory, type MemoryWish, readWithin } from './memory.ts'

const SCAN = { publicId: 'a-scan', type: 'png' } as const
const NEVER = new AbortController().signal

test('reading uses what it is granted, and gives it back', async () => {
  const { grantMemory, wishes, held } = ledgerWith(120)
  const used: (number | null)[] = []
  await readWithin(grantMemory, SCAN, async (bytes) => void used.push(bytes, held()), NEVER)
  assert.deepEqual(used, [120 * MIB, 120 * MIB])
  assert.equal(held(), 0)
  assert.match(wishes[0]!.what, /a-scan/)
})

test('a document that was given too little is tried once more, with more', async () => {
  const { grantMemory, wishes, held } = ledgerWith(81, 120)
  const used: (number | null)[] = []
  const read = async (bytes: number | null) => {
    used.push(bytes)
    if (bytes! < 100 * MIB) throw tooLittle()
  }
  await readWithin(grantMemory, SCAN, read, NEVER)
  assert.deepEqual(used, [81 * MIB, 120 * MIB])
  assert.ok(wishes[1]!.leastBytes > 81 * MIB)
  assert.equal(held(), 0)
})

test('where there is no more, the document fails with the number that its page needs', async () => {
  const { grantMemory, held } = ledgerWith(81)
  const error = tooLittle()
  const failed = readWithin(grantMemory, SCAN, () => Promise.reject(error), NEVER)
  await assert.rejects(failed, error)
  assert.equal(held(), 0)
})

test('a document that is damaged is not tried with more memory', async () => {
  const { grantMemory, wishes, held } = ledgerWith(81, 120)
  const damaged = new KnowBotError('document_damaged', 'Damaged.')
  await assert.rejects(
    readWithin(grantMemory, SCAN, () => Promise.reject(damaged), NEVER),
    damaged,
  )
  assert.equal(wishes.length, 1)
  assert.equal(held(), 0)
})

test('without a ledger reading has no limit of its own', async () => {
  const used: (number | null)[] = []
  await readWithin(undefined, SCAN, async (bytes) => void used.push(bytes), NEVER)
  assert.deepEqual(used, [null])
})

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
