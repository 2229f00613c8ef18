/**
 * Sockets that are bound but not listened on: the supervisor keeps them, web workers listen on their descriptors. While no
 * worker lives, the kernel holds what arrives, so that a death is a pause and not a refusal.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { type AddressInfo, BoundSocket, createConnection, isIP } from 'node:net'
import type { Bind } from '../runtime.ts'
import { SuperviseError } from './supervise-error.ts'

export interface Binding extends Disposable {
  readonly label: string
  readonly url: string
  /** To be handed on through `stdio`. */
  readonly fd: number
  /** Another process has the socket too: its file stays when we end. */
  share(): void
}

/** The first binds use what came from outside; the rest is bound. Everything is released with the stack. */
export async function bindAll(
  binds: readonly Bind[],
  inherited: readonly number[],
  held: DisposableStack,
): Promise<Binding[]> {
  const bindings: Binding[] = []
  for (const [index, one] of binds.entries()) {
    const fd = inherited[index]
    bindings.push(held.use(fd === undefined ? await bind(one) : inherit(one.label, fd)))
  }
  for (const [index, fd] of inherited.slice(binds.length).entries())
    bindings.push(held.use(inherit(`inherited-${index}`, fd)))
  return bindings
}

const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/

/** Binds, or throws `address_in_use` or `address_unusable`. */
export async function bind({ label, address, mode }: Bind): Promise<Binding> {
  if (address.startsWith('unix:')) return bindPath(label, address.slice('unix:'.length), mode)
  if (address.startsWith('fd://')) return inherit(label, Number(address.slice('fd://'.length)))
  const match = HOST_AND_PORT.exec(address)
  if (!match) throw new SuperviseError('address_unusable', `Cannot listen on ${address}: it is no address.`)
  return bindPort(label, address, match[1] ?? match[2]!, Number(match[3]))
}

async function bindPort(label: string, address: string, host: string, port: number): Promise<Binding> {
  await refuseWhenAnswered(address, host, port)
  try {
    const numeric = isIP(host) ? host : await resolve(host)
    // Two sockets for [::] and 0.0.0.0 on one port: the first must leave IPv4 alone.
    const socket = new BoundSocket({ host: numeric, port, ipv6Only: isIP(numeric) === 6 })
    const { port: actual } = socket.address() as AddressInfo
    return binding(label, `http://${isIP(host) === 6 ? `[${host}]` : host}:${actual}`, socket)
  } catch (cause) {
    throw refusal(address, cause)
  }
}

async function resolve(host: string): Promise<string> {
  const { lookup } = await import('node:dns/promises') // Loaded for names only: it is rarely needed.
  return (await lookup(host)).address
}

async function bindPath(label: string, path: string, mode: number | undefined): Promise<Binding> {
  await removeStaleSocket(path)
  // Between bind and chmod nobody can connect: nobody listens yet.
  try {
    // `path` works since 24.19 and is missing in the types.
    const socket = new BoundSocket({ path } as object)
    if (mode !== undefined) chmodSync(path, mode)
    return binding(label, `unix:${path}`, socket)
  } catch (cause) {
    throw refusal(`unix:${path}`, cause)
  }
}

/** A descriptor that came from outside stays a number (`BoundSocket` ignores `fd`), is passed on, and is never unlinked. */
function inherit(label: string, fd: number): Binding {
  return { label, url: `fd://${fd}`, fd, share: () => undefined, [Symbol.dispose]: () => undefined }
}

function binding(label: string, url: string, socket: BoundSocket): Binding {
  let isShared = false
  return {
    label,
    url,
    fd: socket.fd(),
    share() {
      isShared = true
    },
    [Symbol.dispose]() {
      // Closing unlinks a unix socket's path, which is the successor's by then.
      if (!isShared || !url.startsWith('unix:')) socket.close()
    },
  }
}

/** SO_REUSEADDR lets two sockets bind one port while neither listens, and ours does not listen: so look whether somebody answers. */
async function refuseWhenAnswered(address: string, host: string, port: number): Promise<void> {
  if (port === 0) return
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  if (await answers({ host: asked, port })) throw inUse(address)
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket())
    throw new SuperviseError('address_unusable', `Cannot listen on unix:${path}: a file that is no socket is there.`)
  if (await answers({ path })) throw inUse(`unix:${path}`)
  unlinkSync(path)
}

function answers(target: { path: string } | { host: string; port: number }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = createConnection({ ...target, timeout: 500 })
  const settle = (is: boolean) => {
    socket.destroy()
    resolve(is)
  }
  socket.once('connect', () => settle(true))
  socket.once('timeout', () => settle(false))
  socket.once('error', () => settle(false))
  return promise
}

function inUse(address: string): SuperviseError {
  return new SuperviseError('address_in_use', `Cannot listen on ${address}: it is in use by another program.`)
}

function refusal(address: string, cause: unknown): SuperviseError {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return inUse(address)
  return new SuperviseError('address_unusable', `Cannot listen on ${address} (${code ?? (cause as Error).message}).`, {
    cause,
  })
}
