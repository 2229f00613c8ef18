/**
 * Server-sent events from an iterable (HTML standard §9.2): as fast as the reader takes them and no faster, a comment when
 * nothing was said for a while, and an end when the reader leaves or may not read any more.
 *
 * The first event is asked for before the headers go out, so that whoever has the headers misses nothing from then on.
 */
import { SECOND_MS } from '../lib/units.ts'

export interface ServerSentEvent {
  event: string
  data: unknown
  id?: string
}

/** A right that was taken away ends the stream within this time. */
const RIGHTS_CHECK_MS = 4 * SECOND_MS
const STALLED_MS = 60 * SECOND_MS

export interface EventStreamOptions {
  /** Makes the events; its signal aborts when the stream ends for whatever reason. */
  events(signal: AbortSignal): AsyncIterable<ServerSentEvent>
  /** Aborts when the reader has left. */
  signal: AbortSignal
  /** Whether the caller still may; asked now and then. */
  isAllowed(): Promise<boolean>
  /** Called once, however it ends. */
  onEnd?(): void
  /** A comment goes out when nothing was said for so long at most. */
  heartbeatMs: number
  /** Ends the stream after so long, for a reader that comes back with the id of its last event. */
  renewMs?: number | undefined
  /** A reader that takes nothing of what waits for so long is let go. */
  stalledMs?: number
}

export function eventStream(options: EventStreamOptions): Response {
  const { events, signal, isAllowed, onEnd, heartbeatMs, renewMs, stalledMs = STALLED_MS } = options
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const iterator = events(either)[Symbol.asyncIterator]()
  let next = ask(iterator)
  let stopWaiting: () => void = () => undefined
  let isQuiet = false
  const timers: NodeJS.Timeout[] = []

  const end = () => {
    if (ended.signal.aborted) return
    for (const timer of timers) clearInterval(timer)
    ended.abort()
    // Wakes nobody by itself: the signal did. It lets the source clean up where it stands.
    iterator.return?.().catch(() => undefined)
    onEnd?.()
  }
  const onAbort = () => {
    end()
    stopWaiting()
  }
  either.addEventListener('abort', onAbort, { once: true })
  let takenAt = performance.now()
  const beat = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const isTaking = (controller.desiredSize ?? 0) > 0
    if (isTaking) takenAt = performance.now()
    else if (performance.now() - takenAt > stalledMs) {
      end()
      // Not a regular end: what the reader has of the stream is not all of it.
      return controller.error(new Error(`The reader took nothing for ${stalledMs / SECOND_MS} s.`))
    }
    if (isQuiet && isTaking) controller.enqueue(COMMENT)
    isQuiet = true
  }

  // Not a race with one promise for all events: that would remember every event of a long stream.
  const unlessStopped = <T>(promise: Promise<T>) =>
    new Promise<T | undefined>((resolve, reject) => {
      stopWaiting = () => resolve(undefined)
      promise.then(resolve, reject)
    })

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Headers go out with the first bytes: nobody should wait for an event to learn that the line is open.
        controller.enqueue(COMMENT)
        timers.push(setInterval(beat, heartbeatMs / 2, controller))
        timers.push(setInterval(async () => (await isAllowed().catch(() => true)) || end(), RIGHTS_CHECK_MS))
        if (renewMs !== undefined) timers.push(setTimeout(onAbort, renewMs))
      },
      async pull(controller) {
        takenAt = performance.now()
        try {
          const result = either.aborted ? undefined : await unlessStopped(next)
          if (!result || result.done) {
            end()
            return controller.close()
          }
          isQuiet = false
          controller.enqueue(encode(result.value))
          next = ask(iterator)
        } catch (error) {
          end()
          controller.error(error)
        }
      },
      cancel: end,
    },
    // The heartbeat needs room beside the event that waits.
    { highWaterMark: 2 },
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would collect the events into blocks.
      'x-accel-buffering': 'no',
    },
  })
}

function ask<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const next = iterator.next()
  // A failure is told to whoever awaits the event; until the reader pulls, nobody does.
  next.catch(() => undefined)
  return next
}

const encoder = new TextEncoder()
const COMMENT = encoder.encode(':\n\n')

/** JSON has no line breaks of its own, so that one data line holds it. */
function encode({ event, data, id }: ServerSentEvent): Uint8Array {
  return encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
