/** Process 1, the command: hands its arguments to the command line and keeps its exit code. `serve` makes it the supervisor. */
import { main } from '../cli.ts'
import { restartEnvironment } from '../config.ts'

/**
 * The smallest young generation, no helper threads, and no compiler: the supervisor has little to do, and never in a hurry. What the
 * compilers of V8 take for a moment the C library keeps: 15 MB after 2,500 questions about the status, which are 0.2 MB without them.
 */
const SMALL = ['--max-semi-space-size=1', '--v8-pool-size=0', '--no-opt', '--no-maglev', '--no-sparkplug']

// Messages of its children are read into 64 KB at a time, which the C library would keep: 3 MB after the first job.
const FRUGAL = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '65536' }

const args = process.argv.slice(2)
if (args[0] === 'serve') restartSmall()
process.exitCode = await main(args)

/**
 * The supervisor lives for months, so it pays to begin again, as the same process, with the compile cache and as a small
 * Node: 14 MB instead of 39. Not where something was inherited: Node marks every descriptor to be closed at `execve`.
 */
function restartSmall(): void {
  const isSmall = SMALL.every((option) => process.execArgv.includes(option))
  const inherits = process.connected || args.some((arg) => arg.includes('fd://'))
  const environment = isSmall || inherits ? undefined : restartEnvironment()
  if (environment === undefined || process.execve === undefined) return
  const line = [process.execPath, ...process.execArgv, ...SMALL, ...process.argv.slice(1)]
  process.execve(process.execPath, line, { ...FRUGAL, ...environment })
}
