/** `knowbot serve`: settings in, supervisor running, exit code out. */
import type { ExitCode, Invocation } from '../cli.ts'
import { startSupervisor } from './supervisor.ts'

export async function run({ config, flags }: Invocation): Promise<ExitCode> {
  if (flags['check-config']) {
    process.stdout.write('The settings are valid.\n')
    return 0
  }
  const supervisor = await startSupervisor(config, config.bind)
  const code = await supervisor.stopped
  return code === 0 ? 0 : 1
}
