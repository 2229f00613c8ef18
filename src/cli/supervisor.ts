/** KnowBot under its supervisor: which modules it runs, where it can be reached, and what it may use. */
import { chmodSync, mkdirSync } from 'node:fs'
import {
  autoWorkers,
  type Config,
  childEnvironment,
  compileCacheEnvironment,
  meetingPoints,
  thisMachine,
} from '../config.ts'
import { type ErrorCode, KnowBotError } from '../errors.ts'
import { createLog } from '../lib/log.ts'
import { SECOND_MS } from '../lib/units.ts'
import { type Bind, SuperviseError, type SuperviseOptions, type Supervisor, supervise } from '../runtime.ts'

/** Starts the server on the network addresses given, and always on the socket of the data folder for this user's own commands. */
export async function startSupervisor(config: Config, addresses: readonly string[]): Promise<Supervisor> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  // Everything of ours lies in it: nobody else looks in, whatever the umask was when it was made.
  chmodSync(config.data, 0o700)
  const { lockFile, localSocket, controlSocket } = meetingPoints(config.data)
  const binds: Bind[] = [
    ...addresses.map((address) => ({ label: 'public', address })),
    { label: 'local', address: `unix:${localSocket}`, mode: 0o600 },
  ]
  const options: SuperviseOptions = {
    binds,
    application: config.application ?? modulePath('web-worker'),
    ...(config.application
      ? {}
      : { jobs: { module: modulePath('job-worker'), max: config.jobsMax }, prepare: modulePath('prepare') }),
    workers: config.workers === 'auto' ? autoWorkers(thisMachine()).workers : config.workers,
    environment: { ...compileCacheEnvironment(), ...childEnvironment(config) },
    lockFile,
    controlSocket,
    log: createLog({ level: config.logLevel, fields: { role: 'supervisor' } }),
    ...(config.pidFile ? { pidFile: config.pidFile } : {}),
    handlesSignals: addresses.length > 0, // A command without a network address ends as commands do.
    limits: {
      backlog: config.backlog,
      keepAliveMs: config.keepAliveS * SECOND_MS,
      gracefulTimeoutMs: config.gracefulTimeoutS * SECOND_MS,
      hangTimeoutMs: config.timeoutS * SECOND_MS,
    },
  }
  try {
    return await supervise(options)
  } catch (error) {
    throw error instanceof SuperviseError ? new KnowBotError(codeOf(error), error.message, { cause: error }) : error
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
  return new URL(`../bin/${name}.ts`, import.meta.url).pathname
}
