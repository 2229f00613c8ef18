/** `knowbot ask`: reads what is named, asks, and prints the answer with its citations. */
import { basename } from 'node:path'
import type { AnswerResult } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { type AddedFile, addFiles } from './files.ts'
import { openLocalServer } from './local-server.ts'
import { harmless, printJson, printLine } from './print.ts'

// The API takes this many documents to look into; beyond it the whole folder is asked.
const NAMED_DOCUMENTS_MAX = 1000

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [question, ...paths] = positionals
  if (!question) throw new KnowBotError('usage', 'Expected a question. Usage: knowbot ask QUESTION [FILE|DIR]…')
  await using server = await openLocalServer(config)

  const added = paths.length > 0 ? await addFiles(server, paths) : []
  reportFailures(added)
  const documentIds = added.flatMap(({ document }) => (document?.status === 'ready' ? [document.id] : []))
  if (paths.length > 0 && documentIds.length === 0)
    throw new KnowBotError('no_readable_text', 'None of the named files could be read.')

  const scope = documentIds.length > 0 && documentIds.length <= NAMED_DOCUMENTS_MAX ? { documentIds } : {}
  const result = await server.call<AnswerResult>('POST', '/api/ask', { question, ...scope })
  if (flags['json']) printJson(result)
  else printAnswer(result)
  return 0
}

/** One line on standard error for each file that could not be read. */
export function reportFailures(added: readonly AddedFile[]): void {
  for (const { path, document, error } of added) {
    const reason = error?.message ?? document?.error?.message
    const name = harmless(basename(path))
    if (reason) process.stderr.write(`${name}: ${harmless(reason)}\n`)
    else if (document && document.pages.unreadable.length > 0) {
      process.stderr.write(`${name}: these pages could not be read: ${document.pages.unreadable.join(', ')}\n`)
    }
  }
}

function printAnswer({ answer, citations }: AnswerResult): void {
  printLine(answer)
  if (citations.length === 0) return
  printLine('')
  for (const { n, name, page, quote } of citations)
    printLine(`[${n}] ${name}, page ${page}: “${quote.replace(/\s+/g, ' ')}”`)
}
