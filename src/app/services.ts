/** What the application is handed: the services of KnowBot, and what the server says about a request beside the request itself. */
import type { Accounts } from '../accounts.ts'
import type { ServerModeAnswer } from '../api.ts'
import type { Chat } from '../chat.ts'
import type { Documents } from '../documents.ts'
import type { Evaluation } from '../evaluation.ts'
import type { Jobs } from '../jobs.ts'
import type { Arrivals } from '../lib/arrivals.ts'
import type { JsonValue } from '../lib/json.ts'
import type { Log } from '../lib/log.ts'
import type { Messages } from '../lib/messages.ts'
import type { Models, TokenBudget } from '../models.ts'
import type { Search } from '../search.ts'

/** What the server does at the moment. */
export interface Mode {
  readonly name: ServerModeAnswer['mode']
  /** Why something is not done. */
  readonly why: string | null
  readonly leftOut: readonly string[]
  /** Why no job is done; null where jobs are. */
  readonly jobsWaitFor: { readonly reason: 'memory' | 'no worker' | 'inline'; readonly why: string } | null
}

export interface Services {
  /** Uploads to this process, for whoever lets them go first. */
  readonly arrivals: Arrivals
  readonly accounts: Accounts
  readonly documents: Documents
  readonly search: Search
  readonly chat: Chat
  readonly evaluation: Evaluation
  readonly models: Models
  readonly tokens: TokenBudget
  readonly jobs: Pick<Jobs, 'overview'>
  readonly log: Log
  readonly storage: {
    readonly database: { get(sql: string): unknown }
    readonly space: { assertRoom(bytes: number): Promise<void> }
  }
  readonly config: {
    readonly bind: readonly string[]
    readonly publicUrl: string | undefined
    readonly uploadBytesMax: number
    readonly heartbeatS: number
    readonly streamRenewS: number
  }
  /** Aborted when this process has been asked to end. */
  readonly draining: AbortSignal
  /** What the server does at the moment, and what not. */
  mode(): Mode
  /** Calls back whenever that is otherwise; answers how to stop listening. */
  onMode(listener: (mode: Mode) => void): () => void
  /** Streams of events that this process may have open. */
  streamsMax(): number
  /** Processes like this one, this one included. */
  webWorkers(): number
  readonly messages: Messages
  /** What the supervisor says of the whole server. */
  status(): Promise<JsonValue>
  /** The same in numbers, as Prometheus reads them. */
  metrics(): Promise<string>
}
