import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../lib/units.ts'
import { renderBudget } from './budget.ts'

const RECORD = { time: '2026-01-02T03:04:05.678Z', what: 'read document 1', kind: 'smaller', bytes: 81 * MIB } as const

test('the budget is a table that adds up, with what is held, what waits and why', () => {
  const lines = renderBudget(
    {
      limit: { bytes: 256 * MIB, source: 'container', cgroupVersion: 2, diesTogether: true },
      shares: {
        reserve: 20 * MIB,
        fileCache: 40 * MIB,
        supervisor: 12 * MIB,
        streams: 14 * MIB,
        worker: 64 * MIB,
        jobs: 106 * MIB,
        workers: 1,
        streamsMax: 400,
      },
      held: {
        supervisor: 13 * MIB,
        webWorkers: 40 * MIB,
        jobWorkers: 20 * MIB,
        readers: 60 * MIB,
        total: 133 * MIB,
        cgroup: 134 * MIB,
        cgroupWithFileCache: 180 * MIB,
        available: 98 * MIB,
        shortMark: 10 * MIB,
      },
      jobs: {
        capacityBytes: 81 * MIB,
        exclusiveBytes: 150 * MIB,
        heldBytes: 81 * MIB,
        grants: [{ what: 'read document 1', bytes: 81 * MIB, kind: 'smaller' }],
        waiting: [{ what: 'read document 2', neededBytes: 78 * MIB, overtaken: 0 }],
        heldBack: null,
        decisions: [RECORD],
      },
      condition: {
        step: 'one job worker',
        stepWhy: '9 MB of memory left, 10 MB are wanted',
        jobs: { state: 'run', why: null },
        readOnlyWhy: null,
        streamsMax: 400,
        webWorkers: 1,
      },
    },
    { indexing: 'auto', rerank: undefined },
  )
  assert.equal(
    lines.join('\n'),
    `Limit 256 MB: the limit of the container.
Attention: memory.oom.group is set. When memory ends, the kernel ends everything at once, so background work is granted a quarter less.
98 MB are left; below 10 MB the server does less.
Mode background: 9 MB of memory left, 10 MB are wanted. Not done: suggested questions, reading several documents at once.

                      share    held   MB
reserve                  20
file cache               40
supervisor               12      13
web workers (1)          64      40
streams (400)            14
background work         106      80
together                        133
by the kernel                   134
  with file cache               180

Of background work 81 MB can be granted, 150 MB to one alone; 81 MB are.
  81 MB: read document 1 (smaller)
  waits for 78 MB: read document 2

Decided last:
  2026-01-02T03:04:05.678Z  smaller, 81 MB: read document 1`,
  )
})
