/** `knowbot serve`: settings in, supervisor running, exit code out. */
import { flushCompileCache } from 'node:module'
import type { ExitCode, Invocation } from '../cli.ts'
import { printLine } from './print.ts'
import { countWorkers, startSupervisor } from './supervisor.ts'

export async function run({ config, flags, reread }: Invocation): Promise<ExitCode> {
  if (flags['check-config']) {
    // Loaded for this alone: the supervisor carries none of it. An application of somebody else has its own settings.
    if (config.application === undefined) (await import('../knowbot.ts')).checkConfig(config)
    printLine('The settings are valid.')
    return 0
  }
  if (config.workers === 'auto') printLine(countWorkers(config).arithmetic)
  const supervisor = await startSupervisor(config, { addresses: config.bind, reread })
  for (const { label, url } of supervisor.addresses) if (label === 'public') printLine(`Listening on ${url}`)
  for (const line of supervisor.announcements) printLine(line)
  // Not awaited alone: the server may be stopped, or keep trying, before a worker answers.
  void supervisor.ready.then(() => printLine('Ready.'))
  void supervisor.ready.then(() => flushCompileCache()) // Or a server that is killed would never write it.
  const code = await supervisor.stopped
  return code === 0 ? 0 : 1
}
