/** What the application is handed: the services of KnowBot, and what the server says about a request beside the request itself. */
import type { Accounts } from '../accounts.ts'
import type { Chat } from '../chat.ts'
import type { Documents } from '../documents.ts'
import type { Jobs } from '../jobs.ts'
import type { JsonValue } from '../lib/json.ts'
import type { Log } from '../lib/log.ts'
import type { Search } from '../search.ts'

export interface Services {
  readonly accounts: Accounts
  readonly documents: Documents
  readonly search: Search
  readonly chat: Chat
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
  /** What the supervisor says of the whole server. */
  status(): Promise<JsonValue>
  /** The same in numbers, as Prometheus reads them. */
  metrics(): Promise<string>
}
