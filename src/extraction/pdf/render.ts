/** A page as gray rows in a file, drawn in bands: one band is all that is in memory. */
import { type GrayFile, GrayWriter } from '../ocr/gray-file.ts'
import { BLANK_RANGE_MAX } from '../ocr/survey.ts'
import type { Box, PdfPage } from './page.ts'

const BAND_ROWS = 640
const GRAY = 1
const BGRX = 3
/** Stamps and filled forms are drawn too. */
const DRAW_ANNOTATIONS = 0x01
const DRAW_GRAY = 0x08
const RED_FIRST = 0x10
const WHITE = 0xffffffff
const PREVIEW_DPI = 50
const VIEW_DPI_MAX = 300

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

/** RGBA in one piece: `pixelsMax` is what bounds it. */
export function drawInColour(page: PdfPage, pixelsMax: number): { width: number; height: number; pixels: Uint8Array } {
  const { pdfium } = page
  const { width, height } = pixelSize(page, dpiWithin(page, VIEW_DPI_MAX, pixelsMax))
  const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, BGRX, 0, 0)
  if (bitmap === 0) throw new Error('Out of memory in PDFium.')
  try {
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE)
    pdfium.FPDF_RenderPageBitmap(bitmap, page.handle, 0, 0, width, height, 0, DRAW_ANNOTATIONS | RED_FIRST)
    const start = pdfium.FPDFBitmap_GetBuffer(bitmap)
    return { width, height, pixels: pdfium.heap().slice(start, start + width * height * 4) }
  } finally {
    pdfium.FPDFBitmap_Destroy(bitmap)
  }
}

/** Each band is valid until the next one is asked for. */
function* renderBands(page: PdfPage, width: number, height: number): Iterable<{ y: number; rows: Uint8Array }> {
  const { pdfium } = page
  const rowsMax = Math.min(BAND_ROWS, height)
  const pointer = pdfium.pdfium.wasmExports.malloc(width * rowsMax)
  if (pointer === 0) throw new Error('Out of memory in PDFium.')
  try {
    for (let y = 0; y < height; y += rowsMax) {
      const count = Math.min(rowsMax, height - y)
      const bitmap = pdfium.FPDFBitmap_CreateEx(width, count, GRAY, pointer, width)
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, count, WHITE)
      pdfium.FPDF_RenderPageBitmap(bitmap, page.handle, 0, -y, width, height, 0, DRAW_ANNOTATIONS | DRAW_GRAY)
      pdfium.FPDFBitmap_Destroy(bitmap)
      yield { y, rows: pdfium.heap().subarray(pointer, pointer + width * count) }
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
