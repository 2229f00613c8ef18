/** Process 1, the command: hands its arguments to the command line and keeps its exit code. `serve` makes it the supervisor. */
import process, { env } from 'node:process'
import { main } from '../cli.ts'
import { compileCacheEnvironment } from '../config.ts'

const args = process.argv.slice(2)
if (args[0] === 'serve') restartSmall()
process.exitCode = await main(args)

/**
 * The supervisor lives for months, so it pays to begin again, as the same process, with the compile cache: 9 MB instead of 39.
 * Not where that would close something that was inherited: Node marks every descriptor to be closed at `execve`.
 */
function restartSmall(): void {
  const cache = compileCacheEnvironment()
  const inherits = env['LISTEN_FDS'] !== undefined || args.some((arg) => arg.includes('fd://')) || process.connected
  if (Object.keys(cache).length === 0 || inherits || process.execve === undefined) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...env,
    ...cache,
  })
}
