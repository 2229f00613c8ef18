/** Reads a stream of server-sent events. */
import { createParser } from 'eventsource-parser'

export interface ReadEvent {
  event: string
  data: unknown
  id: string | undefined
}

/** Until it ends, or until the loop is left; what stands in comments is kept aside. */
export async function* readEvents(response: Response, comments: string[] = []): AsyncGenerator<ReadEvent> {
  const found: ReadEvent[] = []
  const parser = createParser({
    onEvent: ({ event, data, id }) => found.push({ event: event ?? 'message', data: JSON.parse(data), id }),
    onComment: (comment) => comments.push(comment),
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* found.splice(0)
  }
}
