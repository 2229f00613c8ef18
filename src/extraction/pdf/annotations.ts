/** What people wrote into a page afterwards: values of form fields, and notes that stand on the page. Not part of its layer. */
import { cleanText } from '../clean-text.ts'
import type { PlacedWord } from '../placed-text.ts'
import { readNumbers, withMemory } from './library.ts'
import type { PdfPage } from './page.ts'

const ANNOTATIONS_MAX = 5_000
const FREE_TEXT = 3
const WIDGET = 20
/** Hidden, or not for the screen. */
const UNSEEN_FLAGS = 0x02 | 0x20
const VALUE_BYTES_MAX = 64 * 1024

/** Each value is a line of its own; its words have the box of the field. */
export function readAnnotations(page: PdfPage): PlacedWord[] {
  const { pdfium } = page
  const count = Math.min(ANNOTATIONS_MAX, pdfium.FPDFPage_GetAnnotCount(page.handle))
  const words: PlacedWord[] = []
  for (let index = 0; index < count; index++) {
    const annotation = pdfium.FPDFPage_GetAnnot(page.handle, index)
    if (annotation === 0) continue
    try {
      words.push(...placeValue(page, annotation, words.length === 0))
    } finally {
      pdfium.FPDFPage_CloseAnnot(annotation)
    }
  }
  return words
}

function placeValue(page: PdfPage, annotation: number, isFirst: boolean): PlacedWord[] {
  const text = readValue(page, annotation)
  const rectangle = readNumbers(page.pdfium, 'float', 4, (start) => page.pdfium.FPDFAnnot_GetRect(annotation, start!))
  if (text === '' || !rectangle) return []
  const [left, top, right, bottom] = rectangle as [number, number, number, number]
  const box = page.show(left, bottom, right, top)
  const place = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, confidence: null }
  const lineGap = isFirst ? '\n\n' : '\n'
  return text.split(/\s+/).map((word, index) => ({ text: word, gap: index === 0 ? lineGap : ' ', ...place }))
}

function readValue({ pdfium }: PdfPage, annotation: number): string {
  if ((pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN_FLAGS) !== 0) return ''
  const read = (key: string) =>
    withMemory(pdfium, VALUE_BYTES_MAX, (pointer, bytes) => {
      const written = pdfium.FPDFAnnot_GetStringValue(annotation, key, pointer, bytes)
      if (written <= 2 || written > bytes) return ''
      return cleanText(Buffer.from(pdfium.heap().subarray(pointer, pointer + written - 2)).toString('utf16le')).trim()
    })
  switch (pdfium.FPDFAnnot_GetSubtype(annotation)) {
    case FREE_TEXT:
      return read('Contents')
    case WIDGET:
      return ['Tx', 'Ch'].includes(read('FT')) ? read('V') : '' // Of buttons the value is a name nobody sees.
    default:
      return ''
  }
}
