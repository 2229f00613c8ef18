/**
 * PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt): the first bytes of a connection say whom
 * the proxy speaks for. They are read before HTTP sees the connection. From peers that are not trusted they are not accepted.
 */
import type { Server } from 'node:http'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type { WorkerLimits } from '../runtime.ts'
import { openTrust, proxiedPeers } from './forwarding.ts'

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const V1_BYTES_MAX = 107
const V2_HEAD_BYTES = 16
/** Address block and extensions of version 2. */
const V2_BLOCK_BYTES_MAX = 2048
const HEADER_MS_MAX = 5000

export interface ProxyHeader {
  /** Null when the proxy speaks for itself (a health check). */
  peer: { address: string; port: number } | null
  /** Bytes of the header. */
  size: number
}

/** A listener whose connections reach `server` without their PROXY header. */
export function acceptThroughProxy(server: Server, { proxyProtocol, trustedProxies }: WorkerLimits): NetServer {
  const trusts = openTrust(trustedProxies)
  return createServer((socket) => {
    const isTrusted = socket.remoteAddress === undefined || trusts(socket.remoteAddress.replace(/^::ffff:(?=.*\.)/, ''))
    if (!isTrusted) {
      if (proxyProtocol === 'auto') server.emit('connection', socket)
      else socket.destroy()
      return
    }
    readHeader(socket, proxyProtocol, () => server.emit('connection', socket))
  })
}

function readHeader(socket: Socket, accepted: WorkerLimits['proxyProtocol'], onRead: () => void): void {
  let seen = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), HEADER_MS_MAX)
  const onError = () => socket.destroy()
  const onData = (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes])
    const header = parseProxyHeader(seen, accepted)
    if (header === 'more') return
    clearTimeout(timer)
    socket.off('data', onData).off('error', onError)
    socket.pause()
    if (header === 'malformed') return void socket.destroy()
    if (header?.peer) proxiedPeers.set(socket, header.peer)
    const rest = seen.subarray(header?.size ?? 0)
    if (rest.length > 0) socket.unshift(rest)
    onRead()
    socket.resume()
  }
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', onError).on('data', onData)
}

/** Undefined where there is no header and none is needed. */
export function parseProxyHeader(
  bytes: Buffer,
  accepted: WorkerLimits['proxyProtocol'],
): ProxyHeader | 'more' | 'malformed' | undefined {
  const isV2 = accepted !== 'v1' && SIGNATURE.subarray(0, bytes.length).equals(bytes.subarray(0, SIGNATURE.length))
  if (isV2) return bytes.length < V2_HEAD_BYTES ? 'more' : parseV2(bytes)
  const isV1 = accepted !== 'v2' && 'PROXY '.startsWith(bytes.subarray(0, 6).toString('latin1'))
  if (isV1) return parseV1(bytes)
  return accepted === 'auto' ? undefined : 'malformed'
}

const V1 = /^PROXY (?:UNKNOWN[^\r]*|(TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5}))\r\n/

function parseV1(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const text = bytes.subarray(0, V1_BYTES_MAX).toString('latin1')
  const match = V1.exec(text)
  if (!match) return text.includes('\n') || text.length === V1_BYTES_MAX ? 'malformed' : 'more'
  const size = match[0].length
  return match[1] ? { peer: { address: match[2]!, port: Number(match[4]) }, size } : { peer: null, size }
}

function parseV2(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const version = bytes[12]! >> 4
  const command = bytes[12]! & 0x0f
  const family = bytes[13]! >> 4
  const length = bytes.readUInt16BE(14)
  if (version !== 2 || command > 1 || length > V2_BLOCK_BYTES_MAX) return 'malformed'
  const size = V2_HEAD_BYTES + length
  if (bytes.length < size) return 'more'
  const block = bytes.subarray(V2_HEAD_BYTES, size)
  if (command === 0 || (family !== 1 && family !== 2)) return { peer: null, size }
  const addressBytes = family === 1 ? 4 : 16
  if (length < 2 * addressBytes + 4) return 'malformed'
  const source = block.subarray(0, addressBytes)
  const address = family === 1 ? source.join('.') : (source.toString('hex').match(/.{4}/g) ?? []).join(':')
  return { peer: { address, port: block.readUInt16BE(2 * addressBytes) }, size }
}
