/** What the tests of the runtime run as their server: options as JSON on the command line. */

import { readFileSync } from 'node:fs'
import { createLog } from '../../src/lib/log.ts'
import { inheritedDescriptors, SuperviseError, supervise } from '../../src/runtime.ts'

const options = JSON.parse(process.argv[2]!)
process.on('SIGWINCH', () => process.stderr.write(`resources ${JSON.stringify(process.getActiveResourcesInfo())}\n`))
try {
  const supervisor = await supervise({
    ...options,
    ...inheritedDescriptors(process.env),
    ...(options.reloadFile ? { reload: () => JSON.parse(readFileSync(options.reloadFile, 'utf8')) } : {}),
    log: createLog({ level: 'debug' }),
  })
  for (const { url } of supervisor.addresses) process.stdout.write(`${url}\n`)
  for (const line of supervisor.announcements) process.stdout.write(`${line}\n`)
  if (!options.isImpatient) await supervisor.ready
  process.stdout.write('ready\n')
  process.exitCode = await supervisor.stopped
} catch (error) {
  if (!(error instanceof SuperviseError)) throw error
  process.stdout.write(`refused ${error.code} ${error.message}\n`)
  process.exitCode = error.exitCode
}
