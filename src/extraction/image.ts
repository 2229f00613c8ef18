/** Pictures of text: each frame is a page, read by text recognition. */
import { join } from 'node:path'
import sharp, { type Metadata } from 'sharp'
import { KnowBotError } from '../errors.ts'
import type { ExtractedPage } from '../extraction.ts'
import { MIB, printBytes } from '../lib/units.ts'
import { Hyphenation } from './hyphens.ts'
import { ocrCpuMsFor, ocrWallMsFor } from './limits.ts'
import { type Headers, IMAGE_READER_BYTES } from './need.ts'
import { type Engine, openEngine } from './ocr/engine.ts'
import type { GrayFile } from './ocr/gray-file.ts'
import { isMemoryDeath } from './ocr/memory.ts'
import { recognisePage } from './ocr/read-page.ts'
import { placeWords } from './ocr/reading-order.ts'
import { composeText, meanConfidence } from './placed-text.ts'
import type { ReaderRequest } from './protocol.ts'
import { pageLimit, type Reader, type ReaderJob } from './reader.ts'

// Memory is what this process has least of, and a page is read once: no cache, one thread.
sharp.cache(false)
sharp.concurrency(1)
// Whatever the file claims to be, only these decoders see it.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadPngFile', 'VipsForeignLoadJpegFile', 'VipsForeignLoadTiffFile'] })

/** Frames of which the headers are looked at before anything is decoded. */
const EXAMINED_MAX = 20

/** The largest of the first frames, by their headers. */
export async function examineImage(job: ReaderRequest): Promise<Headers> {
  const frames = Math.min(await countFrames(job), EXAMINED_MAX)
  const found: Headers = { pixels: 0, width: 0, decodingBytes: 0 }
  for (let frame = 0; frame < frames; frame++) {
    const header = await readHeader(job, frame)
    found.pixels = Math.max(found.pixels, header.width * header.height)
    found.width = Math.max(found.width, header.width)
    found.decodingBytes = Math.max(found.decodingBytes, Math.ceil(decodingBytes(header)))
  }
  return found
}

export const readImage: Reader = async function* (job) {
  const frames = await countFrames(job)
  if (frames === 1) checkPixels(await readHeader(job, 0), job) // Alone it fails as a document, not as a page.
  yield { kind: 'opened', pagesTotal: frames, title: null }
  const hyphenation = new Hyphenation(job.knownWords)
  let engine: Engine | undefined
  try {
    for (let number = job.firstPage; number <= frames; number++) {
      if (number > job.limits.pagesMax) {
        yield { kind: 'unreadable', number, code: 'page_limit', message: pageLimit(job.limits.pagesMax) }
        continue
      }
      job.startPage(number, job.limits.pageWallMsMax)
      engine ??= await openEngine(job.language, job.textRecognition)
      try {
        yield { kind: 'page', page: await readFrame(job, engine, hyphenation, number) }
      } catch (error) {
        if (!(error instanceof KnowBotError) || frames === 1) throw error
        yield { kind: 'unreadable', number, code: error.code, message: error.message }
      }
    }
  } finally {
    await engine?.[Symbol.asyncDispose]()
  }
}

async function readFrame(
  job: ReaderJob,
  engine: Engine,
  hyphenation: Hyphenation,
  number: number,
): Promise<ExtractedPage> {
  const header = await readHeader(job, number - 1)
  checkPixels(header, job)
  const pixels = header.width * header.height
  job.startPage(number, ocrWallMsFor(pixels, job.limits), ocrCpuMsFor(pixels, job.limits))
  const gray = await decode(job, number - 1)
  const { folder, limits } = job
  const recognition = { engine, folder, memoryBytesMax: limits.memoryBytesMax, readerBytes: IMAGE_READER_BYTES }
  const placed = placeWords(await recognisePage(recognition, gray))
  const { text, words } = composeText(hyphenation.join(placed))
  return {
    number,
    text,
    source: words.length === 0 ? 'none' : 'ocr',
    confidence: meanConfidence(placed),
    language: job.language,
    width: gray.width,
    height: gray.height,
    words,
    headings: [],
  }
}

async function countFrames(job: ReaderRequest): Promise<number> {
  const { pages = 1 } = await readHeader(job, 0)
  return job.type === 'tiff' ? pages : 1
}

async function readHeader(job: ReaderRequest, frame: number): Promise<Metadata> {
  return damagedUnlessRead(job, sharp(job.path, { page: frame, limitInputPixels: false }).metadata())
}

/** Formats that are decoded row by row may be larger, the others stand in memory as a whole. */
function checkPixels(header: Metadata, job: ReaderJob): void {
  const pixels = header.width * header.height
  const byRows = !header.isProgressive && (header.orientation ?? 1) === 1
  const pixelsMax = byRows ? job.limits.imagePixelsByRowsMax : job.limits.imagePixelsMax
  if (pixels > pixelsMax) {
    throw new KnowBotError(
      'image_too_large',
      `Expected at most ${pixelsMax / 1e6} megapixels, got ${header.width} × ${header.height}: ${job.name}. Make the picture smaller.`,
    )
  }
  const { memoryBytesMax } = job.limits
  const needed = decodingBytes(header)
  if (memoryBytesMax !== null && needed > memoryBytesMax) {
    throw new KnowBotError(
      'out_of_memory',
      `Expected ${printBytes(needed)} of memory for decoding this picture, got ${printBytes(memoryBytesMax)}: ${job.name}.`,
    )
  }
}

/** Measured, in megabytes: a few rows as a rule; the whole picture where it comes in several passes or is turned. */
function decodingBytes({ width, height, isProgressive, orientation }: Metadata): number {
  const megapixels = (width * height) / 1e6
  const whole = (isProgressive ? 3.4 : 0) + ((orientation ?? 1) === 1 ? 0 : 0.9)
  return (16 + 2.8 * (width / 1000) + whole * megapixels) * MIB
}

/** Byte order and size of the header of the VIPS format, the one uncompressed format that is written row by row. */
const VIPS_HEADER_BYTES = 64

/** Upright as it is shown, on white, gray. */
async function decode(job: ReaderJob, frame: number): Promise<GrayFile> {
  const path = join(job.folder, 'decoded.v')
  const options = {
    page: frame,
    sequentialRead: true,
    limitInputPixels: job.limits.imagePixelsByRowsMax,
    failOn: 'error',
  } as const
  const picture = sharp(job.path, options).autoOrient().flatten({ background: '#fff' }).toColourspace('b-w')
  const { width, height } = await damagedUnlessRead(job, picture.toFile(path))
  return { path, offset: VIPS_HEADER_BYTES, width, height }
}

async function damagedUnlessRead<T>(job: ReaderRequest, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    if (isMemoryDeath(cause)) throw cause
    const why =
      cause instanceof Error
        ? cause.message.replaceAll(job.path, job.name).replaceAll(/\s+/g, ' ').slice(0, 200)
        : 'unknown'
    throw new KnowBotError('document_damaged', `Expected a whole picture, got one that cannot be decoded: ${why}`, {
      cause,
    })
  }
}
