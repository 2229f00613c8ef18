import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Standing } from '../jobs.ts'
import { type Idleness, type WaitingReason, waitingOf } from './waiting.ts'

const NOW = 1_000_000
const QUEUED: Standing = {
  key: 'document:1',
  state: 'queued',
  queuedAt: NOW - 60_000,
  runAt: NOW - 60_000,
  failures: 0,
  crashes: 0,
  error: null,
  hindrance: null,
  ahead: 0,
  etaMs: 2500,
  idleMs: null,
}
const SHORT: Idleness = { reason: 'paused', message: 'Memory is short.' }
const NOBODY: Idleness = { reason: 'no_worker', message: 'No process can be started.' }

const CASES: readonly [
  what: string,
  more: Partial<Standing>,
  idleness: Idleness,
  expected: WaitingReason | null,
  message: RegExp,
  eta: number | null,
][] = [
  ['its turn is next', {}, null, 'turn', /Its turn comes next/, 3],
  ['others come first', { ahead: 7 }, null, 'turn', /7 pieces of work come first/, 3],
  ['the queue is too long to be counted', { ahead: null, etaMs: null }, null, 'turn', /long queue/, null],
  ['it is being read', { state: 'running' }, null, null, /^$/, null],
  [
    'others hold the memory',
    { state: 'running', hindrance: { kind: 'memory', message: 'It takes 78 MB.', since: NOW } },
    null,
    'memory',
    /78 MB/,
    3,
  ],
  [
    'the disk is full',
    { runAt: NOW + 30_000, hindrance: { kind: 'disk_full', message: 'The disk is full.', since: NOW } },
    null,
    'disk',
    /disk is full/,
    30,
  ],
  [
    'an attempt failed',
    { runAt: NOW + 5000, failures: 1, error: { code: 'internal', message: 'It broke.' } },
    null,
    'retry',
    /It broke\. The next one begins in 5\.0 s/,
    5,
  ],
  ['its reader died', { runAt: NOW + 5000, crashes: 2 }, null, 'retry', /process that was reading it died/, 5],
  ['the server pauses reading', { ahead: 3 }, SHORT, 'paused', /Memory is short/, null],
  ['no process can be started', {}, NOBODY, 'no_worker', /No process can be started/, null],
  ['nobody came for long', { idleMs: 20_000 }, null, 'no_worker', /read as soon as somebody does/, null],
  [
    'it was queued a moment ago, while nothing had been done for long',
    { idleMs: 9e6, queuedAt: NOW - 100 },
    null,
    'turn',
    /next/,
    3,
  ],
]

for (const [what, more, idleness, reason, message, eta] of CASES) {
  test(`a document says why it waits when ${what}`, () => {
    const waiting = waitingOf({ ...QUEUED, ...more }, idleness, NOW)
    assert.equal(waiting?.reason ?? null, reason)
    if (waiting) assert.match(waiting.message, message)
    assert.equal(waiting?.etaSeconds ?? null, eta)
  })
}
