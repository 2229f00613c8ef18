/** Writes one change to a data folder and says so: `node write-once.ts FOLDER`. */
import { writeSync } from 'node:fs'
import { openStorage } from '../../src/storage.ts'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Expected the data folder as argument.')

const storage = openStorage(folder, { role: 'web' })
await storage.database.write((tx) => void tx.run("INSERT INTO journal VALUES ('s', 0, 'acknowledged', 0)"))
writeSync(1, 'acknowledged')
await storage[Symbol.asyncDispose]()
