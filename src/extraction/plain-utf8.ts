/** Small plain text, in the process that asks: for servers that can start no other. Bytes that are not UTF-8 are left to the extractor. */
import { open } from 'node:fs/promises'
import type { ExtractionEvent, ExtractionRequest } from '../extraction.ts'
import { cleanText } from './clean-text.ts'
import { findHeadings, findTitle } from './markdown.ts'
import { textPage } from './reader.ts'

/** Events as `extract` has them; undefined where it is no UTF-8, or larger than `bytesMax`. */
export async function readPlainUtf8(
  {
    path,
    type,
    firstPage = 1,
    language = null,
  }: Pick<ExtractionRequest, 'path' | 'type' | 'firstPage'> & {
    language?: string | null
  },
  bytesMax: number,
): Promise<ExtractionEvent[] | undefined> {
  const bytes = await readSmall(path, bytesMax)
  const decoded = bytes && decode(bytes)
  if (decoded === undefined) return undefined
  const text = cleanText(decoded)
  const headings = type === 'markdown' ? findHeadings(text) : []
  const title = type === 'markdown' ? findTitle(text, headings) : null
  const page = textPage(text, { headings, language })
  const opened: ExtractionEvent = { kind: 'opened', pagesTotal: 1, title }
  return firstPage === 1 ? [opened, { kind: 'page', page }] : [opened]
}

async function readSmall(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0)
  return bytesRead > bytesMax ? undefined : buffer.subarray(0, bytesRead)
}

/** A byte order mark of UTF-8 is left out by the decoder; one of UTF-16 is no UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
