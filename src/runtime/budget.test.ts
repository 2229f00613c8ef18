import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../lib/units.ts'
import { Budget, readLimit } from './budget.ts'
import type { GroupMemory } from './cgroup-memory.ts'

const GROUP: GroupMemory = {
  version: 2,
  limitBytes: 512 * MIB,
  usedBytes: undefined,
  anonymousBytes: undefined,
  reclaimableBytes: undefined,
  stalledPercent: undefined,
  diesTogether: false,
}
const MACHINE = 24_000 * MIB

test('the smallest limit counts, and says where it comes from', () => {
  assert.deepEqual(readLimit(0, GROUP, MACHINE), { bytes: 512 * MIB, source: 'container' })
  assert.deepEqual(readLimit(300 * MIB, GROUP, MACHINE), { bytes: 300 * MIB, source: 'setting' })
  assert.deepEqual(readLimit(800 * MIB, GROUP, MACHINE), { bytes: 512 * MIB, source: 'container' })
  assert.deepEqual(readLimit(0, { ...GROUP, limitBytes: 2 ** 50 }, MACHINE), { bytes: MACHINE, source: 'machine' })
})

test('a lower limit gives less to the next piece of work, and is told once', () => {
  let settingBytes = 512 * MIB
  const told: number[] = []
  const budget = new Budget({
    settingBytes: () => settingBytes,
    workersWanted: () => 1,
    children: () => [],
    onLimit: ({ bytes }) => told.push(bytes / MIB),
  })
  const before = budget.status().jobs.capacityBytes
  settingBytes = 256 * MIB
  const { limit, shares, jobs } = budget.status()
  budget.look()
  assert.deepEqual(told, [256])
  assert.deepEqual([limit.bytes, limit.source], [256 * MIB, 'setting'])
  assert.ok(jobs.capacityBytes < before / 2, `${jobs.capacityBytes} after ${before}`)
  const { workers, worker, streamsMax, ...rest } = shares
  const sum = Object.values(rest).reduce((total, bytes) => total + bytes, worker * workers)
  assert.equal(sum, limit.bytes)
  assert.equal(streamsMax, 400)
})
