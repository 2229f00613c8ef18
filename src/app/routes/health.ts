/** Whether this process serves, whether it can work, and what the whole server does. */
import { Health, Ready, type ReadyAnswer, type ServerModeAnswer, Status } from '../../api.ts'
import { KnowBotError } from '../../errors.ts'
import { SECOND_MS } from '../../lib/units.ts'
import { ADMINISTRATOR, NO_BODY, PUBLIC, route } from '../route.ts'
import type { Mode, Services } from '../services.ts'

const ALL_WELL: ServerModeAnswer = { mode: 'background', reason: null, leftOut: [] }
/** What is done inline because somebody wants it so is no failure. */
const JOBS = { memory: 'waiting', 'no worker': 'failed', inline: 'ok' } as const
const STATUS_MS_MAX = 5 * SECOND_MS

export const HEALTH_ROUTES = [
  route({
    method: 'GET',
    path: '/api/health',
    name: 'getHealth',
    sentence: 'Answers when this process serves. The Host header is not checked.',
    policy: PUBLIC,
    rate: 'free',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'It serves.', schema: Health, example: { status: 'ok' } } },
    errors: [],
    handle: async () => ({ status: 200, body: { status: 'ok' } }),
  }),
  route({
    method: 'GET',
    path: '/api/ready',
    name: 'getReady',
    sentence: 'Whether the server can work.',
    policy: PUBLIC,
    rate: 'free',
    bodyBytesMax: NO_BODY,
    answers: {
      200: {
        description: 'It can.',
        schema: Ready,
        example: {
          checks: { database: 'ok', disk: 'ok', process: 'ok', memory: 'ok', jobs: 'ok' },
          needsSetup: false,
          ...ALL_WELL,
        },
      },
      503: {
        description: 'It cannot; Retry-After says when to look again.',
        schema: Ready,
        example: {
          checks: { database: 'failed', disk: 'failed', process: 'ok', memory: 'ok', jobs: 'ok' },
          needsSetup: false,
          ...ALL_WELL,
        },
      },
    },
    errors: [],
    async handle({ services }) {
      const body = await examine(services)
      const isReady = body.checks.database === 'ok' && body.checks.process === 'ok'
      return isReady ? { status: 200, body } : { status: 503, body, headers: { 'retry-after': '5' } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/status',
    name: 'getStatus',
    sentence: 'Processes, memory and jobs, as the supervisor and the queue know them.',
    policy: ADMINISTRATOR,
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: {
      200: {
        description: 'How the server does.',
        schema: Status,
        example: { workers: [{ pid: 4711, role: 'web' }], ...ALL_WELL, jobs: { queued: 3, running: 1, failed: [] } },
      },
    },
    errors: ['unavailable'],
    async handle({ services }) {
      const server = await inTime(services.status())
      const { queued, running, failed } = services.jobs.overview()
      const told = failed.map((job) => ({ ...job, endedAt: new Date(job.endedAt).toISOString() }))
      const mode = modeAnswer(services.mode())
      return {
        status: 200,
        body: { workers: [], ...(server as object), ...mode, jobs: { queued, running, failed: told } },
      }
    },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    name: 'getMetrics',
    sentence: 'Processes, requests, memory and jobs in numbers, in the text format of Prometheus.',
    policy: ADMINISTRATOR,
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'Text format 0.0.4.', mediaType: 'text/plain' } },
    errors: ['unavailable'],
    async handle({ services }) {
      const own = `${jobMetrics(services.jobs.overview())}${modeMetrics(services.mode())}`
      const text = `${await inTime(services.metrics())}${own}`
      return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
    },
  }),
]

/** The queue, beside what the supervisor counts. */
function jobMetrics({ queued, running }: { queued: number; running: number }): string {
  return `# HELP knowbot_jobs Jobs by state.
# TYPE knowbot_jobs gauge
knowbot_jobs{state="queued"} ${queued}
knowbot_jobs{state="running"} ${running}
`
}

function modeMetrics({ name }: Mode): string {
  const samples = (['background', 'inline', 'quotes only', 'read only'] as const).map(
    (mode) => `knowbot_mode{mode="${mode}"} ${mode === name ? 1 : 0}\n`,
  )
  return `# HELP knowbot_mode 1 for what the server does at the moment.\n# TYPE knowbot_mode gauge\n${samples.join('')}`
}

export function modeAnswer({ name, why, leftOut }: Mode): ServerModeAnswer {
  return { mode: name, reason: why, leftOut: [...leftOut] }
}

/** The supervisor is another process: it may be busy, or on its way out. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const message = `Expected the supervisor to answer within ${STATUS_MS_MAX / SECOND_MS} s, and it did not. Try again.`
  const timer = setTimeout(() => reject(new KnowBotError('unavailable', message)), STATUS_MS_MAX)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}

async function examine({ storage, accounts, draining, ...services }: Services): Promise<ReadyAnswer> {
  const disk = await storage.space.assertRoom(0).then(
    () => 'ok' as const,
    (error) => (error instanceof KnowBotError && error.code === 'disk_full' ? ('low' as const) : ('failed' as const)),
  )
  const process = draining.aborted ? 'stopping' : 'ok'
  const mode = services.mode()
  const memory = mode.leftOut.length === 0 ? 'ok' : 'short'
  const jobs = JOBS[mode.jobsWaitFor?.reason ?? 'inline']
  const known = { disk, process, memory, jobs } as const
  try {
    storage.database.get('SELECT 1')
    return { checks: { database: 'ok', ...known }, needsSetup: await accounts.needsSetup(), ...modeAnswer(mode) }
  } catch {
    // What is wrong stands in the log of whoever needed it; here it is enough that something is.
    return { checks: { database: 'failed', ...known }, needsSetup: false, ...modeAnswer(mode) }
  }
}
