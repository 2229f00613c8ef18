/**
 * Server-sent events read with `fetch`, because EventSource can neither POST nor tell a refusal from a broken line.
 *
 *   readEvents    one response body → its events, until it ends
 *   followEvents  a GET stream for as long as the page lives: connects, reads, and connects again
 */
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream'
import { asRequestError, request } from './api-client.ts'

/** The server writes at least a comment every 15 s; three of them missing is a dead line. */
const SILENCE_MS_MAX = 45_000
const EVENT_CHARACTERS_MAX = 4 * 1024 * 1024
const RETRY_MS = { first: 500, max: 15_000 }

export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  const watchdog = createWatchdog()
  const events = body
    .pipeThrough(watchdog.stream)
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: EVENT_CHARACTERS_MAX }))
    .getReader()
  try {
    for (;;) {
      const { done, value } = await events.read()
      if (done) return
      yield value
    }
  } finally {
    watchdog.stop()
    await events.cancel().catch(() => undefined) // Already broken: there is nothing left to cancel.
  }
}

/** Bytes pass through; when none come for too long, the stream fails. */
function createWatchdog() {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => restart(controller),
    transform(chunk, controller) {
      restart(controller)
      controller.enqueue(chunk)
    },
    flush: stop,
  })
  function restart(controller: TransformStreamDefaultController<Uint8Array>) {
    stop()
    timer = setTimeout(() => controller.error(new Error('The line went silent.')), SILENCE_MS_MAX)
  }
  return { stream, stop }
}

export interface Follower {
  /** Called after each connection, before its first event: what happened in between has to be fetched. */
  onConnect(): void
  onEvent(event: Pick<EventSourceMessage, 'event' | 'data'>): void
  /** The line broke or was refused. Answers whether to try again. */
  onTrouble(error: { code: string; message: string }): boolean
}

export async function followEvents(path: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      const response = await request('GET', path, { headers: { accept: 'text/event-stream' }, signal })
      follower.onConnect()
      for await (const event of readEvents(response.body!)) {
        failures = 0
        follower.onEvent(event)
      }
      throw new Error('The stream ended.')
    } catch (error) {
      if (signal.aborted || !follower.onTrouble(asRequestError(error))) return
      await pause(retryDelayMs(failures++), signal)
    }
  }
}

/** Doubles up to the maximum; the random half keeps the pages of many people from coming back in one moment. */
export function retryDelayMs(failures: number): number {
  const delayMs = Math.min(RETRY_MS.first * 2 ** failures, RETRY_MS.max)
  return delayMs * (0.5 + Math.random() / 2)
}

/** Ends early when the machine is back on the network. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
