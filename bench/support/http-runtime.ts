/** The benchmark's application under the runtime: `node http-runtime.ts FOLDER WORKERS`. */
import { join } from 'node:path'
import { createLog } from '../../src/lib/log.ts'
import { supervise } from '../../src/runtime.ts'

const folder = process.argv[2]!
const supervisor = await supervise({
  binds: [{ label: 'public', address: '127.0.0.1:0' }],
  application: join(import.meta.dirname, 'http-app.ts'),
  workers: Number(process.argv[3]),
  environment: {},
  lockFile: join(folder, 'lock'),
  controlSocket: join(folder, 'control.sock'),
  log: createLog({ level: 'error' }),
})
await supervisor.ready
process.stdout.write(`${supervisor.addresses[0]!.url}\n`)
process.exitCode = await supervisor.stopped
