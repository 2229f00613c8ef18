import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

for (const role of ['web', 'job']) {
  test(`what a ${role} worker has started is held by readers, and counts in the whole`, {
    skip: process.platform !== 'linux' && 'held memory is read from /proc',
  }, async () => {
    const program =
      'const held = Buffer.alloc(64 * 1024 * 1024, 1); process.stdout.write("held"); setInterval(() => held.length, 1e6)'
    const worker = spawn('sh', ['-c', '"$0" -e "$1" & echo; wait', process.execPath, program], { detached: true })
    try {
      await until(worker.stdout, 'held')
      const budget = new Budget({
        settingBytes: () => 1024 * MIB,
        workersWanted: () => 1,
        children: () => [{ role, pid: worker.pid!, anonymousBytes: 0 }],
        onLimit: () => undefined,
      })
      const { supervisor, webWorkers, jobWorkers, readers, total } = budget.status().held
      assert.ok(readers > 64 * MIB, `${readers} bytes`)
      assert.ok(webWorkers + jobWorkers < 8 * MIB, 'the shell')
      assert.equal(total, supervisor + webWorkers + jobWorkers + readers)
    } finally {
      process.kill(-worker.pid!, 'SIGKILL')
      await once(worker, 'exit')
    }
  })
}

async function until(stream: AsyncIterable<Buffer>, word: string): Promise<void> {
  for await (const part of stream) if (String(part).includes(word)) return
}
