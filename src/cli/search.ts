/** `knowbot search`: passages, best first. */
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
  else for (const hit of result.hits) printLine(`${hit.name}, page ${hit.page}\n  ${hit.text.replace(/\s+/g, ' ')}\n`)
  return 0
}

function readLimit(text: unknown): number {
  if (text === undefined) return 10
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new KnowBotError('usage', `--limit: expected a whole number from 1 to 100, got "${text}".`)
  return limit
}
