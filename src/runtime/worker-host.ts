/** The child's side of the channel: what the application may ask of the supervisor, and the life it leads under it. */
import type { Serializable } from 'node:child_process'
import { stat } from 'node:fs/promises'
import type { JsonValue } from '../lib/json.ts'
import type { Condition, MemoryAnswer, WorkerHost } from '../runtime.ts'
import { type FromChild, MESSAGE_CHARS_MAX, type MemoryReply, type ToChild } from './ipc.ts'

export type Start = Extract<ToChild, { type: 'start' }>
type Drain = Extract<ToChild, { type: 'drain' }>

export interface Channel {
  readonly start: Start
  readonly host: WorkerHost
  /** Resolves when the supervisor asks to end. */
  readonly drained: Promise<Drain>
  send(message: FromChild): void
  /** USR1: log files have been moved away. */
  onReopen(listener: () => void): void
}

// What waits in the channel because the supervisor does not read: beyond it hints are dropped, for they are only hints.
const UNSENT_MAX = 256

/** Waits for the first word of the supervisor. Ends the process when the channel ends: nobody would end it otherwise. */
export async function openChannel(): Promise<Channel> {
  process.on('disconnect', () => process.exit(1))
  // A terminal signals everything it started; the supervisor decides when a child ends.
  process.on('SIGINT', () => undefined)
  const draining = new AbortController()
  const reopeners: (() => void)[] = []
  const started = Promise.withResolvers<Start>()
  const drained = Promise.withResolvers<Drain>()
  const listeners = new Map<string, Set<(data: JsonValue) => void>>()
  const calls = new Map<number, (value: JsonValue) => void>()
  const conditions = new Set<(condition: Condition) => void>()
  let told: Condition | undefined
  conditions.add((condition) => {
    told = condition
  })
  process.on('SIGTERM', () => {
    send({ type: 'told-to-end' })
    void started.promise.then(({ limits }) => drained.resolve({ type: 'drain', timeoutMs: limits.gracefulTimeoutMs }))
  })
  process.on('message', (raw) => {
    const message = raw as unknown as ToChild
    switch (message.type) {
      case 'start':
        return started.resolve(message)
      case 'drain':
        return drained.resolve(message)
      case 'message':
        for (const listener of listeners.get(message.topic) ?? []) listener(message.data)
        return
      case 'answer':
        calls.get(message.call)?.(message.value)
        calls.delete(message.call)
        return
      case 'condition':
        for (const listener of conditions) listener(message.condition)
        return
      case 'accident':
        return void import('./chaos.ts').then(({ haveAccident }) => haveAccident(message.accident))
      case 'reopen':
        for (const listener of reopeners) listener()
    }
  })
  const start = await started.promise
  void drained.promise.then(() => draining.abort())
  return {
    start,
    host: createHost(start, {
      listeners,
      calls,
      conditions,
      condition: () => told ?? start.condition,
      draining: draining.signal,
    }),
    drained: drained.promise,
    send,
    onReopen: (listener) => void reopeners.push(listener),
  }
}

interface Wiring {
  listeners: Map<string, Set<(data: JsonValue) => void>>
  calls: Map<number, (value: JsonValue) => void>
  conditions: Set<(condition: Condition) => void>
  condition(): Condition
  draining: AbortSignal
}

function createHost({ role, slot }: Start, wiring: Wiring): WorkerHost {
  const { listeners, calls, conditions, condition, draining } = wiring
  let lastCall = 0
  const call = (message: (call: number) => FromChild) => {
    const { promise, resolve } = Promise.withResolvers<JsonValue>()
    lastCall += 1
    calls.set(lastCall, resolve)
    send(message(lastCall))
    return promise
  }
  const ask = (command: 'status' | 'metrics') => call((number) => ({ type: 'call', call: number, command }))
  return {
    role: role === 'job' ? 'job' : 'web',
    slot,
    publish(topic, data) {
      const chars = JSON.stringify(data).length
      if (chars > MESSAGE_CHARS_MAX)
        throw new RangeError(`Expected a message of at most ${MESSAGE_CHARS_MAX} characters as JSON, got ${chars}.`)
      send({ type: 'publish', topic, data }, 'droppable')
    },
    subscribe(topic, listener) {
      const ofTopic = listeners.get(topic) ?? new Set()
      listeners.set(topic, ofTopic.add(listener))
      return () => ofTopic.delete(listener)
    },
    announceWork: ({ waiting, nextAt }) => send({ type: 'work', waiting, nextAt }),
    status: () => ask('status'),
    async grantMemory(wish, signal) {
      const reply = call((number) => ({ type: 'memory', call: number, ...wish })).then(memoryAnswer)
      return untilAborted(reply, signal, (answer) => answer.isGranted && answer.release())
    },
    metrics: async () => String(await ask('metrics')),
    get condition() {
      return condition()
    },
    onCondition(listener) {
      conditions.add(listener)
      return () => conditions.delete(listener)
    },
    tellReadOnly: (why) => send({ type: 'read-only', why }),
    draining,
  }
}

function memoryAnswer(value: JsonValue): MemoryAnswer {
  const reply = value as MemoryReply
  if (!('grant' in reply)) return { isGranted: false, ...reply }
  return { isGranted: true, bytes: reply.bytes, release: () => send({ type: 'release', grant: reply.grant }) }
}

/** Rejects with the signal's reason; what comes after all is dropped by `drop`. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal, drop: (value: T) => void): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => {
    void promise.then(drop)
    aborted.reject(signal.reason)
  }
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

let unsent = 0

function send(message: FromChild, importance: 'droppable' | 'needed' = 'needed'): void {
  if (!process.connected || (importance === 'droppable' && unsent >= UNSENT_MAX)) return
  unsent += 1
  process.send!(message as unknown as Serializable, undefined, undefined, () => {
    unsent -= 1
  })
}

/** Tells the supervisor what went wrong, and ends the process when that is written. */
export function fail(phase: 'boot' | 'run', error: unknown): void {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  if (!process.connected) process.exit(1)
  process.send!({ type: 'failed', phase, message, stack } as unknown as Serializable, undefined, undefined, () =>
    process.exit(1),
  )
}

/**
 * Node starts the threads of its pool all at once, with the first work for them, and ends the process where the kernel has none left.
 * To be called before `ready`: a worker that dies of it afterwards takes work along, and would not count as one that does not start.
 */
export async function startThreads(): Promise<void> {
  await stat(process.execPath)
}

/** The default export of the module named on the command line. */
export async function loadApplication<T>(required: 'fetch' | 'run'): Promise<T> {
  const path = process.argv[2]
  if (path === undefined) throw new Error('Expected the path of a module.')
  const url = process.getBuiltinModule('node:url').pathToFileURL(path).href
  const { default: application } = (await import(url)) as { default?: Record<string, unknown> }
  if (typeof application?.[required] !== 'function')
    throw new Error(
      `Expected the default export of ${path} to have a function \`${required}\`, got ${typeof application}.`,
    )
  return application as T
}
