/** Plain text and Markdown: one page, its text untouched but for line ends. */
import { KnowBotError } from '../errors.ts'
import type { Heading } from '../extraction.ts'
import { cleanText } from './clean-text.ts'
import { decodeFile } from './decoding.ts'
import { findHeadings, findTitle } from './markdown.ts'
import { type Reader, textPage } from './reader.ts'

export const readPlainText: Reader = (job) => readWhole(job, () => ({ headings: [], title: null }))

export const readMarkdown: Reader = (job) =>
  readWhole(job, (text) => {
    const headings = findHeadings(text)
    return { headings, title: findTitle(text, headings) }
  })

async function* readWhole(
  job: Parameters<Reader>[0],
  structure: (text: string) => { headings: readonly Heading[]; title: string | null },
): ReturnType<Reader> {
  job.startPage(1, job.limits.pageWallMsMax)
  const { chunks } = await decodeFile(job.path)
  const text = cleanText(await join(chunks, job.limits.textCharactersMax, job.name))
  const { headings, title } = structure(text)
  yield { kind: 'opened', pagesTotal: 1, title }
  if (job.firstPage === 1) yield { kind: 'page', page: textPage(text, { headings, language: job.language }) }
}

async function join(chunks: AsyncIterable<string>, charactersMax: number, name: string): Promise<string> {
  const parts: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > charactersMax) throw textLimit(charactersMax, name)
    parts.push(chunk)
  }
  return parts.join('')
}

export function textLimit(charactersMax: number, name: string): KnowBotError {
  const limit = charactersMax.toLocaleString('en')
  return new KnowBotError(
    'text_limit',
    `Expected at most ${limit} characters of text, got more: ${name}. Split the file.`,
  )
}
