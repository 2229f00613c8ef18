/**
 * The application server: a supervisor that binds and never accepts, web workers that serve, job workers that come and go.
 * It knows nothing of what it serves: any module whose default export has `fetch(request)` is an application.
 */
import type { JsonValue } from './lib/json.ts'
import type { Log } from './lib/log.ts'
import type { SupervisorStatus } from './runtime/status.ts'

// HTTP belongs to the worker's side, which the children import by path: the supervisor must not load it.
export { controlCall } from './runtime/control-client.ts'
export type { SupervisorStatus, WorkerStatus } from './runtime/status.ts'
export { SuperviseError, type SuperviseErrorCode } from './runtime/supervise-error.ts'
export { supervise } from './runtime/supervisor.ts'

export interface RequestInfo {
  /** Null on a unix socket. */
  peer: { address: string; port: number } | null
  /** The label of the bind that the request came by. */
  listener: string
}

/** The default export of a module that is served. */
export interface Application {
  open?(host: WorkerHost): Promise<void>
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>
  close?(): Promise<void>
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
}

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
  /** Whether TERM, INT, QUIT and HUP are ours to handle; false inside a command that has a life of its own. Default true. */
  handlesSignals?: boolean
  limits?: Partial<WorkerLimits>
}

/** Everything a worker may be bounded by. Times in ms; see `DEFAULT_LIMITS`. */
export interface WorkerLimits {
  backlog: number
  keepAliveMs: number
  /** How long open requests may take to end after a stop was asked for. */
  gracefulTimeoutMs: number
  /** How long a worker's event loop may stand still. */
  hangTimeoutMs: number
  bootTimeoutMs: number
  /** How long the head of a request may take. */
  headersTimeoutMs: number
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
