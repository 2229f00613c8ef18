/** Holds the write lock of a data folder: `node lock-holder.ts FOLDER MILLISECONDS`. Sends a message once it has it. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const [folder, ms] = process.argv.slice(2)
if (!folder || !ms) throw new Error('Expected a data folder and milliseconds as arguments.')

const database = new DatabaseSync(join(folder, 'knowbot.sqlite'), { timeout: 5000 })
database.exec('BEGIN IMMEDIATE')
process.send?.('held')
setTimeout(() => {
  database.exec('COMMIT')
  process.disconnect?.()
}, Number(ms))
