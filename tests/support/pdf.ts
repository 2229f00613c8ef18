/** A plain PDF with a text layer, one entry a page, for tests that need pages and nothing else. */
import { makePdf as makePlannedPdf, textLines } from '../corpus/pdf.ts'

export function makePdf(pages: readonly string[], options: { password?: string } = {}): Buffer {
  const plans = pages.map((text) => ({ content: textLines([text]) }))
  return makePlannedPdf(plans, options)
}
