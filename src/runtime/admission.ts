/** Who may enter: heads that are too long, requests that are too old, and more of them than a worker can hold. */
import type { IncomingMessage } from 'node:http'
import type { Application, WorkerLimits } from '../runtime.ts'
import type { Problem } from './fetch-response.ts'

export type Refusal = Problem & { status: 400 | 414 | 431 | 503 }

export interface Admission {
  /** Requests in progress, this one included. */
  open: number
  /** Whether the peer is a proxy whose headers are believed. */
  isTrusted: boolean
  limits: WorkerLimits
  classify: Application['classify']
}

const RETRY_AFTER_S = 2
/** Up to which share of the places each class is let in: what people wait for finds a place when the rest does not. */
const SHARE = { critical: 1, normal: 0.9, background: 0.6 } as const

export function admit(
  incoming: IncomingMessage,
  { open, isTrusted, limits, classify }: Admission,
): Refusal | undefined {
  const { url = '', rawHeaders, method = '' } = incoming
  if (url.length > limits.requestLineBytesMax)
    return refuse(
      414,
      'uri_too_long',
      `Expected a request target of at most ${limits.requestLineBytesMax} bytes, got ${url.length}.`,
    )
  if (rawHeaders.length / 2 > limits.headerCountMax)
    return refuse(431, 'headers_too_many', `Expected at most ${limits.headerCountMax} headers, got more.`)
  const ageMs = isTrusted ? ageOf(incoming.headers['x-request-start']) : 0
  if (limits.queueAgeMsMax > 0 && ageMs > limits.queueAgeMsMax)
    return overloaded(`This request has waited ${Math.round(ageMs)} ms in a queue, longer than anybody waits.`)
  const placesMax = Math.floor(limits.requestsMax * SHARE[classify?.({ method, path: url }) ?? 'normal'])
  if (open > Math.max(1, placesMax))
    return overloaded('The server has as much to do as it can hold. Try again shortly.')
  return undefined
}

/** Milliseconds since the edge took the request: `t=` and seconds, milliseconds or microseconds since 1970, by their size. */
export function ageOf(header: string | string[] | undefined, nowMs: number = Date.now()): number {
  if (header === undefined) return 0
  const value = Number(/^(?:t=)?(\d+(?:\.\d+)?)$/.exec(String(header))?.[1] ?? Number.NaN)
  if (!(value > 0)) return 0
  const startMs = value > 1e14 ? value / 1000 : value > 1e11 ? value : value * 1000
  return Math.max(0, nowMs - startMs)
}

function overloaded(detail: string): Refusal {
  return { ...refuse(503, 'overloaded', detail), retryAfterS: RETRY_AFTER_S }
}

const TITLES = {
  400: 'Bad Request',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
}

function refuse(status: Refusal['status'], code: string, detail: string): Refusal {
  return { status, code, title: TITLES[status], detail }
}
