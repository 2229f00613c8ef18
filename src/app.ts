/**
 * HTTP: from a request to an answer, in the order in which things are decided. Routes are rows of a table (`app/routes.ts`);
 * this file says what happens to each of them.
 *
 *   host → route → same site → who asks → rate → policy → query and body → handler → answer, with the headers of all
 */
import { join } from 'node:path'
import { Hono } from 'hono'
import { check, readJson } from './app/body.ts'
import { identify, type RequestInfo } from './app/caller.ts'
import { errorResponse } from './app/error-response.ts'
import { OpenStreams } from './app/open-streams.ts'
import { assertKnownHost, assertSameSite, hostRule, isOverHttps } from './app/origin.ts'
import { assertAllowed } from './app/policy.ts'
import { type RateClass, RateLimits } from './app/rate-limits.ts'
import type { Call, Reply, Route } from './app/route.ts'
import { ROUTES } from './app/routes.ts'
import { secure } from './app/security-headers.ts'
import type { Services } from './app/services.ts'
import { openStaticFiles } from './app/static-files.ts'
import { KnowBotError } from './errors.ts'

export type { Services } from './app/services.ts'

/** What the runtime knows of a request beside the request; its RequestInfo fits. */
export interface Arrival {
  /** Null on a unix socket. */
  readonly peer: { readonly address: string } | null
  /** Label of the bind that it came by. */
  readonly listener: string
}

export interface App {
  fetch(request: Request, arrival: Arrival): Promise<Response>
  /** What people wait for, and what can wait, when there is too much to do. `path` may have a query behind it. */
  classify(request: { method: string; path: string }): 'critical' | 'normal' | 'background'
}

export interface AppOptions {
  /** Where the built page lies. */
  pageFolder?: string
}

const PAGE_FOLDER = join(import.meta.dirname, '../web/dist')
const HEALTH = '/api/health'
const READ_ONLY_RETRY_AFTER_S = 30
/** How long an answer lets uploads go first. Nobody sees so many milliseconds. */
const ANSWER_PATIENCE = { recentMs: 100, waitMsMax: 50 }

export function createApp(services: Services, { pageFolder = PAGE_FOLDER }: AppOptions = {}): App {
  const { config, log } = services
  const hosts = hostRule(config)
  const serve = createDispatcher(services, pageFolder)
  return {
    classify: ({ method, path }) => classOf(method, path),

    async fetch(request, arrival) {
      const path = new URL(request.url).pathname
      try {
        const isLocal = arrival.listener === 'local'
        if (!isLocal && path !== HEALTH) assertKnownHost(request, hosts)
        const info: RequestInfo = {
          listener: arrival.listener,
          peer: arrival.peer?.address,
          isSecure: !isLocal && isOverHttps(request, config.publicUrl),
        }
        return secure(await serve(request, info))
      } catch (error) {
        // Who has left reads no answer, and what their leaving broke is no mistake of ours.
        if (request.signal.aborted && !(error instanceof KnowBotError)) return new Response(null, { status: 400 })
        return secure(errorResponse(error, log, { method: request.method, path }))
      }
    },
  }
}

const CLASS_OF_RATE: Partial<Record<RateClass, 'critical' | 'background'>> = {
  free: 'critical',
  'sign-in': 'critical',
  answer: 'critical',
  upload: 'background',
}

/** Those that are not `normal`, with what their paths look like. */
const CLASSES = ROUTES.flatMap(({ method, path, rate }) => {
  const found = CLASS_OF_RATE[rate]
  return found ? [{ method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), found }] : []
})

function classOf(method: string, path: string): ReturnType<App['classify']> {
  const pathname = path.split('?')[0]!
  return CLASSES.find((row) => row.method === method && row.pattern.test(pathname))?.found ?? 'normal'
}

type Bindings = { Bindings: { info: RequestInfo } }

/** The table behind hono's router; what it does not know is the page, or nothing. */
function createDispatcher(services: Services, pageFolder: string) {
  const hono = new Hono<Bindings>()
  const { messages } = services
  const bounds = {
    rates: new RateLimits({ others: { messages, areThere: () => services.webWorkers() > 1 } }),
    streams: new OpenStreams(services),
  }
  const page = openStaticFiles(pageFolder)

  for (const route of ROUTES) {
    hono.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), async ({ req, env }) =>
      serveRoute(services, bounds, route, req.raw, env.info, req.param()),
    )
  }
  for (const [path, methods] of methodsByPath()) {
    hono.all(path.replace(/\{(\w+)\}/g, ':$1'), ({ req }) => otherMethod(req.method, methods))
  }
  hono.notFound(async ({ req }) => {
    const { method, path, raw } = req
    const file = method === 'GET' || method === 'HEAD' ? await page.serve(raw, path) : undefined
    if (file) return file
    if (path === '/')
      throw new KnowBotError('not_found', 'The page is not built. `npm start` builds it; the API is there.')
    throw new KnowBotError(
      'not_found',
      `There is no ${method} ${path.slice(0, 200)}. GET /api/openapi.json lists what there is.`,
    )
  })
  hono.onError((error) => {
    throw error
  })
  return async (request: Request, info: RequestInfo): Promise<Response> => hono.fetch(request, { info })
}

async function serveRoute(
  services: Services,
  { rates, streams }: { rates: RateLimits; streams: OpenStreams },
  route: Route,
  request: Request,
  info: RequestInfo,
  params: Record<string, string>,
): Promise<Response> {
  assertSameSite(request, services.config.publicUrl)
  if (route.rate === 'answer') await services.arrivals.settle(ANSWER_PATIENCE)
  const caller = await identify(services.accounts, request, info)
  const { principal } = caller
  rates.spend(route.rate, principal, info.peer)
  assertAllowed(route.policy, principal)
  assertWritable(services, route)
  const query = route.query ? check(route.query, queryOf(request), 'the query') : undefined
  const body = route.body ? await readJson(request, route.body, route.bodyBytesMax as number) : undefined
  const call: Call = { services, request, info, caller, principal, params, query, body, streams }
  const response = responseOf(await route.handle(call as Call<never, never, never>))
  // What would have been streamed is not: its file or its source must not stay open.
  if (request.method === 'HEAD') await response.body?.cancel()
  return response
}

/** What may fail for want of disk is not tried while there is none. Signing in is: deleting needs it. */
function assertWritable(services: Services, { errors, rate }: Route): void {
  if (!errors.includes('disk_full') || rate === 'sign-in') return
  const { name, why } = services.mode()
  if (name !== 'read only') return
  const message = `Nothing is kept at the moment: ${why}. Delete documents or enlarge the volume, then try again.`
  throw new KnowBotError('disk_full', message, { retryAfterS: READ_ONLY_RETRY_AFTER_S })
}

function responseOf(reply: Reply): Response {
  if (reply instanceof Response) return reply
  const { status, body, headers = {} } = reply
  return body === undefined ? new Response(null, { status, headers }) : Response.json(body, { status, headers })
}

/** One value for each name: a second one is refused rather than chosen from. */
function queryOf(request: Request): Record<string, string | string[]> {
  const { searchParams } = new URL(request.url)
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name)
      return [name, values.length === 1 ? values[0]! : values]
    }),
  )
}

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of ROUTES) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

function otherMethod(method: string, allowed: readonly string[]): Response {
  const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } })
  throw new KnowBotError('method_not_allowed', `Expected one of ${allow}, got ${method}.`)
}
