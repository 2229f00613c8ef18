/** `knowbot add`: reads files into the data folder. */
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { reportFailures } from './ask.ts'
import { type AddedFile, addFiles } from './files.ts'
import { openLocalServer } from './local-server.ts'
import { printJson, printLine } from './print.ts'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  if (positionals.length === 0)
    throw new KnowBotError('usage', 'Expected files or folders. Usage: knowbot add FILE|DIR…')
  await using server = await openLocalServer(config)
  const added = await addFiles(server, positionals)
  if (flags['json']) printJson(added.map(describe))
  else {
    reportFailures(added)
    printLine(`${added.filter(isReady).length} of ${added.length} ready`)
  }
  return added.every(isReady) ? 0 : 1
}

function describe({ path, document, error }: AddedFile): unknown {
  return { path, document: document ?? null, error: error ? { code: error.code, message: error.message } : null }
}

function isReady({ document }: AddedFile): boolean {
  return document?.status === 'ready'
}
