/** Anonymous memory of the whole idle server, process by process, with the sample documents indexed: `node bench/idle-memory.ts`. */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer, upload } from '../tests/support/server.ts'
import { readTree, sumMb } from './support/process-memory.ts'

const SAMPLES = resolve(import.meta.dirname, '../samples')
// Long enough for job workers to end and for the collector to have come by; nothing is asserted by it.
const SETTLE_MS = 15_000

await using server = await startServer()
print('after the start', readTree(server.process.pid!))

for (const name of await readdir(SAMPLES)) {
  if (/\.(md|txt|html|pdf|png)$/.test(name) && name !== 'README.md')
    await upload(server, name, await readFile(join(SAMPLES, name)))
}
await server.fetch('/api/ask', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ question: 'What is this about?' }),
})
await sleep(SETTLE_MS)
print('idle, samples indexed and one question asked', readTree(server.process.pid!))

function print(when: string, tree: ReturnType<typeof readTree>): void {
  console.log(`${when}: ${sumMb(tree).toFixed(1)} MB anonymous in ${tree.length} processes`)
  for (const { command, anonymousMb } of tree) console.log(`  ${anonymousMb.toFixed(1).padStart(6)}  ${command}`)
}
