/** What the supervisor knows of itself, as JSON. */
export type WorkerPhase = 'booting' | 'ready' | 'draining' | 'ended'

// Types, not interfaces: only those are JSON values to the compiler.
export type WorkerStatus = {
  readonly role: 'web' | 'job'
  readonly slot: number
  readonly pid: number
  readonly phase: WorkerPhase
  readonly ageMs: number
  readonly openRequests: number
  readonly requests: number
}

export type SupervisorStatus = {
  readonly supervisor: {
    readonly pid: number
    readonly startedAt: string
    readonly state: 'starting' | 'serving' | 'stopping'
  }
  readonly addresses: readonly { readonly label: string; readonly url: string }[]
  readonly workersWanted: number
  readonly workers: readonly WorkerStatus[]
  readonly work: { readonly waiting: boolean; readonly nextAt: string | null }
}
