/** A job worker as a process of its own: reads the documents that are queued in a data folder: `node document-worker.ts FOLDER`. */
import { constants, setPriority } from 'node:os'
import { openDocuments } from '../../src/documents.ts'
import { openJobs } from '../../src/jobs.ts'
import { createLog } from '../../src/lib/log.ts'
import { openMessages } from '../../src/lib/messages.ts'
import { GIB } from '../../src/lib/units.ts'
import { openSearch } from '../../src/search.ts'
import { openStorage } from '../../src/storage.ts'

setPriority(constants.priority.PRIORITY_BELOW_NORMAL) // As bin/job-worker.ts does.
const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Expected the data folder as argument.')

await using storage = openStorage(folder, { role: 'job' })
const messages = openMessages()
const log = createLog({ level: 'warn' })
const jobs = openJobs({ database: storage.database, messages, log })
const search = openSearch(storage)
const documents = openDocuments({ storage, search, jobs, messages, log, limits: { uploadBytesMax: GIB } })
process.send?.('ready')
await jobs.run(documents.tasks, { signal: new AbortController().signal, idleMs: 0 })
process.disconnect?.()
