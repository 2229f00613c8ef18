import assert from 'node:assert/strict'
import { totalmem } from 'node:os'
import { test } from 'node:test'
import { GIB, MIB } from '../lib/units.ts'
import { autoWorkers, thisMachine } from './shares.ts'

const CASES: readonly [memory: string, bytes: number, cores: number, workers: number][] = [
  ['128 MB, which is too little', 128 * MIB, 2, 1],
  ['192 MB', 192 * MIB, 2, 1],
  ['256 MB', 256 * MIB, 2, 1],
  ['384 MB', 384 * MIB, 2, 1],
  ['512 MB', 512 * MIB, 2, 1],
  ['512 MB', 512 * MIB, 32, 1],
  ['700 MB', 700 * MIB, 8, 1],
  ['1 GB', GIB, 1, 1],
  ['1 GB', GIB, 2, 1],
  ['1 GB', GIB, 8, 1],
  ['2 GB', 2 * GIB, 1, 3],
  ['2 GB', 2 * GIB, 8, 4],
  ['4 GB', 4 * GIB, 1, 3],
  ['4 GB', 4 * GIB, 2, 5],
  ['4 GB', 4 * GIB, 32, 9],
  ['8 GB', 8 * GIB, 4, 9],
  ['64 GB', 64 * GIB, 16, 33],
]

for (const [memory, memoryBytes, cores, workers] of CASES) {
  test(`with ${memory} and ${cores} cores, auto means ${workers}`, () => {
    assert.equal(autoWorkers({ memoryBytes, cores }).workers, workers)
  })
}

test('more memory never means fewer workers', () => {
  let before = 0
  for (let megabytes = 64; megabytes <= 16_384; megabytes += 16) {
    const { workers } = autoWorkers({ memoryBytes: megabytes * MIB, cores: 64 })
    assert.ok(workers >= before, `${workers} after ${before} at ${megabytes} MB`)
    before = workers
  }
})

test('the arithmetic is one line that can be checked by hand', () => {
  const { arithmetic } = autoWorkers({ memoryBytes: 4 * GIB, cores: 2 })
  assert.equal(
    arithmetic,
    'Web workers: 5, the smaller of (2 × 2 cores) + 1 = 5 and ' +
      '(4096 MB − 328 reserve − 96 file cache − 12 supervisor − 272 streams − 1024 jobs) ÷ 256 = 9',
  )
})

test('where memory holds no worker, the arithmetic says why there is one', () => {
  assert.match(autoWorkers({ memoryBytes: 128 * MIB, cores: 2 }).arithmetic, /= 0, but at least 1$/)
})

test('this machine has a core and no more memory than is built in', () => {
  const { memoryBytes, cores } = thisMachine()
  assert.ok(cores >= 1)
  assert.ok(memoryBytes > 0 && memoryBytes <= totalmem())
})
