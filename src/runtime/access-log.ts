/** One line per request: Gunicorn's atoms (docs.gunicorn.org, access_log_format) or JSON. Queries and credentials are left out. */
import { createWriteStream, type WriteStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestInfo } from '../runtime.ts'
import { bodyBytesOf, sentHeaderOf } from './fetch-response.ts'

export interface Served {
  incoming: IncomingMessage
  outgoing: ServerResponse
  peer: RequestInfo['peer']
  seconds: number
}

export interface AccessLog {
  write(served: Served): void
  /** The file has been moved away: the next line goes into a new one of the old name. */
  reopen(): void
}

/** Headers that are never written, whatever the format asks for. */
const SECRET = /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key)$/i
/** What may wait to be written. A disk that is too slow loses lines, not memory. */
const WAITING_BYTES_MAX = 1024 * 1024

export function openAccessLog(path: string, format: string): AccessLog {
  let stream = openStream(path)
  return {
    write(served) {
      if (stream.writableLength > WAITING_BYTES_MAX) return
      stream.write(`${format === 'json' ? toJson(served) : fillAtoms(format, served)}\n`)
    },
    reopen() {
      if (path === '-') return
      stream.end()
      stream = openStream(path)
    },
  }
}

function openStream(path: string): WriteStream | NodeJS.WriteStream {
  if (path === '-') return process.stderr
  return createWriteStream(path, { flags: 'a' }).on('error', () => undefined)
}

function toJson({ incoming, outgoing, peer, seconds }: Served): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    peer: peer?.address ?? null,
    method: incoming.method,
    path: pathOf(incoming),
    version: incoming.httpVersion,
    status: outgoing.statusCode,
    bytes: bodyBytesOf(outgoing),
    ms: Math.round(seconds * 1000),
    ...(outgoing.writableFinished ? {} : { isCutOff: true }),
    agent: incoming.headers['user-agent'] ?? null,
    pid: process.pid,
  })
}

const ATOM = /%\(?(?:\{([^}]+)\}([ioe])|([a-zA-Z]))\)?s?/g

/** `%(h)s`, `%({user-agent}i)s` and so on; what is not known is `-`. */
export function fillAtoms(format: string, served: Served): string {
  return format.replace(ATOM, (_, name: string | undefined, source: string, atom: string) => {
    if (name !== undefined) return clean(namedAtom(name, source, served))
    const read = ATOMS[atom]
    return read ? clean(read(served)) : '-'
  })
}

const ATOMS: Readonly<Record<string, (served: Served) => string | number | undefined>> = {
  h: ({ peer }) => peer?.address,
  l: () => undefined,
  u: () => undefined,
  t: () => `[${apacheTime(new Date())}]`,
  r: ({ incoming }) => `${incoming.method} ${pathOf(incoming)} HTTP/${incoming.httpVersion}`,
  m: ({ incoming }) => incoming.method,
  U: ({ incoming }) => pathOf(incoming),
  q: () => undefined,
  H: ({ incoming }) => `HTTP/${incoming.httpVersion}`,
  s: ({ outgoing }) => outgoing.statusCode,
  B: ({ outgoing }) => bodyBytesOf(outgoing),
  b: ({ outgoing }) => bodyBytesOf(outgoing) || undefined,
  f: ({ incoming }) => incoming.headers.referer,
  a: ({ incoming }) => incoming.headers['user-agent'],
  T: ({ seconds }) => Math.floor(seconds),
  M: ({ seconds }) => Math.floor(seconds * 1e3),
  D: ({ seconds }) => Math.floor(seconds * 1e6),
  L: ({ seconds }) => seconds.toFixed(6),
  p: () => `<${process.pid}>`,
}

function namedAtom(name: string, source: string, { incoming, outgoing }: Served): string | undefined {
  if (SECRET.test(name) || source === 'e') return undefined // The environment holds secrets by trade.
  const value = source === 'i' ? incoming.headers[name.toLowerCase()] : sentHeaderOf(outgoing, name)
  return value === undefined ? undefined : String(value)
}

/** A client's text must not make lines or quotes of its own. */
function clean(value: string | number | undefined): string {
  if (value === undefined || value === '') return '-'
  return String(value).replace(/[\p{Cc}"\\]/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `10/Oct/2000:13:55:36 +0000`, in UTC. */
function apacheTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}
