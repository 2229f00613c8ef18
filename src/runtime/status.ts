/** What the supervisor knows of itself, as JSON. Types, not interfaces: only those are JSON values to the compiler. */
import type { Condition } from '../runtime.ts'
import type { BudgetStatus } from './budget.ts'
import type { Death } from './death.ts'
import type { Role } from './ipc.ts'

export type WorkerPhase = 'booting' | 'ready' | 'draining' | 'ended'

export type WorkerStatus = {
  readonly role: Role
  readonly slot: number
  readonly pid: number
  readonly phase: WorkerPhase
  readonly ageMs: number
  readonly openRequests: number
  readonly openConnections: number
  readonly requests: number
  readonly anonymousBytes: number
  readonly peakBytes: number
  readonly lagP99Ms: number
  readonly sinceBeatMs: number
}

export type SupervisorStatus = {
  readonly supervisor: {
    readonly pid: number
    readonly startedAt: string
    readonly state: 'starting' | 'serving' | 'stopping'
    readonly anonymousBytes: number
  }
  readonly addresses: readonly { readonly label: string; readonly url: string }[]
  readonly workersWanted: number
  /** `open` after several crashes in a row: the next start waits. */
  readonly circuit: { readonly state: 'closed' | 'open'; readonly crashes: number; readonly nextStartAt: string | null }
  readonly workers: readonly WorkerStatus[]
  /** What is left out for want of memory, and whether job workers can be started. */
  readonly condition: Condition & { readonly since: string }
  readonly memory: BudgetStatus
  readonly work: { readonly waiting: boolean; readonly nextAt: string | null }
  readonly deaths: readonly Death[]
}
