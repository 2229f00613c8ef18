/** An open page: its size as it is shown, and the way from the page's own coordinates to that. */
import { KnowBotError } from '../../errors.ts'
import { type PdfDocument, type Pdfium, readNumbers } from './library.ts'

/** Points. A larger box is a lie or a poster; both are refused before the page is loaded. */
const SIDE_POINTS_MAX = 200 * 72

export interface Box {
  /** Points from the top left of the page as it is shown. */
  left: number
  top: number
  right: number
  bottom: number
}

export class PdfPage {
  readonly pdfium: Pdfium
  readonly handle: number
  readonly width: number
  readonly height: number
  readonly #toShown: Matrix

  private constructor(pdfium: Pdfium, handle: number, width: number, height: number) {
    this.pdfium = pdfium
    this.handle = handle
    this.width = width
    this.height = height
    this.#toShown = shownMatrix(pdfium, handle, width, height)
  }

  static open(document: PdfDocument, index: number): PdfPage {
    const { pdfium, handle } = document
    const size = readNumbers(pdfium, 'float', 2, (pointer) => pdfium.FPDF_GetPageSizeByIndexF(handle, index, pointer!))
    if (!size) throw unreadable('The page cannot be found in the document.')
    const [width, height] = size as [number, number]
    if (!(width > 0 && height > 0 && width <= SIDE_POINTS_MAX && height <= SIDE_POINTS_MAX)) {
      throw unreadable(`Expected a page of at most 200 × 200 inches, got ${inches(width)} × ${inches(height)}.`)
    }
    const page = pdfium.FPDF_LoadPage(handle, index)
    if (page === 0) throw unreadable('The page is damaged.')
    return new PdfPage(pdfium, page, width, height)
  }

  /** From user space, whose origin is anywhere and whose y grows upwards, and which may be turned. */
  show(left: number, bottom: number, right: number, top: number): Box {
    const [x1, y1] = apply(this.#toShown, left, bottom)
    const [x2, y2] = apply(this.#toShown, right, top)
    return { left: Math.min(x1, x2), top: Math.min(y1, y2), right: Math.max(x1, x2), bottom: Math.max(y1, y2) }
  }

  [Symbol.dispose](): void {
    this.pdfium.FPDF_ClosePage(this.handle)
  }
}

export function unreadable(message: string): KnowBotError {
  return new KnowBotError('page_unreadable', message)
}

function inches(points: number): string {
  return String(Math.round(points / 72))
}

export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

export function apply([a, b, c, d, e, f]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f]
}

/** First `inner`, then `outer`. */
export function multiply(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner
  const [A, B, C, D, E, F] = outer
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F]
}

/** PDFium tells single points, in whole device pixels: ask for three of them on a device of thousandths of a point. */
function shownMatrix(pdfium: Pdfium, page: number, width: number, height: number): Matrix {
  const SCALE = 1000
  const SPAN = 1000
  const place = (x: number, y: number): [number, number] => {
    const at = readNumbers(pdfium, 'i32', 2, (px, py) =>
      pdfium.FPDF_PageToDevice(page, 0, 0, Math.round(width * SCALE), Math.round(height * SCALE), 0, x, y, px!, py!),
    )
    return at ? [at[0]! / SCALE, at[1]! / SCALE] : [x, height - y]
  }
  const [e, f] = place(0, 0)
  const [ax, ay] = place(SPAN, 0)
  const [cx, cy] = place(0, SPAN)
  return [(ax - e) / SPAN, (ay - f) / SPAN, (cx - e) / SPAN, (cy - f) / SPAN, e, f]
}
