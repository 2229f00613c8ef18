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
  readonly webWorkers: number
}

export type ModeName = 'background' | 'inline' | 'quotes only' | 'read only'

export interface Mode {
  readonly name: ModeName
  /** Why it is not `background`, or why something is left out; null where all is well. */
  readonly why: string | null
  /** For want of memory, in the order in which it was given up. */
  readonly leftOut: readonly string[]
  /** Why no job is done at the moment; null where jobs are. */
  readonly jobsWaitFor: { readonly reason: 'memory' | 'no worker' | 'inline'; readonly why: string } | null
  /** Whether web workers read what they can. */
  readonly isInline: boolean
}

/** Where nobody counts memory: everything is done. */
export const ALL_WELL: Condition = {
  step: 'everything',
  stepWhy: null,
  jobs: { state: 'run', why: null },
  readOnlyWhy: null,
  streamsMax: 1000,
  webWorkers: 1,
}

export type Indexing = 'auto' | 'background' | 'inline'

const LEFT_OUT: Readonly<Record<Condition['step'], string | null>> = {
  everything: null,
  'no optional work': 'suggested questions',
  'one job worker': 'reading several documents at once',
  'jobs wait': 'reading documents',
  'fewer streams': 'half of the places for live updates',
  'essentials only': 'answers written by the model',
}

const WITH_RERANKING = 'suggested questions, and the order of what was found by a model'

/** `reranks`: whether a model is set that orders what was found. */
export function modeOf(
  { step, stepWhy, jobs, readOnlyWhy }: Condition,
  indexing: Indexing,
  { reranks = false }: { reranks?: boolean } = {},
): Mode {
  const words = { ...LEFT_OUT, ...(reranks ? { 'no optional work': WITH_RERANKING } : {}) }
  const leftOut = Object.values(words)
    .slice(0, Object.keys(words).indexOf(step) + 1)
    .filter((each) => each !== null)
  const isUnable = jobs.state === 'cannot start'
  const isToBeInline = indexing === 'inline' || (indexing === 'auto' && isUnable)
  const isInline = isToBeInline && !leftOut.includes(LEFT_OUT['jobs wait']!) && readOnlyWhy === null
  const rest = { leftOut, jobsWaitFor: whyNoJobs(jobs, indexing), isInline }
  if (readOnlyWhy !== null) return { name: 'read only', why: readOnlyWhy, ...rest }
  if (step === 'essentials only') return { name: 'quotes only', why: stepWhy, ...rest }
  if (isToBeInline) return { name: 'inline', why: stepWhy ?? jobs.why ?? ASKED_FOR, ...rest }
  return { name: 'background', why: stepWhy ?? jobs.why, ...rest }
}

const ASKED_FOR = 'KNOWBOT_INDEXING=inline: only small plain text is read'

function whyNoJobs({ state, why }: Condition['jobs'], indexing: Indexing): Mode['jobsWaitFor'] {
  if (state === 'wait') return { reason: 'memory', why: why ?? '' }
  if (state === 'cannot start') return { reason: 'no worker', why: why ?? '' }
  return indexing === 'inline' ? { reason: 'inline', why: ASKED_FOR } : null
}
