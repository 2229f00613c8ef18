/** What reading a page takes, reckoned from what a reader has seen in the headers (`ocr/memory.ts` has the figures). */
import { MIB } from '../lib/units.ts'
import { type EngineKind, engineBytes } from './ocr/memory.ts'
import { findTesseract } from './tools.ts'

/** Of the largest page. */
export interface Headers {
  pixels: number
  /** In pixels. */
  width: number
  /** For decoding it alone; 0 where it is drawn in bands. */
  decodingBytes: number
}

export interface Need {
  /** With less it cannot be read at all. */
  leastBytes: number
  /** More is of no use. */
  wantedBytes: number
}

/** What a reader takes for looking into the headers: Node and the library that opens the file. */
export const PROBE_BYTES = 56 * MIB
/** The reader itself, measured once a page has been decoded or drawn. */
export const IMAGE_READER_BYTES = 45 * MIB
export const PDF_READER_BYTES = 55 * MIB
/** Rows of a band: smaller ones lose words at their edges. */
export const BAND_ROWS_MIN = 640

let engine: Promise<EngineKind> | undefined

export async function needOf({ pixels, width, decodingBytes }: Headers, readerBytes: number): Promise<Need> {
  engine ??= findTesseract().then((native) => (native ? 'native' : 'built-in'))
  const kind = await engine
  const withPixels = (count: number) => Math.max(readerBytes + engineBytes(kind, count), decodingBytes)
  const wantedBytes = withPixels(pixels)
  return { leastBytes: Math.min(wantedBytes, withPixels(width * BAND_ROWS_MIN)), wantedBytes }
}
