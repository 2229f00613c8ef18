/**
 * What a route is. Everything that decides whether and how a request is served is data: from it come the router, the checks,
 * the OpenAPI document, and the tests that walk all routes. A route without a policy or a limit does not compile.
 */
import type * as v from 'valibot'
import type { Principal, Scope } from '../accounts.ts'
import type { ErrorCode } from '../errors.ts'
import type { Caller, RequestInfo } from './caller.ts'
import type { OpenStreams } from './open-streams.ts'
import type { RateClass } from './rate-limits.ts'
import type { Services } from './services.ts'

/**
 * `public`: everybody. `signed-in`: whoever has the scope. `person`: the same, but no key unless it may administer: what
 * outlives a key must not be made with it. `administrator`: role and scope `admin`.
 */
export type Policy =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' | 'person'; readonly scope: Exclude<Scope, 'admin'> }
  | { readonly kind: 'administrator' }

/** One request, checked. */
export interface Call<P = Principal | undefined, Query = unknown, Body = unknown> {
  readonly services: Services
  readonly request: Request
  readonly info: RequestInfo
  readonly caller: Caller
  readonly principal: P
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  /** Of all callers of this process. */
  readonly streams: OpenStreams
}

/** JSON with its status and headers, or a response that streams. */
export type Reply = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> } | Response

export interface AnswerShape {
  readonly description: string
  /** Of the JSON body; none for answers without a body or with another type. */
  readonly schema?: v.GenericSchema
  /** Where it is not application/json. */
  readonly mediaType?: string
  readonly example?: unknown
  /** Data of each event by its name, where the answer is a stream of events. */
  readonly events?: Readonly<Record<string, v.GenericSchema>>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters in braces, as OpenAPI has them. */
  readonly path: string
  /** Name of the operation, for generated clients. */
  readonly name: string
  /** One sentence on what it does. */
  readonly sentence: string
  readonly policy: Policy
  readonly rate: RateClass
  /** `upload-max`: the setting of that name, kept by whoever reads the form. */
  readonly bodyBytesMax: number | 'upload-max'
  readonly query?: v.GenericSchema
  /** Headers that change the answer, with what they do. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: v.GenericSchema
  readonly bodyExample?: unknown
  /** A form that the handler reads as it comes; what it may hold is told in words. */
  readonly form?: Readonly<Record<string, { description: string; isFile?: true; isRequired?: true }>>
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerShape | readonly AnswerShape[]>>
  /** What may go wrong beside what may go wrong everywhere. */
  readonly errors: readonly ErrorCode[]
  handle(call: Call<never, never, never>): Promise<Reply>
}

type Output<S> = S extends v.GenericSchema ? v.InferOutput<S> : undefined

/** A row of the table, whose handler is typed by its schemas and its policy. */
export function route<
  const P extends Policy,
  const Q extends v.GenericSchema | undefined = undefined,
  const B extends v.GenericSchema | undefined = undefined,
>(
  definition: Omit<Route, 'policy' | 'query' | 'body' | 'handle'> & {
    policy: P
    query?: Q
    body?: B
    handle(
      call: Call<P['kind'] extends 'public' ? Principal | undefined : Principal, Output<Q>, Output<B>>,
    ): Promise<Reply>
  },
): Route {
  return definition as unknown as Route
}

export const PUBLIC = { kind: 'public' } as const
export const ADMINISTRATOR = { kind: 'administrator' } as const
export function signedIn(scope: Exclude<Scope, 'admin'>) {
  return { kind: 'signed-in', scope } as const
}
export function person(scope: Exclude<Scope, 'admin'>) {
  return { kind: 'person', scope } as const
}

/** Body cap of routes that take none. */
export const NO_BODY = 0
/** Body cap of routes that take JSON. */
export const JSON_BODY_BYTES_MAX = 1024 * 1024
