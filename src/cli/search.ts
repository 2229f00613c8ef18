/** `knowbot search`: passages, best first, each with the part of it that speaks of what was searched for. */
import type { SearchAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { openLocalServer } from './local-server.ts'
import { printJson, printLine } from './print.ts'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const query = positionals.join(' ')
  if (query === '') throw new KnowBotError('usage', 'Expected what to search for. Usage: knowbot search QUERY')
  await using server = await openLocalServer(config)
  const result = await server.call<SearchAnswer>('POST', '/api/search', { query, limit: readLimit(flags['limit']) })
  if (flags['json']) printJson(result)
  else printResult(result)
  return 0
}

function printResult({ hits, didYouMean }: SearchAnswer): void {
  if (didYouMean !== null) printLine(`Searched for: ${didYouMean}\n`)
  if (hits.length === 0) printLine('Nothing found.')
  for (const { name, page, heading, text, snippet } of hits) {
    const place = heading === '' ? `${name}, page ${page}` : `${name}, page ${page}: ${heading}`
    const before = snippet.start > 0 ? '… ' : ''
    const after = snippet.end < text.length ? ' …' : ''
    printLine(`${place}\n  ${before}${text.slice(snippet.start, snippet.end).replace(/\s+/g, ' ').trim()}${after}\n`)
  }
}

function readLimit(text: unknown): number {
  if (text === undefined) return 10
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new KnowBotError('usage', `--limit: expected a whole number from 1 to 100, got "${text}".`)
  return limit
}
