/** A job application that speaks out of turn while it is loaded, and then does its work. */
import { appendFileSync } from 'node:fs'
import type { JobApplication } from '../../../src/runtime.ts'

process.stdout.write('Debugger listening on ws://127.0.0.1:9229\n')
process.stderr.write('(node) [DEP0040] DeprecationWarning\n')
for (const noise of [
  'hello',
  42,
  null,
  ['ready'],
  { type: 'ready-made' },
  { cmd: 'NODE_NOISE' },
  { type: 'grant', bytes: 1e12 },
]) {
  process.send?.(noise as never)
}

export default {
  async run() {
    appendFileSync(`${process.env['TEST_FOLDER']}/runs`, `${process.pid}\n`)
  },
} satisfies JobApplication
