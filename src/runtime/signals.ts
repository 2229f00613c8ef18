/** Signals as Gunicorn has them, for the supervisor alone: children live in groups of their own and hear none of a terminal's. */
export type SignalHandlers = Readonly<Partial<Record<NodeJS.Signals, () => void>>>

export function handleSignals(handlers: SignalHandlers): Disposable {
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][]
  for (const [signal, handler] of entries) process.on(signal, handler)
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of entries) process.off(signal, handler)
    },
  }
}
