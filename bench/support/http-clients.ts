/**
 * Clients on kept connections that ask as fast as they are answered: `node http-clients.ts URL CLIENTS SECONDS PID`, where PID is
 * the process that answers, whose processor time is told for each request.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

const [url, clients, seconds] = [new URL(process.argv[2]!), Number(process.argv[3]), Number(process.argv[4])]
const REQUEST = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`
const server = process.argv[5]
const WARM_UP_MS = 1000
/** Of /proc/PID/stat: USER_HZ is 100 on every Linux that Node runs on. */
const US_PER_TICK = 10_000
const times: number[] = []
let isWarm = false

for (let index = 0; index < clients; index += 1) loop()
setTimeout(() => {
  isWarm = true
  const before = processorUs()
  setTimeout(() => report(processorUs() - before), seconds * 1000)
}, WARM_UP_MS)

/** Raw sockets: a client library would cost more than the server that is measured. */
function loop(): void {
  const socket = connect(Number(url.port), url.hostname)
  let startedAt = 0
  let seen = ''
  const ask = () => {
    startedAt = performance.now()
    socket.write(REQUEST)
  }
  socket.setNoDelay(true).setEncoding('latin1')
  socket.on('connect', ask)
  socket.on('data', (part: string) => {
    seen += part
    if (!isWhole(seen)) return
    seen = ''
    if (isWarm) times.push(performance.now() - startedAt)
    ask()
  })
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1]
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length)
}

/** User and system time of all threads, from its start. */
function processorUs(): number {
  if (server === undefined) return 0
  const stat = readFileSync(`/proc/${server}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK
}

function report(processor: number): void {
  times.sort((one, other) => one - other)
  const p99Ms = times[Math.floor(times.length * 0.99)] ?? 0
  process.stdout.write(
    `${JSON.stringify({ perSecond: times.length / seconds, p99Ms, processorUs: processor / times.length })}\n`,
    () => process.exit(0),
  )
}
