/** What one document may cost. Every limit is named in the error it leads to. */
import { MINUTE_MS } from '../lib/units.ts'

export interface ExtractionLimits {
  /** Pages beyond are reported as unreadable. */
  pagesMax: number
  /** UTF-16 units of all pages together. */
  textCharactersMax: number
  /** Decoded in one go. */
  imagePixelsMax: number
  /** Decoded row by row, where the format allows it. */
  imagePixelsByRowsMax: number
  htmlDepthMax: number
  /** Wall time of opening, and of one page without text recognition. */
  pageWallMsMax: number
  /** CPU time of recognising one page of up to 5 megapixels, and more for each megapixel above. */
  ocrCpuMsMax: number
  ocrCpuMsPerMegapixelMax: number
  /** What reader and recognition together may take; null: as much as they want. Larger pages are read in smaller plans. */
  memoryBytesMax: number | null
}

export const LIMITS: ExtractionLimits = {
  pagesMax: 2_000,
  textCharactersMax: 10_000_000,
  imagePixelsMax: 50_000_000,
  imagePixelsByRowsMax: 200_000_000,
  htmlDepthMax: 512,
  pageWallMsMax: MINUTE_MS,
  ocrCpuMsMax: 20_000,
  ocrCpuMsPerMegapixelMax: 4_000,
  memoryBytesMax: null,
}

const MEGAPIXELS_INCLUDED = 5

/** CPU time that the recognition of a page with this many pixels may take. */
export function ocrCpuMsFor(pixels: number, limits: ExtractionLimits): number {
  const megapixelsMore = Math.max(0, pixels / 1e6 - MEGAPIXELS_INCLUDED)
  return Math.round(limits.ocrCpuMsMax + limits.ocrCpuMsPerMegapixelMax * megapixelsMore)
}

/** Wall time for the same: six times, because the processor is shared with those who wait for an answer. */
export function ocrWallMsFor(pixels: number, limits: ExtractionLimits): number {
  return 6 * ocrCpuMsFor(pixels, limits)
}
