/**
 * Where a request comes from and whom it means. A page of another site must not change anything with the cookie of this one,
 * and a name of somebody else's that resolves to this machine (DNS rebinding) must not read anything.
 */
import { KnowBotError } from '../errors.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Changes come from our own pages or from no page at all. Browsers say which: `Sec-Fetch-Site` where the connection is
 * trustworthy, `Origin` with every change. Who sends neither is no browser, or none that sends our cookie across sites.
 */
export function assertSameSite(request: Request, publicUrl: string | undefined): void {
  if (SAFE_METHODS.has(request.method)) return
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  // `none` is what a person typed or a bookmark; `same-site` may be anybody's page on a neighbouring host.
  if (site === 'same-origin' || site === 'none') return
  if (site === null && (origin === null || isOurs(origin, request, publicUrl))) return
  const from = (origin ?? site ?? '').slice(0, 100)
  throw new KnowBotError(
    'cross_site',
    `Expected a change from a page of this server, got one from ${from}. Open KnowBot itself.`,
  )
}

/** The scheme is left out: behind a proxy the page is https where we see http. */
function isOurs(origin: string, request: Request, publicUrl: string | undefined): boolean {
  const host = URL.parse(origin)?.host
  if (!host) return false
  return host === hostOf(request) || host === URL.parse(publicUrl ?? '')?.host
}

export interface HostRule {
  /** Names without port; undefined: nobody knows by which name people come, so any will do. */
  readonly allowed: ReadonlySet<string> | undefined
}

/** `Host` is checked when the public URL is known, or when nothing but loopback is listened on. */
export function hostRule({ bind, publicUrl }: { bind: readonly string[]; publicUrl: string | undefined }): HostRule {
  const bound = bind.map(hostOfBind)
  const isLoopbackOnly = bound.every((host) => host === undefined || isLoopback(host))
  if (publicUrl === undefined && !isLoopbackOnly) return { allowed: undefined }
  const named = bound.filter((host) => host !== undefined && !ANY_ADDRESS.has(host)) as string[]
  return { allowed: new Set([...(publicUrl ? [hostname(new URL(publicUrl).host)] : []), ...named]) }
}

export function assertKnownHost(request: Request, { allowed }: HostRule): void {
  if (!allowed) return
  const name = hostname(hostOf(request))
  // Numbers and localhost mean this machine whoever says them: rebinding needs a name.
  if (isLoopback(name) || allowed.has(name)) return
  throw new KnowBotError(
    'unknown_host',
    `Expected a request for ${[...allowed][0] ?? 'localhost'}, got one for ${name.slice(0, 100)}. If that is where people reach this server, set KNOWBOT_PUBLIC_URL.`,
  )
}

const ANY_ADDRESS = new Set(['0.0.0.0', '[::]'])

/** Of `HOST:PORT`; undefined for a socket or a descriptor, whose address we do not know and which is no public one by itself. */
function hostOfBind(bind: string): string | undefined {
  return /^(unix:|fd:)/.test(bind) ? undefined : hostname(bind)
}

function hostname(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

/** Whether people came over https: the server says so, or the public URL does and the request names its host. */
export function isOverHttps(request: Request, publicUrl: string | undefined): boolean {
  if (new URL(request.url).protocol === 'https:') return true
  if (!publicUrl?.startsWith('https:')) return false
  return hostname(hostOf(request)) === hostname(new URL(publicUrl).host)
}

/** As the client or a trusted proxy says it: the server has put together the URL from that. */
function hostOf(request: Request): string {
  return new URL(request.url).host
}
