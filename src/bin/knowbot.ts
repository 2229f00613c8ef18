/** Process 1, the command: hands its arguments to the command line and keeps its exit code. `serve` makes it the supervisor. */
import { main } from '../cli.ts'

process.exitCode = await main(process.argv.slice(2))
