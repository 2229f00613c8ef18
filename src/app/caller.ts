/**
 * Who is asking: the local socket, a key, or the cookie of a session, in this order. A key that is given and wrong is never
 * replaced by a cookie that is right. What was answered once can be asked again, for streams that outlive a change of rights.
 */
import type { Accounts, Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'

/** What the server knows about a request beside the request. */
export interface RequestInfo {
  /** Label of the listener: `local` is the socket in the data folder that only its owner may open. */
  readonly listener: string
  /** Address of the other side; undefined on a unix socket. */
  readonly peer: string | undefined
  /** Whether it came over TLS, here or at a proxy that is trusted. */
  readonly isSecure: boolean
}

export interface Caller {
  readonly principal: Principal | undefined
  /** The same credential, asked again. */
  again(): Promise<Principal | undefined>
}

const LOCAL_LISTENER = 'local'

export async function identify(accounts: Accounts, request: Request, info: RequestInfo): Promise<Caller> {
  if (info.listener === LOCAL_LISTENER) return callerBy(() => accounts.local())
  const key = keyOf(request)
  if (key !== undefined) {
    const caller = await callerBy(() => accounts.authenticateKey(key))
    if (!caller.principal) throw unauthenticated('This key is unknown, expired or revoked.')
    return caller
  }
  const token = sessionToken(request, info)
  return callerBy(async () => (token === undefined ? undefined : accounts.authenticateSession(token)))
}

async function callerBy(again: Caller['again']): Promise<Caller> {
  return { principal: await again(), again }
}

function keyOf(request: Request): string | undefined {
  const authorization = request.headers.get('authorization')
  if (authorization === null) return request.headers.get('x-api-key')?.trim()
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (bearer === undefined) throw unauthenticated('Expected Authorization: Bearer KEY, got something else.')
  return bearer
}

export function unauthenticated(what: string): KnowBotError {
  return new KnowBotError('unauthenticated', `${what} Sign in, or send Authorization: Bearer KEY.`)
}

/** `__Host-` binds the cookie to this host and to https; browsers refuse it over plain http. */
function cookieName({ isSecure }: RequestInfo): string {
  return isSecure ? '__Host-knowbot' : 'knowbot'
}

export function sessionToken(request: Request, info: RequestInfo): string | undefined {
  const name = cookieName(info)
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

// As long as a session can last; the server ends it earlier when it rests.
const COOKIE_AGE_S = 90 * 24 * 3600

export function sessionCookie(token: string, info: RequestInfo): string {
  return `${cookieName(info)}=${token}; Path=/; Max-Age=${COOKIE_AGE_S}; HttpOnly; SameSite=Lax${info.isSecure ? '; Secure' : ''}`
}

export function noSessionCookie(info: RequestInfo): string {
  return `${cookieName(info)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${info.isSecure ? '; Secure' : ''}`
}
