/** What the supervisor knows of itself, as JSON. Types, not interfaces: only those are JSON values to the compiler. */
import type { Condition } from '../runtime.ts'
import type { Brownout } from './brownout.ts'
import type { Budget, BudgetStatus } from './budget.ts'
import type { Crew } from './crew.ts'
import type { Death } from './death.ts'
import type { DeathRegister } from './death-register.ts'
import type { Role } from './ipc.ts'
import { readAnonymousBytes } from './process-memory.ts'

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

interface StatusParts extends Pick<SupervisorStatus, 'addresses'> {
  startedAt: Date
  state: SupervisorStatus['supervisor']['state']
  /** Undefined until everything is bound and prepared. */
  crew: Crew | undefined
  budget: Budget
  brownout: Brownout
  deaths: DeathRegister
}

export function composeStatus(parts: StatusParts): SupervisorStatus {
  const { startedAt, state, addresses, crew, budget, brownout, deaths } = parts
  const { waiting, nextAt } = crew?.jobs?.work ?? { waiting: false, nextAt: null }
  return {
    supervisor: {
      pid: process.pid,
      startedAt: startedAt.toISOString(),
      state,
      anonymousBytes: readAnonymousBytes(process.pid) ?? 0,
    },
    addresses,
    workersWanted: crew?.web.wanted ?? 0,
    circuit: {
      state: crew?.web.circuit.isOpen ? 'open' : 'closed',
      crashes: crew?.web.circuit.crashes ?? 0,
      nextStartAt: isoOrNull(crew?.web.nextStartAt),
    },
    workers: crew?.children.map((child) => child.status()) ?? [],
    condition: { ...brownout.condition, since: brownout.since.toISOString() },
    memory: budget.status(),
    work: { waiting, nextAt: isoOrNull(nextAt) },
    deaths: deaths.latest,
  }
}

function isoOrNull(timeMs: number | null | undefined): string | null {
  return timeMs === null || timeMs === undefined ? null : new Date(timeMs).toISOString()
}
