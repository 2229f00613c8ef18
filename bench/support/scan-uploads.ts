/** Scans of 3424 × 1926 with distinct bytes, uploaded to a server so many at once. */
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join, resolve } from 'node:path'
import { withTextChunk } from '../../tests/support/png.ts'
import { BOOTSTRAP_KEY, type TestServer } from '../../tests/support/server.ts'

export const SAMPLES = resolve(import.meta.dirname, '../../samples')
const BOUNDARY = 'between-parts'

const scan = await readFile(join(SAMPLES, 'board-minutes-scan.png'))

/** Milliseconds from the first byte to the 202 of each upload, sorted. The bodies are made before: making them takes longer than sending. */
export async function uploadScans(
  { url }: TestServer,
  round: number,
  count: number,
  atOnce = count,
): Promise<number[]> {
  const bodies = Array.from({ length: count }, (_, index) => formOf(round, index))
  const agent = new Agent({ keepAlive: true })
  const accepted: number[] = []
  const sendNext = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) accepted.push(await send(url, agent, body))
  }
  await Promise.all(Array.from({ length: atOnce }, sendNext))
  agent.destroy()
  return accepted.sort((a, b) => a - b)
}

function formOf(round: number, index: number): Buffer {
  const disposition = `Content-Disposition: form-data; name="file"; filename="scan-${round}-${index}.png"`
  const head = `--${BOUNDARY}\r\n${disposition}\r\nContent-Type: image/png\r\n\r\n`
  return Buffer.concat([
    Buffer.from(head),
    withTextChunk(scan, `copy ${round}-${index}`),
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ])
}

function send(url: string, agent: Agent, body: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = {
    authorization: `Bearer ${BOOTSTRAP_KEY}`,
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': body.byteLength,
  }
  let startedAt = Number.NaN
  const call = request(`${url}/api/documents`, { method: 'POST', agent, headers }, (response) => {
    const tookMs = performance.now() - startedAt
    response.resume().on('end', () => {
      if (response.statusCode === 202) resolve(tookMs)
      else reject(new Error(`An upload was answered ${response.statusCode}.`))
    })
  })
  call.on('error', reject)
  const begin = () => {
    startedAt = performance.now()
    call.end(body)
  }
  // To make twenty requests and their connections takes this process some 10 ms, which are not the server's.
  call.once('socket', (socket) => (socket.connecting ? socket.once('connect', begin) : begin()))
  return promise
}

export interface Scan {
  id: string
  name: string
  status: string
  error: { code: string; message: string } | null
}

export async function listScans(server: TestServer): Promise<Scan[]> {
  const { items } = (await (await server.fetch('/api/documents?limit=200')).json()) as { items: Scan[] }
  return items.filter(({ name }) => name.startsWith('scan-'))
}

/** What is deleted is read no more. */
export async function deleteUnread(server: TestServer): Promise<void> {
  for (const { id, status } of await listScans(server)) {
    if (status !== 'ready') await server.fetch(`/api/documents/${id}?purge=now`, { method: 'DELETE' })
  }
}
