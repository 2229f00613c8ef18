/** Events of an answer as they go over the wire: what went wrong is a problem object, as everywhere. */
import type { AnswerEvent, Follower } from '../chat.ts'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import { problemOf } from './error-response.ts'
import type { EventSource, ServerSentEvent } from './event-stream.ts'

/** Of a chat: the ids are the journal's, and a reader can come back with one. */
export function chatEvents(follower: Follower): EventSource {
  return {
    take: () => follower.take()?.map(({ id, event }) => toWire(id, event)),
    onMore: (listener) => follower.onMore(listener),
    close: () => follower.close(),
  }
}

/** Of an answer that is kept nowhere. */
export async function* answerEvents(events: AsyncIterable<AnswerEvent>): AsyncGenerator<ServerSentEvent> {
  const stream = uuidv7()
  let sequence = 0
  for await (const event of events) yield toWire(`${stream}.${++sequence}`, event)
}

function toWire(id: string, { type, ...data }: AnswerEvent): ServerSentEvent {
  return { id, event: type, data: 'code' in data ? problemOf(new KnowBotError(data.code, data.message)) : data }
}
