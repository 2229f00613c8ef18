/**
 * The body of a response that is written as it comes, and no faster than the other side takes it, without a stream of the platform
 * between: one of those costs a reader 5 kB, and every piece four promises. The runtime writes such a body to the connection;
 * whoever else looks at the response finds a ReadableStream.
 */

/** Where it is written. */
export interface PacedSink {
  /** False where nothing more should be written until `drained` is called. */
  write(text: string): boolean
  end(): void
  /** What was written must not look whole. */
  fail(error: Error): void
}

/** What is written, by whoever made it. Begins with `begin`, which is called once. */
export interface PacedSource {
  begin(sink: PacedSink): void
  drained(): void
  /** The other side is gone: nothing more is written. */
  left(): void
}

export class PacedBody {
  readonly source: PacedSource

  constructor(source: PacedSource) {
    this.source = source
  }

  /** By this the platform's own Response takes it for a body. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return readableOf(this.source)[Symbol.asyncIterator]()
  }
}

/** Room for a piece beside the one that waits. */
const PIECES_WAITING = 2

export function readableOf(source: PacedSource): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        source.begin({
          write(text) {
            controller.enqueue(encoder.encode(text))
            return (controller.desiredSize ?? 0) > 0
          },
          end: () => controller.close(),
          fail: (error) => controller.error(error),
        })
      },
      pull: () => source.drained(),
      cancel: () => source.left(),
    },
    { highWaterMark: PIECES_WAITING },
  )
}
