/** KnowBot under its supervisor: which modules it runs, where it can be reached, and what it may use. */
import { chmodSync, mkdirSync } from 'node:fs'
import { type Config, childEnvironment, meetingPoints, workersByCores } from '../config.ts'
import { createLog } from '../lib/log.ts'
import { type Bind, type Supervisor, supervise } from '../runtime.ts'

/** Starts the server on the network addresses given, and always on the socket of the data folder for this user's own commands. */
export function startSupervisor(config: Config, addresses: readonly string[]): Promise<Supervisor> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  // Everything of ours lies in it: nobody else looks in, whatever the umask was when it was made.
  chmodSync(config.data, 0o700)
  const { lockFile, localSocket, controlSocket } = meetingPoints(config.data)
  const binds: Bind[] = [
    ...addresses.map((address) => ({ label: 'public', address })),
    { label: 'local', address: `unix:${localSocket}`, mode: 0o600 },
  ]
  return supervise({
    binds,
    application: config.application ?? modulePath('web-worker'),
    ...(config.application
      ? {}
      : { jobs: { module: modulePath('job-worker'), max: config.jobsMax }, prepare: modulePath('prepare') }),
    workers: config.workers === 'auto' ? workersByCores() : config.workers,
    environment: childEnvironment(config),
    lockFile,
    controlSocket,
    log: createLog({ level: config.logLevel, fields: { role: 'supervisor' } }),
    ...(config.pidFile ? { pidFile: config.pidFile } : {}),
  })
}

export function isFolderInUse(error: unknown): boolean {
  return (error as { code?: string }).code === 'folder_in_use'
}

function modulePath(name: string): string {
  return new URL(`../bin/${name}.ts`, import.meta.url).pathname
}
