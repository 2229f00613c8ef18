/** Signals as Gunicorn has them, for the supervisor alone: children live in groups of their own and hear none of a terminal's. */
import type { Log } from '../lib/log.ts'

export interface Signalled {
  readonly isStopping: boolean
  readonly log: Log
  stop(): Promise<void>
  stopQuickly(): void
  reload(): Promise<void>
  scale(by: 1 | -1): number
  reopenLogs(): void
  upgrade(): void
}

export function handleSignals(server: Signalled): Disposable {
  const attempt = (what: () => unknown) => () => {
    Promise.try(what).catch((error: Error) => server.log.error('signal-refused', { error, reason: error.message }))
  }
  const handlers: Readonly<Partial<Record<NodeJS.Signals, () => void>>> = {
    SIGTERM: () => void server.stop(),
    // The first INT drains, as the platforms that send it expect; whoever repeats it is in a hurry.
    SIGINT: () => (server.isStopping ? server.stopQuickly() : void server.stop()),
    SIGQUIT: () => server.stopQuickly(),
    SIGHUP: attempt(() => server.reload()),
    SIGTTIN: attempt(() => server.scale(1)),
    SIGTTOU: attempt(() => server.scale(-1)),
    SIGUSR1: () => server.reopenLogs(),
    SIGUSR2: attempt(() => server.upgrade()),
  }
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][]
  for (const [signal, handler] of entries) process.on(signal, handler)
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of entries) process.off(signal, handler)
    },
  }
}
