/** What is kept of drawn pages, and for how long. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openSpace } from '../storage.ts'
import { openPictureCache, type PictureCache } from './picture-cache.ts'

test('what was looked at longest ago goes first, and never is more kept than there may be', async (t) => {
  const { cache, folder } = await freshCache(t, 1600)
  for (let page = 1; page <= 20; page++) {
    await keep(cache, folder, page, 100)
    await utimes(join(folder, 'pictures/a', `${page}-400.jpg`), page, page)
    if (page === 15) await (await cache.find('a', 1, 400))!.file.close() // Looked at again.
    const kept = await pagesOf(folder)
    assert.ok(kept.length <= 16, `${kept.length} pictures of 100 bytes`)
  }
  const kept = await pagesOf(folder)
  assert.ok(kept.includes(1) && kept.includes(20) && !kept.includes(2), `kept: ${kept}`)
})

test('a picture that is open can be read after it is gone', async (t) => {
  const { cache, folder } = await freshCache(t, 1e6)
  await keep(cache, folder, 1, 100)
  const picture = (await cache.find('a', 1, 400))!
  cache.remove('a')
  assert.equal(await cache.find('a', 1, 400), undefined)
  assert.equal((await picture.file.readFile()).length, 100)
  await picture.file.close()
})

test('pictures of documents that are no more are swept away', async (t) => {
  const { cache, folder } = await freshCache(t, 1e6)
  await keep(cache, folder, 1, 100)
  await keep(cache, folder, 1, 100, 'b')
  await cache.sweep((id) => id === 'b')
  assert.deepEqual(await readdir(join(folder, 'pictures')), ['b'])
})

async function freshCache(t: TestContext, bytesMax: number): Promise<{ cache: PictureCache; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'knowbot-pictures-'))
  t.after(() => rm(folder, { recursive: true }))
  return { cache: openPictureCache({ folder, space: openSpace(folder) }, bytesMax), folder }
}

async function keep(cache: PictureCache, folder: string, page: number, bytes: number, document = 'a'): Promise<void> {
  const path = join(folder, 'drawn.jpg')
  await writeFile(path, Buffer.alloc(bytes))
  await (await cache.keep(document, page, 400, path)).file.close()
}

async function pagesOf(folder: string): Promise<number[]> {
  return (await readdir(join(folder, 'pictures/a'))).map((name) => Number(name.split('-')[0])).sort((a, b) => a - b)
}
