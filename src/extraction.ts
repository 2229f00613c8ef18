/**
 * Foreign bytes to pages of text. The bytes are parsed in a child process only (`extraction/child.ts`), whose death is an
 * ordinary outcome: it costs the page in hand and nothing else.
 *
 * This module is loaded by web workers (for `sniffType`) and by job workers (for `extract`): it loads no npm package.
 */
import type { ErrorCode } from './errors.ts'
import type { DocumentType } from './extraction/file-type.ts'
import type { ExtractionLimits } from './extraction/limits.ts'
import { IMAGE_READER_BYTES, type Need, needOf, PDF_READER_BYTES, PROBE_BYTES } from './extraction/need.ts'
import type { Tools } from './extraction/tools.ts'

export { DOCUMENT_TYPES, type DocumentType, SNIFF_BYTES, sniffType } from './extraction/file-type.ts'
export { type ExtractionLimits, LIMITS } from './extraction/limits.ts'
export { type Need, PROBE_BYTES } from './extraction/need.ts'
export type { Tools } from './extraction/tools.ts'

/** A word with its place in `ExtractedPage.text` (UTF-16 range) and on the page (see `ExtractedPage.width`). */
export interface Word {
  start: number
  end: number
  x: number
  y: number
  width: number
  height: number
  /** 0 to 100 where the word was recognised, null where the document told it. */
  confidence: number | null
}

/** The range of a heading in `ExtractedPage.text`, marks such as `#` left out. */
export interface Heading {
  start: number
  end: number
  /** 1 is the highest. */
  level: number
}

export interface ExtractedPage {
  /** From 1. */
  number: number
  /** Lines end with LF; no NUL, no lone surrogates; not normalised. */
  text: string
  /** What the text was taken from; `none` is a blank page. */
  source: 'text' | 'ocr' | 'both' | 'none'
  /** Mean of the recognised words, 0 to 100. */
  confidence: number | null
  /** As declared by the document or asked for by the user (BCP 47). */
  language: string | null
  /** Size and boxes in the page's own units from the top left: points of a PDF, pixels of an image as it is shown. */
  width: number | null
  height: number | null
  words: readonly Word[] | null
  headings: readonly Heading[]
}

export type ExtractionEvent =
  | { kind: 'opened'; pagesTotal: number; title: string | null }
  | { kind: 'page'; page: ExtractedPage }
  | { kind: 'unreadable'; number: number; code: ErrorCode; message: string }

export interface ExtractionRequest {
  path: string
  type: DocumentType
  /** As the user calls the file, for messages. */
  name: string
  /** Where to go on after a stop, from 1. */
  firstPage?: number
  /**
   * Texts of the pages before this one, as they were given, in their order. Words that line ends divide are joined by what they say;
   * without it a reader that begins in the middle knows its own pages alone.
   */
  textsBefore?(page: number): Iterable<string>
  /** BCP 47, as `de` or `pt-BR`; several joined by `+`. Without it, text recognition reads English. */
  language?: string
  /** `built-in` leaves a native Tesseract aside. */
  textRecognition?: 'best' | 'built-in'
  password?: string
  signal: AbortSignal
  /** Working files go into a folder of their own in here, which is removed at the end. */
  temporaryFolder: string
  /** Told at the end: the most anonymous memory that the reader held, with all that it started. 0 where that cannot be seen. */
  onHighWater?(bytes: number): void
  limits?: Partial<ExtractionLimits>
}

/** What reading this document takes, by its headers, looked at in a cage of `PROBE_BYTES`; undefined where they tell nothing. */
export async function examine(request: ExtractionRequest): Promise<Need | undefined> {
  const { examineDocument } = await import('./extraction/reading.ts')
  const headers = await examineDocument({ ...request, limits: { ...request.limits, memoryBytesMax: PROBE_BYTES } })
  if (!headers || headers.pixels === 0) return undefined
  return needOf(headers, request.type === 'pdf' ? PDF_READER_BYTES : IMAGE_READER_BYTES)
}

/**
 * Reads a document page by page, at the pace of the caller: at most one page is read ahead. `opened` comes first, then each
 * page from `firstPage` on once, as `page` or as `unreadable`. Throws a `KnowBotError` where the document as a whole fails.
 */
export async function* extract(request: ExtractionRequest): AsyncIterable<ExtractionEvent> {
  const { readDocument } = await import('./extraction/reading.ts')
  yield* readDocument(request)
}

/**
 * Small plain text or Markdown, without another process: events as `extract` has them. Undefined where it is larger than
 * `bytesMax` or no UTF-8, which only the extractor reads.
 */
export async function extractPlain(
  request: Pick<ExtractionRequest, 'path' | 'type' | 'firstPage' | 'language'>,
  bytesMax: number,
): Promise<readonly ExtractionEvent[] | undefined> {
  const { readPlainUtf8 } = await import('./extraction/plain-utf8.ts')
  return readPlainUtf8(request, bytesMax)
}

/**
 * A picture of one page of a PDF or image, at most so many pixels wide, as a JPEG in the temporary folder. It belongs to the
 * caller, who removes it.
 */
export async function renderPage(request: ExtractionRequest, pageNumber: number, widthMax: number): Promise<string> {
  const { drawPage } = await import('./extraction/reading.ts')
  return drawPage(request, pageNumber, widthMax)
}

/** What this machine offers for text recognition. */
export async function detectTools(): Promise<Tools> {
  const { findTools } = await import('./extraction/tools.ts')
  return findTools()
}
