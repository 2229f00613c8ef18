/** `knowbot backup`, `restore`, `verify`: they read the folder themselves, because a copy must not cost the server anything. */
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { restoreBackup, type Verification, verifyBackup, verifyFolder, writeBackup } from '../knowbot.ts'
import { printBytes } from '../lib/units.ts'
import { printJson, printLine } from './print.ts'

export async function backup({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const file = named(positionals, 'backup FILE')
  const manifest = await writeBackup(config.data, file)
  const { database, originals } = manifest
  if (flags['json']) printJson(manifest)
  else
    printLine(
      `${file}: database ${printBytes(database.bytes)}, ${originals.count} originals ${printBytes(originals.bytes)}`,
    )
  return 0
}

export async function restore({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const found = await restoreBackup(named(positionals, 'restore FILE --data DIR'), config.data)
  if (flags['json']) printJson(found)
  else printLine(`${config.data}: ${describe(found)}`)
  return 0
}

export async function verify({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [file] = positionals
  const found = file === undefined ? await verifyFolder(config.data) : await verifyBackup(file)
  if (flags['json']) printJson(found)
  else {
    printLine(`${file ?? config.data}: ${describe(found)}`)
    for (const line of found.damage) printLine(`! ${line}`)
  }
  return found.damage.length === 0 ? 0 : 1
}

function named([file]: readonly string[], usage: string): string {
  if (file === undefined) throw new KnowBotError('usage', `Expected a file. Usage: knowbot ${usage}`)
  return file
}

function describe({ documents, originals, bytes, vectors, damage }: Verification): string {
  const state = damage.length === 0 ? 'nothing damaged' : `${damage.length} damaged`
  const meanings = vectors === 0 ? '' : `, ${vectors} vectors`
  return `${documents} documents, ${originals} originals ${printBytes(bytes)}${meanings}, ${state}`
}
