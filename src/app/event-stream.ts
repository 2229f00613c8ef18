/**
 * Server-sent events (HTML standard §9.2): as fast as the reader takes them and no faster, a comment when nothing was said for a
 * while, and an end when the reader leaves or may not read any more.
 *
 * The first event is asked for before the headers go out, so that whoever has the headers misses nothing from then on.
 */
import { PacedBody, type PacedSink, type PacedSource } from '../lib/paced-body.ts'
import { SECOND_MS } from '../lib/units.ts'

export interface ServerSentEvent {
  event: string
  data: unknown
  id?: string
}

/** Events that can be taken as they are there. */
export interface EventSource {
  /** What there is, at most a few; nothing where one must wait, undefined behind the last. May throw. */
  take(): readonly ServerSentEvent[] | undefined
  /** Calls once, when there may be something to take. */
  onMore(listener: () => void): void
  /** Nothing is taken any more. */
  close(): void
}

/** A right that was taken away ends the stream within this time. */
const RIGHTS_CHECK_MS = 4 * SECOND_MS
const STALLED_MS = 60 * SECOND_MS

export interface EventStreamOptions {
  /** Makes the events; its signal aborts when the stream ends for whatever reason. */
  events: ((signal: AbortSignal) => AsyncIterable<ServerSentEvent>) | (() => EventSource)
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

const HEADERS = Object.freeze({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // nginx would collect the events into blocks.
  'x-accel-buffering': 'no',
})

export function eventStream(options: EventStreamOptions): Response {
  // Both platforms take it: ours as it is, the standard's by its iterator.
  return new Response(new PacedBody(new EventStream(options)) as unknown as ReadableStream, { headers: HEADERS })
}

const COMMENT = ':\n\n'

class EventStream implements PacedSource {
  readonly #options: EventStreamOptions
  readonly #source: EventSource
  readonly #timers: NodeJS.Timeout[] = []
  #sink: PacedSink | undefined
  #isQuiet = false
  #isTaking = true
  #takenAt = performance.now()
  #isOver = false

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#source = sourceOf(options.events)
  }

  begin(sink: PacedSink): void {
    const { signal, isAllowed, heartbeatMs, renewMs } = this.#options
    this.#sink = sink
    if (signal.aborted) {
      this.#end()
      return
    }
    signal.addEventListener('abort', this.#end, { once: true })
    this.#timers.push(
      setInterval(this.#beat, heartbeatMs / 2),
      setInterval(async () => (await isAllowed().catch(() => true)) || this.#end(), RIGHTS_CHECK_MS),
    )
    if (renewMs !== undefined) this.#timers.push(setTimeout(this.#end, renewMs))
    // Headers go out with the first bytes: nobody should wait for an event to learn that the line is open.
    this.#write(COMMENT)
    this.#pass()
  }

  drained(): void {
    this.#isTaking = true
    this.#takenAt = performance.now()
    this.#pass()
  }

  left(): void {
    this.#sink = undefined
    this.#end()
  }

  /** Whatever there is goes to the reader, for as long as it takes it. */
  #pass = (): void => {
    try {
      while (this.#isTaking && !this.#isOver) {
        const events = this.#source.take()
        if (!events) this.#end()
        else if (events.length > 0) {
          this.#isQuiet = false
          this.#write(events.length === 1 ? encode(events[0]!) : events.map(encode).join(''))
        } else {
          this.#source.onMore(this.#pass)
          return
        }
      }
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #write(text: string): void {
    this.#isTaking = this.#sink?.write(text) ?? false
  }

  #beat = (): void => {
    const { stalledMs = STALLED_MS } = this.#options
    if (this.#isTaking) this.#takenAt = performance.now()
    else if (performance.now() - this.#takenAt > stalledMs) {
      // Not a regular end: what the reader has of the stream is not all of it.
      this.#fail(new Error(`The reader took nothing for ${stalledMs / SECOND_MS} s.`))
      return
    }
    if (this.#isQuiet && this.#isTaking) this.#write(COMMENT)
    this.#isQuiet = true
  }

  #end = (): void => {
    this.#close()?.end()
  }

  #fail(error: Error): void {
    this.#close()?.fail(error)
  }

  /** Answers whom to tell, the first time. */
  #close(): PacedSink | undefined {
    if (this.#isOver) return undefined
    this.#isOver = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#options.signal.removeEventListener('abort', this.#end)
    this.#source.close()
    this.#options.onEnd?.()
    return this.#sink
  }
}

function sourceOf(events: EventStreamOptions['events']): EventSource {
  const left = new AbortController()
  const made = events(left.signal)
  return 'take' in made ? made : new IterableSource(made, left)
}

/** One event at a time: the next is asked for when this one is taken. */
class IterableSource implements EventSource {
  readonly #iterator: AsyncIterator<ServerSentEvent>
  readonly #left: AbortController
  #settled: IteratorResult<ServerSentEvent> | { error: unknown } | undefined
  #listener: (() => void) | undefined

  constructor(iterable: AsyncIterable<ServerSentEvent>, left: AbortController) {
    this.#iterator = iterable[Symbol.asyncIterator]()
    this.#left = left
    this.#ask()
  }

  take(): readonly ServerSentEvent[] | undefined {
    const settled = this.#settled
    if (!settled) return []
    if ('error' in settled) throw settled.error
    if (settled.done) return undefined
    this.#ask()
    return [settled.value]
  }

  onMore(listener: () => void): void {
    if (this.#settled) queueMicrotask(listener)
    else this.#listener = listener
  }

  close(): void {
    this.#listener = undefined
    this.#left.abort()
    // Wakes nobody by itself: the signal did. It lets the source clean up where it stands.
    this.#iterator.return?.().catch(() => undefined)
  }

  #ask(): void {
    this.#settled = undefined
    this.#iterator.next().then(
      (result) => this.#settle(result),
      (error: unknown) => this.#settle({ error }),
    )
  }

  #settle(settled: IteratorResult<ServerSentEvent> | { error: unknown }): void {
    this.#settled = settled
    const listener = this.#listener
    this.#listener = undefined
    listener?.()
  }
}

/** JSON has no line breaks of its own, so that one data line holds it. */
function encode({ event, data, id }: ServerSentEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
