/** Eight uploads of 50 MB at once: how far each web worker grows, and how each upload is answered. `node bench/uploads.ts` */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { BOOTSTRAP_KEY, startServer } from '../tests/support/server.ts'
import { readTree } from './support/process-memory.ts'

const UPLOADS = 8
const UPLOAD_BYTES = 50 * 1024 * 1024 - 1024
const LINE = Buffer.from('The archive keeps one line for every visitor of the reading room.\n'.repeat(1000))

await using server = await startServer()
await server.fetch('/api/documents')
const workers = () => readTree(server.process.pid!).filter(({ command }) => command.includes('web-worker'))
const before = new Map(workers().map(({ pid, anonymousMb }) => [pid, anonymousMb]))
let growthMb = 0
let isRunning = true
const sampler = (async () => {
  while (isRunning) {
    for (const { pid, anonymousMb } of workers()) growthMb = Math.max(growthMb, anonymousMb - (before.get(pid) ?? 0))
    await sleep(20)
  }
})()

const answers = await Promise.all(Array.from({ length: UPLOADS }, (_, index) => send(index)))
isRunning = false
await sampler
for (const answer of answers) console.log(answer)
console.log(
  `${UPLOADS} uploads of 50 MB at once: a web worker grew by at most ${growthMb.toFixed(1)} MB anonymous (demanded: 32)`,
)

/** Streams one upload without holding it, with distinct bytes each; resolves with status and body. */
function send(index: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const startedAt = performance.now()
  const head = Buffer.from(
    `--b\r\nContent-Disposition: form-data; name="file"; filename="big-${index}.txt"\r\n\r\n${index} `,
  )
  const tail = Buffer.from('\r\n--b--\r\n')
  const url = new URL('/api/documents', server.url)
  const headers = {
    authorization: `Bearer ${BOOTSTRAP_KEY}`,
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': head.length + UPLOAD_BYTES + tail.length,
  }
  const call = request(url, { method: 'POST', headers }, async (response) => {
    let text = ''
    for await (const chunk of response) text += chunk
    resolve(
      `${response.statusCode} after ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${text.slice(0, 160)}`,
    )
  })
  call.on('error', reject)
  call.write(head)
  let left = UPLOAD_BYTES
  const pump = () => {
    while (left > 0) {
      const piece = LINE.subarray(0, Math.min(left, LINE.length))
      left -= piece.length
      if (!call.write(piece)) return call.once('drain', pump)
    }
    return call.end(tail)
  }
  pump()
  return promise
}
