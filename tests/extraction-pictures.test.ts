/** Pictures to pages of text, by real recognition: the one of this machine where there is one, and the one that comes along. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { detectTools } from '../src/extraction.ts'
import type { GrayPicture } from './corpus/pdf.ts'
import { makeTiff } from './corpus/pictures.ts'
import { assertNear, linesOf, makeScan, onlyPage, pagesOf, read, SCANNED } from './support/extraction.ts'

let scan: GrayPicture
let scanPng: Buffer
before(async () => {
  ;({ png: scanPng, picture: scan } = await makeScan())
})

for (const textRecognition of ['best', 'built-in'] as const) {
  test(`a picture of text is read (${textRecognition} recognition)`, async () => {
    const page = await onlyPage('scan.png', scanPng, { textRecognition })
    assert.equal(linesOf(page), SCANNED.join('\n'))
    assert.deepEqual([page.source, page.width, page.height], ['ocr', scan.width, scan.height])
    assert.ok(page.words!.every((word) => word.confidence! > 50))
  })
}

const TREATMENTS: [what: string, treat: (picture: Sharp) => Sharp][] = [
  ['upside down', (picture) => picture.rotate(180).jpeg()],
  ['on its side', (picture) => picture.rotate(90).png()],
  ['laid down, with a note that says so', (picture) => picture.rotate(-90).jpeg().withMetadata({ orientation: 6 })],
  ['tilted', (picture) => picture.rotate(2.5, { background: '#fff' }).jpeg()],
  ['white on black', (picture) => picture.negate().png()],
  ['small', (picture) => picture.resize({ width: 640 }).png()],
  ['in colours on a see-through ground', (picture) => picture.unflatten().png()],
]
for (const [what, treat] of TREATMENTS) {
  test(`a picture that is ${what} is read`, async (t) => {
    const { tesseract } = await detectTools()
    if (what === 'on its side' && !tesseract?.languages.includes('osd'))
      return t.skip('needs Tesseract and its pack osd')
    const page = await onlyPage('scan', await treat(sharp(scanPng)).toBuffer())
    assert.equal(linesOf(page), SCANNED.join('\n'))
  })
}

test('words of a picture that was turned for reading lie where they are shown', async () => {
  const page = await onlyPage('scan.png', await sharp(scanPng).rotate(180).png().toBuffer())
  const [upright] = (await onlyPage('scan.png', scanPng)).words!
  const { x, y, width, height } = upright!
  assertNear(page.words![0]!, { x: scan.width - x - width, y: scan.height - y - height, width, height }, 6)
})

test('each frame of a TIFF is a page', async () => {
  const white = { width: 200, height: 100, pixels: new Uint8Array(20_000).fill(255) }
  const pages = pagesOf(await read('fax.tiff', makeTiff([white, scan])))
  assert.deepEqual(
    pages.map((page) => [page.number, page.source, linesOf(page)]),
    [
      [1, 'none', ''],
      [2, 'ocr', SCANNED.join('\n')],
    ],
  )
})
