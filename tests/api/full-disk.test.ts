/** A disk that is nearly full refuses uploads; what is there can be read, asked and deleted. */
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MIB } from '../../src/lib/units.ts'
import { freshApp, BOOTSTRAP_KEY as KEY } from '../support/app.ts'
import { smallDisk } from '../support/small-disk.ts'

test('uploads are refused with 507 while everything else goes on, and taken again when there is room', async (t) => {
  const disk = smallDisk(t, 160)
  if (disk === undefined) return
  const folder = join(disk, 'data')
  mkdirSync(folder)
  const app = await freshApp(t, { folder })
  const { body: kept } = await app.upload(KEY, 'kept.txt', 'The lighthouse keeper paints on Sundays.')
  assert.equal((await app.call(KEY, 'GET', '/api/ready')).body.checks.disk, 'ok')

  const filler = join(disk, 'filler')
  writeFileSync(filler, Buffer.alloc(90 * MIB))
  const refused = await app.upload(KEY, 'refused.txt', 'No room for this.')
  assert.deepEqual([refused.status, refused.body.code], [507, 'disk_full'])
  assert.match(refused.body.detail, /Delete documents/)
  const ready = await app.call(undefined, 'GET', '/api/ready')
  assert.deepEqual([ready.status, ready.body.checks.disk, ready.body.mode], [200, 'low', 'background'])

  assert.equal((await app.call(KEY, 'GET', `/api/documents/${kept.id}/original`)).status, 200)
  const { body } = await app.call(KEY, 'POST', '/api/ask', {
    body: { question: 'When does the lighthouse keeper paint?' },
  })
  assert.equal(body.citations[0]?.documentId, kept.id)
  assert.equal((await app.call(KEY, 'DELETE', `/api/documents/${kept.id}`)).status, 204)

  rmSync(filler)
  assert.equal((await app.upload(KEY, 'refused.txt', 'Now there is room for this.')).status, 201)
})
