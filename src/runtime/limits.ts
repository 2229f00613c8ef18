/** What a worker may do when nobody says otherwise. */
import type { WorkerLimits } from '../runtime.ts'

export const DEFAULT_LIMITS: WorkerLimits = {
  backlog: 2048,
  // Longer than the idle time of load balancers (60 s as a rule), or they meet connections that we have just closed.
  keepAliveMs: 75_000,
  gracefulTimeoutMs: 30_000,
  hangTimeoutMs: 30_000,
  bootTimeoutMs: 60_000,
  headersTimeoutMs: 20_000,
  bodySilenceMs: 60_000,
  maxRequests: 0,
  maxRequestsJitter: 0,
  maxLifetimeMs: 0,
  workerBytesMax: 0,
  totalBytesMax: 0,
  connectionsMax: 10_000,
  // Room for as many streams of events as 1 GB holds (2,000), and for what is quick beside them, uploads included: they get 60 % of the places.
  requestsMax: 4_000,
  queueAgeMsMax: 10_000,
  // Railway's edge lets 32 KB of headers through; 16 KB is what Node parses, and twice what Gunicorn takes per field.
  requestLineBytesMax: 8190,
  headerCountMax: 100,
  headerBytesMax: 16_384,
  trustedProxies: ['127.0.0.1', '::1'],
  proxyProtocol: 'off',
  accessLog: null,
  accessLogFormat: 'json',
}
