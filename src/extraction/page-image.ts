/** The picture of one page for people, in colour, as JPEG. Runs in the extractor, and holds a few rows at a time. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { KnowBotError } from '../errors.ts'
import { isMemoryDeath } from './ocr/memory.ts'
import { loadPdfium, PdfDocument } from './pdf/library.ts'
import { PdfPage } from './pdf/page.ts'
import { renderInColour } from './pdf/render.ts'
import type { ReaderRequest, RenderTask } from './protocol.ts'

sharp.cache(false)
sharp.concurrency(1)
// Whatever the file claims to be, only these decoders see it.
sharp.block({ operation: ['VipsForeignLoad'] })

/** Of a picture; a long strip of a page becomes narrower than was asked for. */
const PIXELS_MAX = 12e6
/** Without optimised coding, which would hold the whole picture (measured at 3.6 megapixels: 23 MB more). */
const JPEG = { quality: 80, optimiseCoding: false } as const

export async function writePageImage(request: ReaderRequest, task: RenderTask): Promise<void> {
  switch (request.type) {
    case 'pdf':
      return writePdfPage(request, task)
    case 'png':
      return writeFrame(request, task, 'VipsForeignLoadPngFile')
    case 'jpeg':
      return writeFrame(request, task, 'VipsForeignLoadJpegFile')
    case 'tiff':
      return writeFrame(request, task, 'VipsForeignLoadTiffFile')
    default:
      throw new KnowBotError('no_picture', `Expected a PDF or a picture, got a text without paper: ${request.name}.`)
  }
}

async function writePdfPage(request: ReaderRequest, { page: number, widthMax, target }: RenderTask): Promise<void> {
  const pdfium = await loadPdfium()
  using document = PdfDocument.open(pdfium, request.path, request.password, request.name)
  if (number > document.pageCount) throw noSuchPage(number, document.pageCount)
  using page = PdfPage.open(document, number - 1)
  const width = Math.max(1, Math.floor(Math.min(widthMax, Math.sqrt((PIXELS_MAX * page.width) / page.height))))
  const height = Math.max(1, Math.round((width * page.height) / page.width))
  const path = join(request.folder, 'drawn.v')
  const file = await open(path, 'w')
  try {
    await file.writeFile(vipsHeader(width, height))
    await renderInColour(page, width, height, file)
  } finally {
    await file.close()
  }
  // The one picture in this process is ours.
  sharp.unblock({ operation: ['VipsForeignLoadVipsFile'] })
  await sharp(path, { sequentialRead: true }).jpeg(JPEG).toFile(target)
}

/** Of the VIPS format, the one uncompressed format in colour that is read row by row. */
function vipsHeader(width: number, height: number): Buffer {
  const [BITS_PER_BAND, UNSIGNED_BYTES, UNCODED, SRGB] = [8, 0, 0, 22]
  const header = Buffer.alloc(64)
  header.writeUInt32BE(0xb6a6f208) // What follows is little-endian.
  const fields = [width, height, 3, BITS_PER_BAND, UNSIGNED_BYTES, UNCODED, SRGB]
  for (const [index, field] of fields.entries()) header.writeUInt32LE(field, 4 + 4 * index)
  header.writeFloatLE(1, 32)
  header.writeFloatLE(1, 36)
  return header
}

async function writeFrame(request: ReaderRequest, task: RenderTask, decoder: string): Promise<void> {
  sharp.unblock({ operation: [decoder] })
  try {
    const picture = await openFrame(request, task)
    await picture.flatten({ background: '#fff' }).toColourspace('srgb').jpeg(JPEG).toFile(task.target)
  } catch (cause) {
    if (cause instanceof KnowBotError || isMemoryDeath(cause)) throw cause
    throw new KnowBotError(
      'document_damaged',
      `Expected a whole picture, got one that cannot be decoded: ${request.name}.`,
      {
        cause,
      },
    )
  }
}

/** Upright as it is shown, and never enlarged. */
async function openFrame({ path, name, type, limits }: ReaderRequest, { page, widthMax }: RenderTask): Promise<Sharp> {
  const header = await sharp(path, { limitInputPixels: false }).metadata()
  const frames = type === 'tiff' ? (header.pages ?? 1) : 1
  if (page > frames) throw noSuchPage(page, frames)
  const options = { page: page - 1, sequentialRead: true, limitInputPixels: false } as const
  const { autoOrient, width, height, isProgressive, orientation } = await sharp(path, options).metadata()
  // Formats that are decoded row by row may be larger, the others stand in memory as a whole.
  const isByRows = !isProgressive && (orientation ?? 1) === 1
  const pixelsMax = isByRows ? limits.imagePixelsByRowsMax : limits.imagePixelsMax
  if (width * height > pixelsMax) {
    throw new KnowBotError(
      'image_too_large',
      `Expected at most ${pixelsMax / 1e6} megapixels, got ${width} × ${height}: ${name}.`,
    )
  }
  const widthByPixels = Math.sqrt((PIXELS_MAX * autoOrient.width) / autoOrient.height)
  const shownWidth = Math.max(1, Math.floor(Math.min(widthMax, widthByPixels, autoOrient.width)))
  return sharp(path, options).autoOrient().resize({ width: shownWidth })
}

function noSuchPage(number: number, count: number): KnowBotError {
  return new KnowBotError('not_found', `Expected a page from 1 to ${count}, got ${number}.`)
}
