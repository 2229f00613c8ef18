/** What extraction does when memory is short: smaller plans first, then a refusal that names the number. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { detectTools } from '../../src/extraction.ts'
import { MIB } from '../../src/lib/units.ts'
import { FULL_PAGE_PICTURE, type GrayPicture, makePdf, textLines } from '../corpus/pdf.ts'
import { linesOf, makeScan, onlyPage, pagesOf, read, SCANNED, summary } from '../support/extraction.ts'
import { SAMPLES } from '../support/samples.ts'

let scan: GrayPicture
let scanPng: Buffer
before(async () => {
  ;({ png: scanPng, picture: scan } = await makeScan())
})

test('a picture larger than the memory at hand is read smaller, in bands, or refused with the number needed', async (t) => {
  if (!(await detectTools()).tesseract) return t.skip('needs Tesseract')
  const { width, height } = scan
  const twice = sharp(scanPng)
    .extend({ bottom: height, background: '#fff' })
    .composite([{ input: scanPng, top: height, left: 0 }])
  const tall = await sharp(await twice.png().toBuffer())
    .resize({ width: 2600 })
    .png()
    .toBuffer()
  const readWith = (megabytes: number) => onlyPage('tall.png', tall, { limits: { memoryBytesMax: megabytes * MIB } })
  // Of 2600 × 2209 pixels the whole takes 96 MB, three quarters a side 82, a band 73.
  for (const megabytes of [100, 85, 76]) {
    const page = await readWith(megabytes)
    assert.equal(linesOf(page), [...SCANNED, ...SCANNED].join('\n'), `${megabytes} MB of ${width}`)
  }
  await assert.rejects(read('tall.png', tall, { limits: { memoryBytesMax: 60 * MIB } }), { code: 'out_of_memory' })
})

test('scanned pages of a PDF are read within what is left of 256 MB', async (t) => {
  if (!(await detectTools()).tesseract) return t.skip('needs Tesseract')
  const pdf = makePdf([1, 2].map(() => ({ content: FULL_PAGE_PICTURE, picture: scan })))
  const pages = pagesOf(await read('a.pdf', pdf, { limits: { memoryBytesMax: 81 * MIB } }))
  assert.deepEqual(pages.map(linesOf), [SCANNED.join('\n'), SCANNED.join('\n')])
})

test('S59: a page that unpacks to more than memory holds is stopped in its cage, and costs itself alone', async () => {
  const bomb = deflateSync(Buffer.alloc(400 * MIB, ' '))
  const pdf = makePdf([
    { content: textLines(['Before.']) },
    { content: deflateSync(bomb), filter: '[/FlateDecode /FlateDecode]' },
    { content: textLines(['After.']) },
  ])
  const events = await read('a.pdf', pdf, { limits: { memoryBytesMax: 128 * MIB } })
  assert.deepEqual(summary(events), ['1 text', '2 out_of_memory', '3 text'])
})

test('a reader and what it starts hold no more than was granted, once the compile cache is there', async (t) => {
  if (!(await detectTools()).tesseract) return t.skip('needs Tesseract')
  process.env['NODE_COMPILE_CACHE'] = mkdtempSync(join(tmpdir(), 'compile-cache-'))
  const board = readFileSync(join(SAMPLES, 'board-minutes-scan.png'))
  const pdf = makePdf([1, 2].map(() => ({ content: FULL_PAGE_PICTURE, picture: scan })))
  const text = Buffer.from('A line of some words, and then another one.\n'.repeat(40_000))
  const took = async (name: string, content: Buffer, megabytes: number) => {
    let bytes = 0
    const onHighWater = (most: number) => {
      bytes = most
    }
    await read(name, content, { limits: { memoryBytesMax: megabytes * MIB }, onHighWater })
    return bytes / MIB
  }
  for (const [name, content, grants] of [
    ['board.png', board, [78, 113]],
    ['scanned.pdf', pdf, [81, 113]],
    ['long.txt', text, [64]],
  ] as const) {
    await took(name, content, 200)
    for (const megabytes of grants) {
      const held = await took(name, content, megabytes)
      t.diagnostic(`${name}: ${held.toFixed(0)} of ${megabytes} MB`)
      assert.ok(held > 0 && held <= megabytes, `${name}: ${held} of ${megabytes} MB`)
    }
  }
})
