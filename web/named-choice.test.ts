/** How a question says from which documents it may be answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DOCUMENTS_NAMED_MAX } from '../src/api.ts'
import { NAMED_MAX, nameChoice } from './named-choice.ts'

const idsTo = (count: number) => Array.from({ length: count }, (_, n) => `document-${n}`)

test('a question names what it is answered from, or what it leaves out', () => {
  const all = new Set(idsTo(3))
  assert.deepEqual(nameChoice({ type: 'everything' }, all), {})
  assert.deepEqual(nameChoice({ type: 'only', ids: idsTo(2) }, all), { documentIds: idsTo(2) })
  assert.deepEqual(nameChoice({ type: 'all-but', ids: idsTo(1) }, all), { exceptDocumentIds: idsTo(1) })
})

test('it names as many as the server takes, and what is more is said from the other side', () => {
  assert.equal(NAMED_MAX, DOCUMENTS_NAMED_MAX)
  const all = new Set(idsTo(2 * NAMED_MAX))
  for (const count of [NAMED_MAX, NAMED_MAX + 1, 2 * NAMED_MAX - 1]) {
    const ids = idsTo(count)
    const isOtherSide = count > NAMED_MAX
    const rest = [...all].slice(count)
    assert.deepEqual(
      nameChoice({ type: 'only', ids }, all),
      isOtherSide ? { exceptDocumentIds: rest } : { documentIds: ids },
    )
    assert.deepEqual(
      nameChoice({ type: 'all-but', ids }, all),
      isOtherSide ? { documentIds: rest } : { exceptDocumentIds: ids },
    )
  }
  assert.deepEqual(nameChoice({ type: 'only', ids: [...all] }, all), {})
})
