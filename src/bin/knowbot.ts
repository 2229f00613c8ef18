/** Process 1, the command: hands its arguments to the command line and keeps its exit code. `serve` makes it the supervisor. */
import { main } from '../cli.ts'
import { restartEnvironment } from '../config.ts'

const args = process.argv.slice(2)
if (args[0] === 'serve') restartSmall()
process.exitCode = await main(args)

/**
 * The supervisor lives for months, so it pays to begin again, as the same process, with the compile cache: 13 MB instead of 39.
 * Not where something was inherited: Node marks every descriptor to be closed at `execve`.
 */
function restartSmall(): void {
  const inherits = process.connected || args.some((arg) => arg.includes('fd://'))
  const environment = inherits ? undefined : restartEnvironment()
  if (environment === undefined || process.execve === undefined) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...environment,
  })
}
