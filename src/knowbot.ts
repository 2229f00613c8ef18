/** The composition root: opens everything once and hands each part what it needs. The only file that knows them all. */
import { type Accounts, openAccounts, prepareAccounts } from './accounts.ts'
import { type Chat, openChat } from './chat.ts'
import type { Config } from './config.ts'
import { type Documents, type GrantMemory, type Idleness, openDocuments, prepareDocuments } from './documents.ts'
import { KnowBotError } from './errors.ts'
import { type Evaluation, openEvaluation } from './evaluation.ts'
import {
  type Embedders,
  openEmbedders,
  openReranker,
  openWebSearch,
  parseModelSetting,
  type Reranker,
  type WebSearch,
} from './inference.ts'
import { JOBS_WAITING, type Jobs, openJobs } from './jobs.ts'
import { watchDisk } from './knowbot/disk-watch.ts'
import { examineFolder } from './knowbot/examination.ts'
import { examineFences } from './knowbot/fences.ts'
import { workInline } from './knowbot/inline.ts'
import { ALL_WELL, type Condition, type Mode, modeOf } from './knowbot/mode.ts'
import { rerankOptionally } from './knowbot/optional-reranking.ts'
import { Arrivals } from './lib/arrivals.ts'
import { readOomKills } from './lib/cgroup.ts'
import type { JsonValue } from './lib/json.ts'
import { createLog, type Log } from './lib/log.ts'
import { type Messages, openMessages, type Relay } from './lib/messages.ts'
import { printBytes } from './lib/units.ts'
import { checkModelSettings, type Models, openModels, openTokenBudget, type TokenBudget } from './models.ts'
import { openSearch, type Search } from './search.ts'
import { migrate, openStorage, type Storage } from './storage.ts'

export { type Expectation, holds, judge, type Outcome, parseTests, type Verdict } from './evaluation.ts'
export { examine, type Finding } from './knowbot/examination.ts'
export { ALL_WELL, type Condition, type Indexing, type Mode, type ModeName, modeOf } from './knowbot/mode.ts'
export {
  type Answering,
  type EvaluationDocument,
  type EvaluationQuestion,
  evaluate,
  type Returned,
  type Scores,
} from './search.ts'
export { restoreBackup, type Verification, verifyBackup, verifyFolder, writeBackup } from './storage.ts'

/** What the process that runs KnowBot offers it; the runtime's worker host fits. */
export interface Host {
  readonly role: 'web' | 'job'
  publish(topic: string, data: JsonValue): void
  subscribe(topic: string, listener: (data: JsonValue) => void): () => void
  announceWork(work: { waiting: boolean; nextAt: number | null }): void
  status(): Promise<JsonValue>
  /** Prometheus text of the whole server. */
  metrics(): Promise<string>
  /** Memory for a piece of work in the background, when there is some. Without it work takes what it wants. */
  grantMemory?(wish: MemoryWish, signal: AbortSignal): Promise<MemoryAnswer>
  /** How the server stands, and whenever that is otherwise. Without it everything is done. */
  readonly condition?: Condition
  onCondition?(listener: (condition: Condition) => void): () => void
  /** Tells the whole server why nothing may be written, or with null that it may. */
  tellReadOnly?(why: string | null): void
  /** Aborted when this process has been asked to end. */
  readonly draining: AbortSignal
}

interface MemoryWish {
  what: string
  leastBytes: number
  wantedBytes: number
  isAwaited?: boolean
}

/** What was granted, or what would be needed of what there is. */
type MemoryAnswer =
  | { isGranted: true; bytes: number; release(): void }
  | { isGranted: false; neededBytes: number; mostBytes: number }

export interface KnowBot extends AsyncDisposable {
  /** Uploads to this process, for whoever lets them go first. */
  readonly arrivals: Arrivals
  readonly config: Config
  readonly storage: Storage
  readonly accounts: Accounts
  readonly documents: Documents
  readonly search: Search
  readonly chat: Chat
  readonly evaluation: Evaluation
  readonly models: Models
  readonly tokens: TokenBudget
  readonly jobs: Jobs
  readonly messages: Messages
  readonly log: Log
  /** Aborted when this process has been asked to end: what has no end of its own ends then. */
  readonly draining: AbortSignal
  /** What the supervisor says of the whole server. */
  status(): Promise<JsonValue>
  /** The same in numbers, as Prometheus reads them. */
  metrics(): Promise<string>
  /** What the server does at the moment, and what not. */
  mode(): Mode
  /** Calls back whenever that is otherwise; answers how to stop listening. */
  onMode(listener: (mode: Mode) => void): () => void
  /** Streams of events that this process may have open. */
  streamsMax(): number
  /** Processes like this one, this one included. */
  webWorkers(): number
  /** Works until nothing is left to do. */
  runJobs(signal: AbortSignal): Promise<void>
}

/** A job worker that found nothing waits this long for more: starting another costs more than staying. */
const IDLE_MS = 2000
/** Messages can be lost, and a write-ahead log that has grown is work that nobody queued. */
const LOOK_EVERY_MS = 30_000
/** How long whoever reads documents is not called because more of them are just coming. */
const CALL_PATIENCE = { recentMs: 500, waitMsMax: 500 }
const NO_WORK = { waiting: false, nextAt: null }

export async function openKnowBot(config: Config, host: Host): Promise<KnowBot> {
  const log = createLog({ level: config.logLevel, fields: { role: host.role } })
  const storage = openStorage(config.data, { role: host.role })
  const messages = openMessages(relayThrough(host))
  const wasEndedFromOutside = (pid: number) => wasSignalled(host, pid)
  const jobs = openJobs({ database: storage.database, messages, log, wasEndedFromOutside })
  const reranker = openReranking(config)
  const isShort = () => mode().leftOut.length > 0
  const search = openSearch(storage, openEmbeddings(config), reranker && rerankOptionally(reranker, isShort))
  const limits = { uploadBytesMax: config.uploadBytesMax }
  const memory = host.grantMemory ? { grantMemory: grantThrough(host.grantMemory) } : {}
  const whyIdle = () => idlenessOf(mode())
  const documents = openDocuments({ storage, search, jobs, messages, limits, log, whyIdle, ...memory })
  const accounts = openAccounts(storage, config.bootstrapKey === undefined ? {} : { bootstrapKey: config.bootstrapKey })
  const askerOf = accounts.principalOf
  const models = openModels(storage, config)
  const tokens = openTokenBudget({ database: storage.database, log, perDay: config.tokensPerDay })
  const condition = () => host.condition ?? ALL_WELL
  const mode = () => modeOf(condition(), config.indexing, { reranks: reranker !== undefined })
  const whyNoModel = () => (mode().name === 'quotes only' ? mode().why : null)
  const chat = openChat({
    storage,
    search,
    tokens,
    get model() {
      return models.current()
    },
    whyNoModel,
    log,
    messages,
    askerOf,
    web: openWeb(config),
  })
  // Asked to work inline, web workers do what they can, and nobody else is called.
  const announceWork = () => host.announceWork(config.indexing === 'inline' ? NO_WORK : jobs.workWaiting())

  const isWeb = host.role === 'web'
  const stopWatching = isWeb ? watchDisk(storage.space, (why) => host.tellReadOnly?.(why)) : () => undefined
  const arrivals = new Arrivals()
  // The supervisor has no database: whoever has one tells it what there is to do.
  const stopAnnouncing = isWeb ? keepAnnouncing(messages, arrivals, announceWork) : () => undefined
  const isInline = () => mode().isInline
  const inline = { jobs, tasks: documents.inlineTasks, messages, log, isInline, draining: host.draining }
  const stopInline = isWeb ? workInline(inline) : async () => undefined
  if (isWeb) endLostAnswers(chat, log)
  if (isWeb) agreeWithEmbeddings(documents, log)

  return {
    arrivals,
    config,
    storage,
    accounts,
    documents,
    search,
    chat,
    evaluation: openEvaluation({ storage, search, chat }),
    models,
    tokens,
    jobs,
    messages,
    log,
    draining: host.draining,
    status: () => host.status(),
    metrics: () => host.metrics(),
    mode,
    onMode(listener) {
      let last = JSON.stringify(mode())
      const onCondition = () => {
        const now = mode()
        if (last === JSON.stringify(now)) return
        last = JSON.stringify(now)
        listener(now)
      }
      return host.onCondition?.(onCondition) ?? (() => undefined)
    },
    streamsMax: () => condition().streamsMax,
    webWorkers: () => condition().webWorkers,
    async runJobs(signal) {
      await jobs.run(documents.tasks, { signal, idleMs: IDLE_MS })
      announceWork()
    },
    async [Symbol.asyncDispose]() {
      stopAnnouncing()
      stopWatching()
      await stopInline()
      await documents[Symbol.asyncDispose]()
      await chat[Symbol.asyncDispose]()
      await tokens[Symbol.asyncDispose]()
      await storage[Symbol.asyncDispose]()
    },
  }
}

/** What a worker wrote that died is ended by the one that takes its place. */
function endLostAnswers(chat: Chat, log: Log): void {
  chat.recover().catch((error: unknown) => log.warn('answers-not-recovered', { error: error as Error }))
}

/** By the supervisor's record of deaths, which tells a signal of somebody from one of the kernel where the kernel's are counted. */
async function wasSignalled(host: Host, pid: number): Promise<boolean> {
  if (readOomKills() === undefined) return false
  const { deaths = [] } = (await host.status()) as { deaths?: { pid: number; cause: string }[] }
  return deaths.find((death) => death.pid === pid)?.cause === 'signal'
}

/** Another model than before is built beside it; questions do not wait for that. */
function agreeWithEmbeddings({ vectors }: Documents, log: Log): void {
  vectors.prepare().catch((error: unknown) => log.warn('vectors-not-prepared', { error: error as Error }))
}

function idlenessOf({ jobsWaitFor }: Mode): Idleness {
  if (jobsWaitFor === null) return null
  return { reason: jobsWaitFor.reason === 'memory' ? 'paused' : 'no_worker', message: jobsWaitFor.why }
}

/** At the start, every now and then, and whenever something is queued, as soon as the uploads that are coming beside it have come. */
function keepAnnouncing(messages: Messages, arrivals: Arrivals, announceWork: () => void): () => void {
  let [isAboutTo, isOver] = [false, false]
  const announceSoon = async () => {
    if (isAboutTo) return
    isAboutTo = true
    await arrivals.settle(CALL_PATIENCE)
    isAboutTo = false
    if (!isOver) announceWork()
  }
  announceWork()
  const stopListening = messages.subscribe(JOBS_WAITING, () => void announceSoon())
  const timer = setInterval(announceWork, LOOK_EVERY_MS)
  return () => {
    isOver = true
    clearInterval(timer)
    stopListening()
  }
}

/** What cannot be seen in a setting alone: throws `invalid_setting` where the model that is named cannot be used. */
export function checkConfig(config: Config): void {
  checkModelSettings(config)
  openEmbeddings(config)
  openReranking(config)
  openWeb(config)
}

/** Before the first worker: schema, recovery, fixed accounts. Answers the lines that people must read at the start. */
export async function prepareFolder(config: Config): Promise<string[]> {
  checkConfig(config) // A model that cannot be used stops the start, not the first question.
  migrate(config.data)
  await using storage = openStorage(config.data, { role: 'web' })
  const log = createLog({ level: config.logLevel, fields: { role: 'prepare' } })
  const messages = openMessages()
  const prepared = await prepareDocuments({ storage, jobs: openJobs({ database: storage.database, messages, log }) })
  log.debug('folder-prepared', { ...prepared })
  const { setupCode } = await prepareAccounts(storage)
  const fences = examineFences().filter(({ state }) => state !== 'good')
  const warnings = [...(await examineFolder(config)).filter(({ state }) => state === 'bad'), ...fences]
  const { problem } = openModels(storage, config).view()
  return [
    ...(problem === null ? [] : [`Attention, model: ${problem}`]),
    ...warnings.map(({ subject, text }) => `Attention, ${subject}: ${text}`),
    ...(setupCode
      ? [
          `Nobody administers this server yet. Become an administrator: ${config.publicUrl ?? '{url}'}/#setup=${setupCode}`,
        ]
      : []),
  ]
}

function openWeb({ webSearch: engine, webSearchUrl: url, webSearchKey: key }: Config): WebSearch | undefined {
  return engine === undefined ? undefined : openWebSearch({ engine, url, key })
}

function openReranking({ rerank: name, rerankUrl: url, rerankKey: key }: Config): Reranker | undefined {
  if (name === undefined) return undefined
  return openReranker({ name, ...(url === undefined ? {} : { url }), ...(key === undefined ? {} : { key }) })
}

function openEmbeddings({ embeddings, embeddingsUrl, embeddingsKey }: Config): Embedders | undefined {
  if (embeddings === undefined) return undefined
  return openEmbedders({
    ...parseModelSetting(embeddings, 'KNOWBOT_EMBEDDINGS'),
    ...(embeddingsUrl === undefined ? {} : { url: embeddingsUrl }),
    ...(embeddingsKey === undefined ? {} : { key: embeddingsKey }),
  })
}

function grantThrough(ask: NonNullable<Host['grantMemory']>): GrantMemory {
  return async (wish, signal) => {
    const answer = await ask(wish, signal)
    if (answer.isGranted) return { bytes: answer.bytes, [Symbol.dispose]: () => answer.release() }
    const [needed, most] = [answer.neededBytes, answer.mostBytes].map(printBytes)
    throw new KnowBotError(
      'out_of_memory',
      `Expected ${needed} of memory for reading this document, got ${most}. Give the server more, or upload it in smaller parts.`,
    )
  }
}

function relayThrough(host: Host): Relay {
  // One channel for all topics, so that the host needs to know none of them.
  const CHANNEL = 'knowbot'
  return {
    send: (topic, data) => host.publish(CHANNEL, { topic, data }),
    receive(listener) {
      host.subscribe(CHANNEL, (message) => {
        const { topic, data } = message as { topic: string; data: JsonValue }
        listener(topic, data)
      })
    },
  }
}
