/**
 * Who is really asking. Only a trusted peer's forwarding headers are believed, and of a chain of addresses the last that is
 * not trusted itself: everything before it could have been written by the client. `Forwarded` (RFC 7239) goes before
 * `X-Forwarded-*`.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import type { RequestInfo } from '../runtime.ts'

export interface Origin {
  peer: RequestInfo['peer']
  scheme: 'http' | 'https'
  /** As the proxy heard it, when it says so. */
  host: string | undefined
  isTrusted: boolean
}

/** The peer as a PROXY header told it, which node:http does not know. */
export const proxiedPeers = new WeakMap<Socket, { address: string; port: number }>()

export function openForwarding(trustedProxies: readonly string[]): (incoming: IncomingMessage) => Origin {
  const trusts = openTrust(trustedProxies)
  // Of a connection, because looking into the lists costs as much as parsing a request.
  const known = new WeakMap<Socket, Origin>()
  const look = (socket: Socket) => {
    const peer = peerOf(socket)
    // A unix socket's peer is on this machine and was let in by the mode of the file.
    const isTrusted = peer === null ? trustedProxies.length > 0 : trusts(peer.address)
    const seen: Origin = { peer, scheme: 'http', host: undefined, isTrusted }
    known.set(socket, seen)
    return seen
  }
  return (incoming) => {
    const direct = known.get(incoming.socket) ?? look(incoming.socket)
    const told = direct.isTrusted ? readHeaders(incoming) : undefined
    if (!told) return direct
    const { chain, scheme, host } = told
    const client = chain.findLast((address) => !trusts(address)) ?? chain[0]
    return { peer: client === undefined ? direct.peer : { address: client, port: 0 }, scheme, host, isTrusted: true }
  }
}

/** Addresses, CIDR ranges, or `*` for everybody. */
export function openTrust(trusted: readonly string[]): (address: string) => boolean {
  if (trusted.includes('*')) return () => true
  const list = new BlockList()
  for (const entry of trusted) {
    const [address, prefix] = entry.split('/') as [string, string?]
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) throw new Error(`Expected an IP address or a CIDR range as trusted proxy, got ${entry}.`)
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

function peerOf(socket: Socket): RequestInfo['peer'] {
  const proxied = proxiedPeers.get(socket)
  if (proxied) return proxied
  const { remoteAddress, remotePort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return null
  return { address: withoutMapping(remoteAddress), port: remotePort }
}

interface Told {
  chain: string[]
  scheme: 'http' | 'https'
  host: string | undefined
}

function readHeaders({ headers }: IncomingMessage): Told | undefined {
  if (
    headers['x-forwarded-for'] === undefined &&
    headers['x-forwarded-proto'] === undefined &&
    headers.forwarded === undefined
  )
    return undefined
  if (headers.forwarded !== undefined) return readForwarded(headers.forwarded)
  const chain = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .flatMap(asAddress)
  const scheme = lastOf(headers['x-forwarded-proto']) === 'https' ? 'https' : 'http'
  return { chain, scheme, host: lastOf(headers['x-forwarded-host']) || undefined }
}

const PAIR = /(for|proto|host)=("[^"]*"|[^;,\s]*)/gi

function readForwarded(text: string): Told {
  const told: Told = { chain: [], scheme: 'http', host: undefined }
  for (const [, name, quoted] of text.matchAll(PAIR)) {
    const value = quoted!.replaceAll('"', '')
    if (name!.toLowerCase() === 'for') told.chain.push(...asAddress(value))
    else if (name!.toLowerCase() === 'proto') told.scheme = value.toLowerCase() === 'https' ? 'https' : 'http'
    else told.host = value
  }
  return told
}

/** The address without its port; nothing for a name that a proxy made up (`unknown`, `_hidden`). */
function asAddress(text: string): string[] {
  const trimmed = text.trim()
  const bare = /^\[([^\]]+)\]/.exec(trimmed)?.[1] ?? (/^[\d.]+:\d+$/.test(trimmed) ? trimmed.split(':')[0]! : trimmed)
  return isIP(bare) ? [withoutMapping(bare)] : []
}

function lastOf(header: string | string[] | undefined): string {
  return String(header ?? '')
    .split(',')
    .at(-1)!
    .trim()
    .toLowerCase()
}

/** IPv4 as it arrives on an IPv6 socket. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
}
