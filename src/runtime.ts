/**
 * The application server: a supervisor that binds and never accepts, web workers that serve, job workers that come and go.
 * It knows nothing of what it serves: any module whose default export has `fetch(request)` is an application.
 */
import type { Duplex } from 'node:stream'
import type { JsonValue } from './lib/json.ts'
import type { Log } from './lib/log.ts'
import type { Step } from './runtime/ladder.ts'
import type { SupervisorStatus } from './runtime/status.ts'

export { createLog, type Log } from './lib/log.ts'
// HTTP belongs to the worker's side, which the children import by path: the supervisor must not load it.
export type { BudgetStatus } from './runtime/budget.ts'
export { controlCall } from './runtime/control-client.ts'
export { inheritedDescriptors } from './runtime/inheritance.ts'
export { hasReached, type Step } from './runtime/ladder.ts'
export { DEFAULT_LIMITS } from './runtime/limits.ts'
export { autoWorkers, type Machine, thisMachine, type WorkerCount } from './runtime/shares.ts'
export type { SupervisorStatus, WorkerStatus } from './runtime/status.ts'
export { SuperviseError, type SuperviseErrorCode } from './runtime/supervise-error.ts'
export { supervise } from './runtime/supervisor.ts'

export interface RequestInfo {
  /** Null on a unix socket. */
  peer: { address: string; port: number } | null
  /** The label of the bind that the request came by. */
  listener: string
  /**
   * Takes the connection of a request with `Upgrade` (WebSocket): the socket, and what was read of it beyond the head. The
   * response that `fetch` then returns is ignored. Absent when the request asks for no upgrade.
   */
  upgrade?(): { socket: Duplex; head: Uint8Array }
}

/** The default export of a module that is served. */
export interface Application {
  open?(host: WorkerHost): Promise<void>
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>
  /**
   * Work that belongs to no request, when the process has been asked to end: it may go on until this resolves, and the signal
   * aborts a moment before the deadline, while requests are still answered. What is left then is to be kept for the next one.
   */
  finish?(signal: AbortSignal): Promise<void>
  close?(): Promise<void>
  /** When places are short: what people wait for is let in first, what can wait last. Without it everything is `normal`. */
  classify?(request: { method: string; path: string }): 'critical' | 'normal' | 'background'
}

/** The default export of a module that works in the background. It returns when there is nothing left to do; then the process exits. */
export interface JobApplication {
  open?(host: WorkerHost): Promise<void>
  run(signal: AbortSignal): Promise<void>
  close?(): Promise<void>
}

/** What the runtime offers the application in a child. */
export interface WorkerHost {
  readonly role: 'web' | 'job'
  readonly slot: number
  /** To all other children: at most 64 KB as JSON. May be lost, and is dropped when a child does not keep up. */
  publish(topic: string, data: JsonValue): void
  subscribe(topic: string, listener: (data: JsonValue) => void): () => void
  /** Tells the supervisor whether a job worker is wanted, now or at `nextAt` (epoch ms). */
  announceWork(work: WorkAnnouncement): void
  status(): Promise<JsonValue>
  /** Memory for a piece of work in the background: waits until there is some, or answers that there will never be enough. */
  grantMemory(wish: MemoryWish, signal: AbortSignal): Promise<MemoryAnswer>
  /** Prometheus text of the runtime. */
  metrics(): Promise<string>
  /** How the server stands, as the supervisor told it last. */
  readonly condition: Condition
  /** Calls back whenever that is otherwise; answers how to stop listening. */
  onCondition(listener: (condition: Condition) => void): () => void
  /** Tells the whole server why nothing may be written, as this process sees it, or with null that it may. */
  tellReadOnly(why: string | null): void
  /** Aborted when this process has been asked to end: endless answers should end soon. */
  readonly draining: AbortSignal
}

/** How the server stands. Every reason is in words. Types, not interfaces: only those are JSON values to the compiler. */
export type Condition = {
  /** While memory is short, what is left out: everything up to this step. */
  readonly step: Step
  /** What was seen; null where nothing is left out. */
  readonly stepWhy: string | null
  /** `cannot start`: there is work, and no process for it can be started. */
  readonly jobs: { readonly state: 'run' | 'wait' | 'cannot start'; readonly why: string | null }
  /** Why nothing may be written, as a worker has told. */
  readonly readOnlyWhy: string | null
  /** Streams of events that one web worker may have open. */
  readonly streamsMax: number
  /** As many web workers share what one client may do. */
  readonly webWorkers: number
}

/** In bytes. */
export interface MemoryWish {
  /** For people: what the memory is for. */
  what: string
  /** With less the work is of no use. */
  leastBytes: number
  /** More is of no use. */
  wantedBytes: number
  /** Somebody waits for it, and it is soon over: it may have what the rest of the server leaves of its share, and waits for nobody. */
  isAwaited?: boolean
}

/** What was granted, to be released when the work has ended, however; or what would be needed of what there is. */
export type MemoryAnswer =
  | { isGranted: true; bytes: number; release(): void }
  | { isGranted: false; neededBytes: number; mostBytes: number }

export interface WorkAnnouncement {
  waiting: boolean
  nextAt: number | null
}

export interface Bind {
  label: string
  /** `HOST:PORT`, `[IPV6]:PORT`, `unix:PATH` or `fd://N`. */
  address: string
  /** Mode of a unix socket's file. */
  mode?: number
}

export interface SuperviseOptions {
  /** Handed to web workers as fd 3, 4, … with their labels. */
  binds: readonly Bind[]
  /** Path of a module whose default export is an `Application`. */
  application: string
  /** Path of a module whose default export is a `JobApplication`, started only when work is announced. */
  jobs?: { module: string; max: number }
  /**
   * Path of a script that runs once before the first worker. By IPC it may send `{type: 'announce', lines}`, for people, where
   * `{url}` stands for the first address; and `{type: 'refuse', message, exitCode}`, which stops the start with that line.
   */
  prepare?: string
  workers: number
  /** Added to the environment of every child. */
  environment: Readonly<Record<string, string>>
  /** One server per lock file. */
  lockFile: string
  pidFile?: string
  /** Path of the unix socket that `controlCall` speaks to. */
  controlSocket?: string
  log: Log
  /** Whether signals are ours to handle; false inside a command that has a life of its own. Default true. */
  handlesSignals?: boolean
  limits?: Partial<WorkerLimits>
  /** Ends the start, with exit code 1, when a worker does not boot; otherwise it is tried again and again. */
  failsFast?: boolean
  /** Read again at HUP. What it throws is logged, and everything stays as it is. */
  reload?(): Reloadable | Promise<Reloadable>
  /** Accidents on purpose, to see what they come to. */
  chaos?: ChaosRates
  /** USR1: the supervisor's own log files, if it has some. */
  reopenLogs?(): void
  /** Descriptors that came from outside: used for the first binds, in order, instead of binding. See `inheritedDescriptors`. */
  descriptors?: readonly number[]
  /** This process was started by an older supervisor with this pid (USR2), and follows it when it goes. */
  predecessor?: number
}

/** Accidents per second. */
export interface ChaosRates {
  readonly kill: number
  readonly hang: number
  readonly hog: number
}

/** What may change while the server runs. */
export interface Reloadable {
  environment?: Readonly<Record<string, string>>
  workers?: number
  limits?: Partial<WorkerLimits>
  log?: Log
}

/** Everything a worker is bounded by. Times in ms, 0 for "no limit" where that makes sense; see `DEFAULT_LIMITS`. */
export interface WorkerLimits {
  /** Connections that the kernel may hold for us. */
  backlog: number
  keepAliveMs: number
  /** How long open requests may take to end after a stop was asked for. */
  gracefulTimeoutMs: number
  /** How long a worker's event loop may stand still. */
  hangTimeoutMs: number
  bootTimeoutMs: number
  /** How long the head of a request may take. */
  headersTimeoutMs: number
  /** How long a client may be silent in the middle of a body that is being read. */
  bodySilenceMs: number
  /** A worker is replaced after so many requests, and up to `maxRequestsJitter` more. */
  maxRequests: number
  maxRequestsJitter: number
  /** A worker is replaced at this age. */
  maxLifetimeMs: number
  /** Anonymous memory of one web worker: at 85 % it is replaced when its requests are done, at 100 % within seconds. */
  workerBytesMax: number
  /** All that the supervisor and its children may hold together; by default what the container allows. */
  totalBytesMax: number
  connectionsMax: number
  /** Requests in progress in one worker, long answers included. */
  requestsMax: number
  /** Oldest age at which a request is still begun, by the `X-Request-Start` of a trusted proxy. */
  queueAgeMsMax: number
  requestLineBytesMax: number
  headerCountMax: number
  headerBytesMax: number
  /** Addresses and CIDR ranges whose forwarding headers are believed. */
  trustedProxies: readonly string[]
  /** Whether connections from trusted proxies begin with a PROXY line (v1) or block (v2). */
  proxyProtocol: 'off' | 'v1' | 'v2' | 'auto'
  /** A file, `-` for standard error, or nothing. */
  accessLog: string | null
  /** Gunicorn's atoms, or `json`. */
  accessLogFormat: string
}

export interface Supervisor {
  readonly addresses: readonly { label: string; url: string }[]
  /** What the preparation has to tell people. */
  readonly announcements: readonly string[]
  /** The first worker answers. */
  readonly ready: Promise<void>
  /** The exit code, when everything has ended. */
  readonly stopped: Promise<number>
  stop(): Promise<void>
  status(): SupervisorStatus
}
