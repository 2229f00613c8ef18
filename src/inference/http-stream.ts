/**
 * One HTTP/1.1 request on a connection of its own, and its answer as it arrives (RFC 9112).
 *
 * Ours, because a thousand answers are a thousand connections: with 20 tokens a second `node:http` takes 34 kB for each; of this one
 * and its socket 3 kB live (docs/decisions/0040-own-client-for-answers.md). All connections read into one buffer: what arrived is taken in
 * the call that says so, and nothing is allocated for it. It knows what an answer of a model server can be, and no more: no
 * redirects, no compression (none is asked for), no second request.
 *
 *   head ─▶ chunk size ⇄ chunk, line ─▶ trailers ─▶ end        Transfer-Encoding: chunked
 *    │ ├──▶ so many bytes ─▶ end                               Content-Length
 *    │ └──▶ until the server closes ─▶ end                     neither
 *    └────▶ head again                                         100 to 199
 */
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { KIB } from '../lib/units.ts'

export interface Head {
  statusCode: number
  /** By name in lower case; of a name that comes twice, the values joined by `, `. */
  headers: Readonly<Record<string, string>>
}

/** Called in this order; exactly one of `end` and `fail`, and nothing behind it. What a call throws becomes the failure. */
export interface Listener {
  head(head: Head): void
  /** Valid until the call returns. */
  body(bytes: Buffer): void
  end(): void
  fail(error: Error): void
}

export interface HttpRequest {
  url: URL
  headers: Readonly<Record<string, string>>
  body: string
}

/** As `node:http` has it. */
const HEAD_BYTES_MAX = 16 * KIB
/** A length in hexadecimal digits, and what extensions may stand behind it. */
const LINE_BYTES_MAX = 256
const READ_BYTES = 64 * KIB

const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BYTES)
const [CR, LF] = [0x0d, 0x0a]
const HEAD_END = '\r\n\r\n'

type Place = 'head' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'length' | 'until-close' | 'over'

/** Begins at once. */
export function openHttpStream(request: HttpRequest, listener: Listener): HttpStream {
  return new HttpStream(request, listener)
}

export class HttpStream {
  readonly #socket: Socket
  readonly #listener: Listener
  #place: Place = 'head'
  /** Of a head or a line that is not whole yet. */
  #held = ''
  /** Bytes of the chunk, or of the whole body, that are still to come. */
  #left = 0

  constructor(request: HttpRequest, listener: Listener) {
    this.#listener = listener
    const text = printRequest(request)
    this.#socket = connectTo(request.url, (bytes) => this.#read(bytes))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('end', () => this.#serverEnded())
    this.#socket.on('close', () => this.#serverEnded())
    this.#socket.write(text)
  }

  /** Closes the connection; nothing is called any more. */
  destroy(): void {
    this.#place = 'over'
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length && this.#place !== 'over'; ) at = this.#take(bytes, at)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Takes what it can of the bytes from here on; answers where it has come to. */
  #take(bytes: Buffer, at: number): number {
    switch (this.#place) {
      case 'head':
        return this.#takeHead(bytes, at)
      case 'chunk-size': {
        const next = this.#takeLine(bytes, at)
        if (next !== undefined) this.#beginChunk()
        return next ?? bytes.length
      }
      case 'chunk':
      case 'length': {
        const until = Math.min(bytes.length, at + this.#left)
        this.#left -= until - at
        const isWhole = this.#left === 0
        const isLast = isWhole && this.#place === 'length'
        if (isWhole && !isLast) this.#place = 'chunk-end'
        this.#listener.body(bytes.subarray(at, until))
        if (isLast) this.#end()
        return until
      }
      case 'chunk-end': {
        const next = this.#takeLine(bytes, at)
        if (next === undefined) return bytes.length
        if (this.#held !== '') throw malformed('more than was announced in a chunk')
        this.#place = 'chunk-size'
        return next
      }
      case 'trailers': {
        const next = this.#takeLine(bytes, at)
        if (next === undefined) return bytes.length
        if (this.#held === '') this.#end()
        this.#held = ''
        return next
      }
      case 'until-close':
        this.#listener.body(bytes.subarray(at))
        return bytes.length
      case 'over':
        return bytes.length
    }
  }

  #takeHead(bytes: Buffer, at: number): number {
    const before = this.#held.length
    this.#held += bytes.toString('latin1', at, Math.min(bytes.length, at + HEAD_BYTES_MAX + 1 - before))
    const end = this.#held.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length))
    if (end < 0) {
      if (this.#held.length > HEAD_BYTES_MAX) throw malformed('a head without an end')
      return bytes.length
    }
    const text = this.#held.slice(0, end)
    this.#held = ''
    const head = parseHead(text)
    const next = at + end + HEAD_END.length - before
    if (head.statusCode < 200) return next // 100 Continue, 103 Early Hints: the answer follows.
    this.#begin(head)
    return next
  }

  #begin(head: Head): void {
    const { statusCode, headers } = head
    const encoding = headers['transfer-encoding']
    const length = headers['content-length']
    const hasNoBody = statusCode === 204 || statusCode === 304
    if (hasNoBody || (encoding === undefined && length === '0')) this.#left = 0
    else if (encoding !== undefined) {
      if (!/^(?:.*,)?\s*chunked\s*$/i.test(encoding)) throw malformed(`a body that is ${encoding.slice(0, 40)}`)
      this.#place = 'chunk-size'
    } else if (length === undefined) this.#place = 'until-close'
    else {
      // The same length twice is one length (RFC 9112 §6.3).
      const lengths = new Set(length.split(',').map((one) => one.trim()))
      const [only = ''] = lengths
      if (lengths.size !== 1 || !/^\d{1,15}$/.test(only)) throw malformed('a length that is none')
      this.#place = 'length'
      this.#left = Number(only)
    }
    this.#listener.head(head)
    if (this.#place === 'head' || (this.#place === 'length' && this.#left === 0)) this.#end()
  }

  #beginChunk(): void {
    const digits = /^[\da-f]{1,8}(?=\s*(?:;|$))/i.exec(this.#held)?.[0]
    if (digits === undefined) throw malformed('a chunk without its length')
    this.#held = ''
    this.#left = Number.parseInt(digits, 16)
    this.#place = this.#left === 0 ? 'trailers' : 'chunk'
  }

  /** Holds the line, without its end; undefined where more of it must come. */
  #takeLine(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf(LF, at)
    const until = end < 0 ? bytes.length : end
    if (this.#held.length + until - at > LINE_BYTES_MAX && this.#place !== 'trailers')
      throw malformed('a line too long')
    if (this.#held.length + until - at > HEAD_BYTES_MAX) throw malformed('trailers without an end')
    this.#held += bytes.toString('latin1', at, until)
    if (end < 0) return undefined
    if (this.#held.charCodeAt(this.#held.length - 1) !== CR) throw malformed('a line that ends without CR')
    this.#held = this.#held.slice(0, -1)
    return end + 1
  }

  #serverEnded(): void {
    if (this.#place === 'until-close') this.#end()
    else if (this.#place !== 'over') this.#fail(brokenOff(this.#place === 'head'))
  }

  #end(): void {
    if (this.#place === 'over') return
    this.destroy()
    this.#listener.end()
  }

  #fail(error: Error): void {
    if (this.#place === 'over') return
    // A reset within a body is what an end within it is: the answer is cut off.
    const isReset = this.#place !== 'head' && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    this.destroy()
    this.#listener.fail(isReset ? brokenOff(false) : error)
  }
}

function connectTo(url: URL, read: (bytes: Buffer) => void): Socket {
  // An address of version 6 stands in brackets in a URL and without them everywhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const onread: OnReadOpts = {
    buffer: READ_BUFFER,
    callback(count, buffer) {
      read((buffer as Buffer).subarray(0, count))
      return true
    },
  }
  if (url.protocol !== 'https:') return connect({ host, port: Number(url.port || 80), onread })
  const { connect: connectSecurely } = process.getBuiltinModule('node:tls')
  return connectSecurely({
    ...{ host, port: Number(url.port || 443), onread, ALPNProtocols: ['http/1.1'] },
    ...(isIP(host) === 0 ? { servername: host } : {}),
  })
}

function printRequest({ url, headers, body }: HttpRequest): string {
  const all: Record<string, string> = {
    host: url.host,
    ...(url.username === '' && url.password === '' ? {} : { authorization: basic(url) }),
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => {
    // A key with a line break in it would be headers of its own making.
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new TypeError(`Invalid character in header content ["${name}"]`)
    return `${name}: ${value}\r\n`
  })
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function basic({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n')
  const statusCode = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1])
  if (!(statusCode >= 100)) throw malformed('something that is no HTTP')
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[\t ]*(.*?)[\t ]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw malformed('a header that is none')
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  return { statusCode, headers }
}

/** The codes and words of `node:http`, by which failures are told apart (explain.ts). */
function brokenOff(isBeforeHead: boolean): Error {
  return Object.assign(new Error(isBeforeHead ? 'socket hang up' : 'aborted'), { code: 'ECONNRESET' })
}

function malformed(what: string): Error {
  return Object.assign(new Error(`The server sent ${what}.`), { code: 'EBADHTTP' })
}
