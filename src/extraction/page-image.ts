/** The picture of one page for people, in colour, as PNG. Runs in the extractor. */
import sharp from 'sharp'
import { KnowBotError } from '../errors.ts'
import { loadPdfium, PdfDocument } from './pdf/library.ts'
import { PdfPage } from './pdf/page.ts'
import { drawInColour } from './pdf/render.ts'
import type { ReaderRequest, RenderTask } from './protocol.ts'

sharp.cache(false)
sharp.concurrency(1)

export async function writePageImage(request: ReaderRequest, task: RenderTask): Promise<void> {
  switch (request.type) {
    case 'pdf':
      return writePdfPage(request, task)
    case 'png':
    case 'jpeg':
    case 'tiff':
      return writeFrame(request, task)
    default:
      throw new KnowBotError(
        'unsupported_file_type',
        'Expected a PDF or a picture, got a document without pages on paper.',
      )
  }
}

async function writePdfPage(request: ReaderRequest, { page: number, pixelsMax, target }: RenderTask): Promise<void> {
  const pdfium = await loadPdfium()
  using document = PdfDocument.open(pdfium, request.path, request.password, request.name)
  if (number > document.pageCount) throw noSuchPage(number, document.pageCount)
  using page = PdfPage.open(document, number - 1)
  const { width, height, pixels } = drawInColour(page, pixelsMax)
  await sharp(pixels, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .png()
    .toFile(target)
}

async function writeFrame(request: ReaderRequest, { page: number, pixelsMax, target }: RenderTask): Promise<void> {
  const options = { page: number - 1, sequentialRead: true, limitInputPixels: request.limits.imagePixelsMax } as const
  try {
    const { width, height } = await sharp(request.path, options).metadata()
    const scale = Math.min(1, Math.sqrt(pixelsMax / (width * height)))
    await sharp(request.path, options)
      .resize({ width: Math.max(1, Math.floor(width * scale)) })
      .autoOrient()
      .flatten({ background: '#fff' })
      .png()
      .toFile(target)
  } catch (cause) {
    throw new KnowBotError('document_damaged', `Expected a picture with a page ${number}, got none: ${request.name}.`, {
      cause,
    })
  }
}

function noSuchPage(number: number, count: number): KnowBotError {
  return new KnowBotError('not_found', `Expected a page from 1 to ${count}, got ${number}.`)
}
