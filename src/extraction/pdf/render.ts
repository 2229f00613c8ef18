/** A page as rows in a file, drawn in bands: one band is all that is in memory. */
import type { FileHandle } from 'node:fs/promises'
import { type GrayFile, GrayWriter } from '../ocr/gray-file.ts'
import { BLANK_RANGE_MAX } from '../ocr/survey.ts'
import type { Box, PdfPage } from './page.ts'

const BAND_ROWS = 640
/** Stamps and filled forms are drawn too. */
const DRAW_ANNOTATIONS = 0x01
/** `FPDFBitmap_Gray` with `FPDF_GRAYSCALE`. */
const IN_GRAY = { format: 1, pixelBytes: 1, flags: 0x08 }
/** `FPDFBitmap_BGRx` with `FPDF_REVERSE_BYTE_ORDER`: red first. */
const COLOUR = { format: 3, pixelBytes: 4, flags: 0x10 }
const WHITE = 0xffffffff
const PREVIEW_DPI = 50

export function pixelSize(page: PdfPage, dpi: number): { width: number; height: number } {
  const pixels = (points: number) => Math.max(1, Math.round((points / 72) * dpi))
  return { width: pixels(page.width), height: pixels(page.height) }
}

/** The largest resolution up to `dpiMax` with which the page has at most so many pixels. */
export function dpiWithin(page: PdfPage, dpiMax: number, pixelsMax: number): number {
  const squareInches = (page.width / 72) * (page.height / 72)
  return Math.min(dpiMax, Math.sqrt(pixelsMax / squareInches))
}

/** `only` leaves everything outside of these boxes white. */
export async function renderPage(page: PdfPage, dpi: number, path: string, only?: readonly Box[]): Promise<GrayFile> {
  const { width, height } = pixelSize(page, dpi)
  await using writer = await GrayWriter.create(path, width, height)
  for (const { y, rows } of renderBands(page, width, height)) {
    if (only) keepOnly(only, dpi / 72, width, y, rows)
    await writer.write(y, rows)
  }
  return writer.image
}

export function isBlank(page: PdfPage): boolean {
  const { width, height } = pixelSize(page, dpiWithin(page, PREVIEW_DPI, 4e6))
  let [darkest, lightest] = [255, 0]
  for (const { rows } of renderBands(page, width, height)) {
    for (const value of rows) {
      if (value < darkest) darkest = value
      if (value > lightest) lightest = value
    }
    if (lightest - darkest > BLANK_RANGE_MAX) return false
  }
  return true
}

/** In colour, as rows of red, green and blue in a file. Each pixel is three bytes. */
export async function renderInColour(page: PdfPage, width: number, height: number, file: FileHandle): Promise<void> {
  const rgb = Buffer.alloc(width * Math.min(BAND_ROWS, height) * 3)
  for (const { rows } of renderBands(page, width, height, COLOUR)) {
    let at = 0
    for (let from = 0; from < rows.length; from += 4) {
      rgb[at++] = rows[from]!
      rgb[at++] = rows[from + 1]!
      rgb[at++] = rows[from + 2]!
    }
    await file.writeFile(rgb.subarray(0, at))
  }
}

/** Each band is valid until the next one is asked for. */
function* renderBands(
  page: PdfPage,
  width: number,
  height: number,
  { format, pixelBytes, flags } = IN_GRAY,
): Iterable<{ y: number; rows: Uint8Array }> {
  const { pdfium } = page
  const rowsMax = Math.min(BAND_ROWS, height)
  const rowBytes = width * pixelBytes
  const pointer = pdfium.pdfium.wasmExports.malloc(rowBytes * rowsMax)
  if (pointer === 0) throw new Error('Out of memory in PDFium.')
  try {
    for (let y = 0; y < height; y += rowsMax) {
      const count = Math.min(rowsMax, height - y)
      const bitmap = pdfium.FPDFBitmap_CreateEx(width, count, format, pointer, rowBytes)
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, count, WHITE)
      pdfium.FPDF_RenderPageBitmap(bitmap, page.handle, 0, -y, width, height, 0, DRAW_ANNOTATIONS | flags)
      pdfium.FPDFBitmap_Destroy(bitmap)
      yield { y, rows: pdfium.heap().subarray(pointer, pointer + rowBytes * count) }
    }
  } finally {
    pdfium.pdfium.wasmExports.free(pointer)
  }
}

function keepOnly(boxes: readonly Box[], scale: number, width: number, top: number, rows: Uint8Array): void {
  for (let start = 0, y = top; start < rows.length; start += width, y++) {
    let white = 0 // Everything before this column is decided.
    const spans = boxes
      .filter((box) => y >= box.top * scale && y < box.bottom * scale)
      .map((box) => [Math.floor(box.left * scale), Math.ceil(box.right * scale)] as const)
      .sort((a, b) => a[0] - b[0])
    for (const [left, right] of spans) {
      if (left > white) rows.fill(255, start + white, start + Math.min(left, width))
      white = Math.max(white, Math.min(right, width))
    }
    rows.fill(255, start + white, start + width)
  }
}
