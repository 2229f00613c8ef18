/** KnowBot under its supervisor: which modules it runs, where it can be reached, and what it may use. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, childEnvironment, compileCacheEnvironment, meetingPoints, socketVariables } from '../config.ts'
import { type ErrorCode, KnowBotError } from '../errors.ts'
import { createLog } from '../lib/log.ts'
import { SECOND_MS } from '../lib/units.ts'
import {
  autoWorkers,
  type Bind,
  inheritedDescriptors,
  type Reloadable,
  SuperviseError,
  type SuperviseOptions,
  type Supervisor,
  supervise,
  thisMachine,
  type WorkerCount,
} from '../runtime.ts'

export interface StartOptions {
  /** Network addresses; the socket of the data folder, for this user's own commands, is always there. */
  addresses: readonly string[]
  /** The settings anew, for HUP and `knowbot reload`. A command that needs a server for a while has none and keeps its signals. */
  reread?: () => Config
}

export async function startSupervisor(config: Config, { addresses, reread }: StartOptions): Promise<Supervisor> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  // Everything of ours lies in it: nobody else looks in, whatever the umask was when it was made.
  chmodSync(config.data, 0o700)
  const { lockFile, localSocket, controlSocket } = meetingPoints(config.data)
  const binds: Bind[] = [
    ...addresses.map((address) => ({ label: 'public', address })),
    { label: 'local', address: `unix:${localSocket}`, mode: 0o600 },
  ]
  const product = {
    application: modulePath('web-worker'),
    jobs: { module: modulePath('job-worker'), max: config.jobsMax },
    prepare: modulePath('prepare'),
  }
  const options: SuperviseOptions = {
    ...(config.application === undefined ? product : { application: config.application }),
    ...reloadable(config),
    binds,
    lockFile,
    controlSocket,
    failsFast: config.failsFast,
    ...(config.chaos ? { chaos: config.chaos } : {}),
    handlesSignals: reread !== undefined,
    ...(reread ? { reload: () => reloadable(reread()), ...inheritedDescriptors(socketVariables()) } : {}),
    ...(config.pidFile ? { pidFile: config.pidFile } : {}),
  }
  try {
    return await supervise(options)
  } catch (error) {
    throw error instanceof SuperviseError ? new KnowBotError(codeOf(error), error.message, { cause: error }) : error
  }
}

/** How many workers `auto` means here, with the arithmetic for people. */
export function countWorkers({ memoryBytesMax }: Config): WorkerCount {
  const { memoryBytes, cores } = thisMachine()
  return autoWorkers({ cores, memoryBytes: Math.min(memoryBytes, memoryBytesMax ?? Number.POSITIVE_INFINITY) })
}

/** What may change while the server runs. */
function reloadable(config: Config): Required<Reloadable> {
  return {
    workers: config.workers === 'auto' ? countWorkers(config).workers : config.workers,
    environment: { ...compileCacheEnvironment(), ...childEnvironment(config) },
    log: createLog({ level: config.logLevel, fields: { role: 'supervisor' } }),
    limits: {
      backlog: config.backlog,
      keepAliveMs: config.keepAliveS * SECOND_MS,
      gracefulTimeoutMs: config.gracefulTimeoutS * SECOND_MS,
      hangTimeoutMs: config.timeoutS * SECOND_MS,
      bootTimeoutMs: config.bootTimeoutS * SECOND_MS,
      headersTimeoutMs: config.headersTimeoutS * SECOND_MS,
      bodySilenceMs: config.bodySilenceS * SECOND_MS,
      maxRequests: config.maxRequests,
      maxRequestsJitter: config.maxRequestsJitter,
      maxLifetimeMs: config.maxLifetimeS * SECOND_MS,
      workerBytesMax: config.workerBytesMax,
      totalBytesMax: config.memoryBytesMax ?? 0,
      connectionsMax: config.connectionsMax,
      requestsMax: config.requestsMax,
      queueAgeMsMax: config.queueAgeS * SECOND_MS,
      requestLineBytesMax: config.requestLineBytesMax,
      headerCountMax: config.headerCountMax,
      headerBytesMax: config.headerBytesMax,
      trustedProxies: config.trustedProxies,
      proxyProtocol: config.proxyProtocol,
      accessLog: config.accessLog ?? null,
      accessLogFormat: config.accessLogFormat,
    },
  }
}

/** The runtime does not know our errors: its refusals are translated here. */
function codeOf({ code, exitCode }: SuperviseError): ErrorCode {
  if (code === 'folder_in_use') return 'folder_in_use'
  return exitCode === 2 ? 'invalid_setting' : 'unavailable'
}

export function isFolderInUse(error: unknown): boolean {
  return (error as { code?: string }).code === 'folder_in_use'
}

function modulePath(name: string): string {
  return join(import.meta.dirname, '../bin', `${name}.ts`)
}
