/**
 * What door and extractor say to each other, as JSON over the channel that Node opens between parent and child.
 *
 *   door → extractor   start     once: what to read, and from which page on
 *                      more      one page more may be read (two from the start: one at the caller, one ahead)
 *   extractor → door   ready     once: it runs, and may be caged and told to start
 *                      working   a page was begun (0: the document itself), and how long it may take
 *                      event     opened, page, unreadable
 *                      failed    the document as a whole cannot be read; the extractor ends
 *                      worn      the extractor is used up (memory); it ends, and another goes on after the page in hand
 *                      examined  instead of reading: what the headers say of the largest page; the extractor ends
 *                      done      nothing is left to read; the extractor ends
 *
 * An extractor that ends without `failed`, `worn` or `done` has died, which costs the page it was working on.
 */
import type { ErrorCode } from '../errors.ts'
import { isErrorCode } from '../errors.ts'
import type { ExtractionEvent } from '../extraction.ts'
import type { DocumentType } from './file-type.ts'
import type { ExtractionLimits } from './limits.ts'
import type { Headers } from './need.ts'

export interface ReaderRequest {
  path: string
  type: DocumentType
  name: string
  firstPage: number
  /** Of the pages before that (`hyphens.ts`). */
  knownWords: readonly string[]
  language: string | null
  textRecognition: 'best' | 'built-in'
  password: string | null
  /** For working files; the door removes it. */
  folder: string
  limits: ExtractionLimits
  render: RenderTask | null
  /** Instead of reading, the headers are looked at. */
  isProbe: boolean
}

/** Instead of reading, one page is drawn. */
export interface RenderTask {
  /** From 1. */
  page: number
  widthMax: number
  /** Where the JPEG goes. */
  target: string
}

export type ToExtractor = { kind: 'start'; request: ReaderRequest } | { kind: 'more' }

export type FromExtractor =
  | { kind: 'ready' }
  | { kind: 'working'; page: number; wallMs: number; cpuMs: number }
  | { kind: 'event'; event: ExtractionEvent }
  | { kind: 'failed'; code: ErrorCode; message: string }
  | { kind: 'worn'; code: ErrorCode; message: string }
  | { kind: 'examined'; headers: Headers }
  | { kind: 'done' }

export const PAGES_AHEAD = 1

/** The extractor handles foreign bytes, so what it says is checked: undefined is a message that it should not have sent. */
export function readMessage(value: unknown): FromExtractor | undefined {
  if (!isRecord(value)) return undefined
  switch (value['kind']) {
    case 'working':
      return [value['page'], value['wallMs'], value['cpuMs']].every(isCount) ? (value as FromExtractor) : undefined
    case 'examined':
      return isHeaders(value['headers']) ? (value as FromExtractor) : undefined
    case 'failed':
    case 'worn':
      return isErrorCode(value['code']) && typeof value['message'] === 'string' ? (value as FromExtractor) : undefined
    case 'ready':
    case 'done':
      return { kind: value['kind'] }
    case 'event':
      return isEvent(value['event']) ? (value as FromExtractor) : undefined
    default:
      return undefined
  }
}

function isHeaders(headers: unknown): boolean {
  return isRecord(headers) && [headers['pixels'], headers['width'], headers['decodingBytes']].every(isCount)
}

function isEvent(event: unknown): boolean {
  if (!isRecord(event)) return false
  switch (event['kind']) {
    case 'opened':
      return isCount(event['pagesTotal'])
    case 'unreadable':
      return isCount(event['number']) && isErrorCode(event['code']) && typeof event['message'] === 'string'
    case 'page':
      return isPage(event['page'])
    default:
      return false
  }
}

function isPage(page: unknown): boolean {
  if (!isRecord(page)) return false
  const { number, text, words, headings } = page
  if (!isCount(number) || typeof text !== 'string') return false
  const inText = (range: unknown) =>
    isRecord(range) && isCount(range['start']) && isCount(range['end']) && range['end'] <= text.length
  return (
    (words === null || (Array.isArray(words) && words.every(inText))) &&
    Array.isArray(headings) &&
    headings.every(inText)
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
