/**
 * What the server does at the moment, in one word for people and programs. It follows from who is alive and from what there is of
 * memory and disk, never from whether something could be queued.
 *
 *   background    documents are read by job workers
 *   inline        no job worker can be started, or none shall be (KNOWBOT_INDEXING): web workers read small plain text, the rest waits
 *   quotes only   memory is nearly gone: answers are quotes, the model is not asked; documents wait
 *   read only     the disk is full: nothing is kept, asking without a chat and deleting go on
 *
 * The last that is true counts. Each is left when what brought it is over; marks lie apart, so that nothing flutters.
 */

/** What the host says of itself; the runtime's fits. */
export interface Condition {
  readonly step:
    | 'everything'
    | 'no optional work'
    | 'one job worker'
    | 'jobs wait'
    | 'fewer streams'
    | 'essentials only'
  readonly stepWhy: string | null
  readonly jobs: { readonly state: 'run' | 'wait' | 'cannot start'; readonly why: string | null }
  readonly readOnlyWhy: string | null
  readonly streamsMax: number
}

export type ModeName = 'background' | 'inline' | 'quotes only' | 'read only'

export interface Mode {
  readonly name: ModeName
  /** Why it is not `background`, or why something is left out; null where all is well. */
  readonly why: string | null
  /** For want of memory, in the order in which it was given up. */
  readonly leftOut: readonly string[]
  /** Why no job is done at the moment; null where jobs are. */
  readonly jobsWaitFor: { readonly reason: 'memory' | 'no worker'; readonly why: string } | null
}

/** Where nobody counts memory: everything is done. */
export const ALL_WELL: Condition = {
  step: 'everything',
  stepWhy: null,
  jobs: { state: 'run', why: null },
  readOnlyWhy: null,
  streamsMax: 1000,
}

export type Indexing = 'auto' | 'background' | 'inline'

const LEFT_OUT: Readonly<Record<Condition['step'], string | null>> = {
  everything: null,
  'no optional work': 'work that nobody waits for',
  'one job worker': 'reading several documents at once',
  'jobs wait': 'reading documents',
  'fewer streams': 'half of the places for live updates',
  'essentials only': 'answers written by the model',
}

export function modeOf({ step, stepWhy, jobs, readOnlyWhy }: Condition, indexing: Indexing): Mode {
  const steps = Object.keys(LEFT_OUT)
  const leftOut = Object.values(LEFT_OUT)
    .slice(0, steps.indexOf(step) + 1)
    .filter((words) => words !== null)
  const isUnable = jobs.state === 'cannot start'
  const jobsWaitFor =
    jobs.state === 'run' ? null : ({ reason: isUnable ? 'no worker' : 'memory', why: jobs.why ?? '' } as const)
  const rest = { leftOut, jobsWaitFor }
  if (readOnlyWhy !== null) return { name: 'read only', why: readOnlyWhy, ...rest }
  if (step === 'essentials only') return { name: 'quotes only', why: stepWhy, ...rest }
  if (indexing === 'inline') return { name: 'inline', why: 'KNOWBOT_INDEXING says so', ...rest }
  if (isUnable && indexing === 'auto') return { name: 'inline', why: jobs.why, ...rest }
  return { name: 'background', why: stepWhy ?? jobs.why, ...rest }
}
