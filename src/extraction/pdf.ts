/** PDF: each page decides by itself whether its text layer, recognition or both are its text. */
import { join } from 'node:path'
import { KnowBotError } from '../errors.ts'
import type { ExtractedPage } from '../extraction.ts'
import { Hyphenation } from './hyphens.ts'
import { ocrCpuMsFor, ocrWallMsFor } from './limits.ts'
import { type Headers, PDF_READER_BYTES } from './need.ts'
import { type Engine, openEngine } from './ocr/engine.ts'
import { pixelsWithin } from './ocr/memory.ts'
import { recognisePage } from './ocr/read-page.ts'
import { placeWords } from './ocr/reading-order.ts'
import { readAnnotations } from './pdf/annotations.ts'
import { type Decision, decide } from './pdf/decision.ts'
import { loadPdfium, PdfDocument, type Pdfium } from './pdf/library.ts'
import { type PageObjects, readObjects } from './pdf/objects.ts'
import { type Box, PdfPage } from './pdf/page.ts'
import { measureText, prefersLayer } from './pdf/plausible.ts'
import { dpiWithin, isBlank, pixelSize, renderPage } from './pdf/render.ts'
import { readTextLayer, type TextLayer } from './pdf/text-layer.ts'
import { composeText, meanConfidence, type PlacedWord } from './placed-text.ts'
import type { ReaderRequest } from './protocol.ts'
import { pageLimit, type Reader, type ReaderJob } from './reader.ts'
import { hasRefusedMemory } from './wasm.ts'

/** PDFium keeps every picture that it has touched until the document is closed (measured: 138 MB instead of 68). */
const PAGES_PER_OPENING = 8
const OCR_DPI_MAX = 300
const OCR_DPI_MIN = 225
const PICTURE_CONFIDENCE_MIN = 50
/** Pages of which the boxes are looked at before anything is drawn. */
const EXAMINED_MAX = 200
/** A4 at 300 dpi has 8.7 megapixels, A3 17.4; larger sheets are read at a lower resolution. */
const OCR_PIXELS_MAX = 24e6
/** A larger count is a lie: the pages are counted by loading them, until that fails so many times. */
const BELIEVABLE_PAGES_MAX = 100_000
const FAILURES_MAX = 3

/** The largest of the next pages as recognition would have it; whether it has to be recognised is seen when it is read. */
export async function examinePdf(request: ReaderRequest): Promise<Headers> {
  const pdfium = await loadPdfium()
  using document = PdfDocument.open(pdfium, request.path, request.password, request.name)
  const found: Headers = { pixels: 0, width: 0, decodingBytes: 0 }
  const last = Math.min(document.pageCount, request.firstPage - 1 + EXAMINED_MAX)
  for (let index = request.firstPage - 1; index < last; index++) {
    const box = document.pageSize(index)
    if (!box) continue // What cannot be loaded is not read.
    const pixels = Math.min(OCR_PIXELS_MAX, (box.width / 72) * (box.height / 72) * OCR_DPI_MAX ** 2)
    found.pixels = Math.max(found.pixels, Math.ceil(pixels))
    // The least that a page can be read in is a band of it, drawn as small as it may be.
    const widthLeast = Math.sqrt((pixels * box.width) / box.height) * (OCR_DPI_MIN / OCR_DPI_MAX)
    found.width = Math.max(found.width, Math.ceil(widthLeast))
  }
  return found
}

export const readPdf: Reader = async function* (job) {
  const pdfium = await loadPdfium()
  await using reading = new PdfReading(pdfium, job)
  const { pagesTotal, title } = reading.open()
  yield { kind: 'opened', pagesTotal, title }
  for (let number = job.firstPage; number <= pagesTotal; number++) {
    if (number > job.limits.pagesMax) {
      yield { kind: 'unreadable', number, code: 'page_limit', message: pageLimit(job.limits.pagesMax) }
      continue
    }
    job.startPage(number, job.limits.pageWallMsMax)
    try {
      yield { kind: 'page', page: await reading.readPage(number) }
    } catch (error) {
      // Where a module was refused memory, whatever comes of it is a want of memory, and another extractor goes on.
      if (!(error instanceof KnowBotError) || error.code === 'language_unavailable' || hasRefusedMemory()) throw error
      yield { kind: 'unreadable', number, code: error.code, message: error.message }
    }
  }
}

class PdfReading {
  readonly #pdfium: Pdfium
  readonly #job: ReaderJob
  readonly #hyphenation: Hyphenation
  #document: PdfDocument | undefined
  #pagesSinceOpening = 0
  #characters = 0
  #engine: Engine | undefined

  constructor(pdfium: Pdfium, job: ReaderJob) {
    this.#pdfium = pdfium
    this.#job = job
    this.#hyphenation = new Hyphenation(job.knownWords)
  }

  open(): { pagesTotal: number; title: string | null } {
    const document = this.#openDocument()
    const pagesTotal = countPages(document)
    if (pagesTotal === 0) {
      throw new KnowBotError('document_damaged', `Expected a PDF with pages, got one without: ${this.#job.name}.`)
    }
    return { pagesTotal, title: document.title }
  }

  async readPage(number: number): Promise<ExtractedPage> {
    using page = PdfPage.open(this.#openDocument(), number - 1)
    const objects = readObjects(page)
    const layer = readTextLayer(page, objects)
    layer.visible.push(...readAnnotations(page))
    const decision = decideFor(page, objects, layer)
    const { words, source } = await this.#readWords(page, number, decision, objects, layer)
    const { text, words: places } = composeText(this.#hyphenation.join(words))
    this.#count(text.length)
    return {
      number,
      text,
      source: words.length === 0 ? 'none' : source,
      confidence: meanConfidence(words),
      language: this.#job.language,
      width: page.width,
      height: page.height,
      words: places,
      headings: [],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#document?.[Symbol.dispose]()
    await this.#engine?.[Symbol.asyncDispose]()
  }

  async #readWords(
    page: PdfPage,
    number: number,
    decision: Decision,
    objects: PageObjects,
    layer: TextLayer,
  ): Promise<{ words: PlacedWord[]; source: ExtractedPage['source'] }> {
    switch (decision) {
      case 'blank':
        return { words: [], source: 'none' }
      case 'layer':
        return { words: layer.visible, source: 'text' }
      case 'invisible-layer':
        return { words: layer.hidden, source: 'text' }
      case 'layer-and-pictures': {
        const read = await this.#recognise(page, number, objects.images)
        const more = read.filter((word) => isCertain(word) && !overlapsAny(word, layer.visible))
        if (more.length === 0) return { words: layer.visible, source: 'text' }
        return { words: [...layer.visible, ...startingParagraph(more)], source: 'both' }
      }
      case 'recognise':
        return { words: isBlank(page) ? [] : await this.#recognise(page, number), source: 'ocr' }
      case 'compare':
        return better(layer.visible, await this.#recognise(page, number))
      case 'compare-invisible':
        return better(layer.hidden, await this.#recognise(page, number))
    }
  }

  /** Words in points, of the whole page or of these areas. */
  async #recognise(page: PdfPage, number: number, areas?: readonly Box[]): Promise<PlacedWord[]> {
    const { limits, folder, language, textRecognition } = this.#job
    this.#engine ??= await openEngine(language, textRecognition)
    const recognition = {
      engine: this.#engine,
      folder,
      memoryBytesMax: limits.memoryBytesMax,
      readerBytes: PDF_READER_BYTES,
    }
    const dpi = dpiFor(page, pixelsWithin(limits.memoryBytesMax, this.#engine.kind, PDF_READER_BYTES))
    const { width, height } = pixelSize(page, dpi)
    this.#job.startPage(number, ocrWallMsFor(width * height, limits), ocrCpuMsFor(width * height, limits))
    const image = await renderPage(page, dpi, join(folder, 'rendered.pgm'), areas)
    const words = placeWords(await recognisePage(recognition, image))
    const [scaleX, scaleY] = [page.width / width, page.height / height]
    return words.map((word) => ({
      ...word,
      x: word.x * scaleX,
      y: word.y * scaleY,
      width: word.width * scaleX,
      height: word.height * scaleY,
    }))
  }

  #openDocument(): PdfDocument {
    if (this.#document && this.#pagesSinceOpening >= PAGES_PER_OPENING) {
      this.#document[Symbol.dispose]()
      this.#document = undefined
    }
    if (!this.#document) {
      this.#document = PdfDocument.open(this.#pdfium, this.#job.path, this.#job.password, this.#job.name)
      this.#pagesSinceOpening = 0
    }
    this.#pagesSinceOpening++
    return this.#document
  }

  #count(characters: number): void {
    this.#characters += characters
    const { textCharactersMax } = this.#job.limits
    if (this.#characters <= textCharactersMax) return
    throw new KnowBotError(
      'text_limit',
      `Expected at most ${textCharactersMax.toLocaleString('en')} characters of text in one document; this page lies beyond.`,
    )
  }
}

/** Where memory is short a page is drawn smaller, down to what bands can make up for. */
function dpiFor(page: PdfPage, pixelsMax: number): number {
  const fitting = dpiWithin(page, OCR_DPI_MAX, pixelsMax)
  return Math.min(dpiWithin(page, OCR_DPI_MAX, OCR_PIXELS_MAX), Math.max(fitting, OCR_DPI_MIN))
}

function countPages(document: PdfDocument): number {
  const stated = document.pageCount
  if (stated <= BELIEVABLE_PAGES_MAX) return stated
  let last = 0
  for (let index = 0, failures = 0; failures < FAILURES_MAX && index < BELIEVABLE_PAGES_MAX; index++) {
    try {
      PdfPage.open(document, index)[Symbol.dispose]()
      last = index + 1
      failures = 0
    } catch {
      failures++ // What cannot be loaded is not counted.
    }
  }
  return last
}

function decideFor(page: PdfPage, objects: PageObjects, layer: TextLayer): Decision {
  const area = (box: Box) => (box.right - box.left) * (box.bottom - box.top)
  const pictureArea = objects.images.reduce((sum, box) => sum + area(box), 0)
  return decide({
    visible: measureText(textOf(layer.visible)),
    invisible: measureText(textOf(layer.hidden)),
    pictureShare: Math.min(1, pictureArea / (page.width * page.height)),
    isEmpty: objects.isEmpty,
    unmapped: layer.unmapped,
  })
}

function textOf(words: readonly PlacedWord[]): string {
  return words.map((word) => word.text).join(' ')
}

function better(layer: PlacedWord[], read: PlacedWord[]): { words: PlacedWord[]; source: ExtractedPage['source'] } {
  return prefersLayer(textOf(layer), textOf(read)) ? { words: layer, source: 'text' } : { words: read, source: 'ocr' }
}

function startingParagraph(words: PlacedWord[]): PlacedWord[] {
  return words.map((word, index) => (index === 0 ? { ...word, gap: '\n\n' } : word))
}

/** Of what is read in pictures most is no text at all, as the leaves of a tree. */
function isCertain(word: PlacedWord): boolean {
  return (word.confidence ?? 0) >= PICTURE_CONFIDENCE_MIN
}

function overlapsAny(word: PlacedWord, others: readonly PlacedWord[]): boolean {
  const [x, y] = [word.x + word.width / 2, word.y + word.height / 2]
  return others.some(
    (other) => x >= other.x && x <= other.x + other.width && y >= other.y && y <= other.y + other.height,
  )
}
