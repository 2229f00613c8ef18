/** Events of an answer as they go over the wire: what went wrong is a problem object, as everywhere. */
import type { AnswerEvent, StreamedEvent } from '../chat.ts'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import { problemOf } from './error-response.ts'
import type { ServerSentEvent } from './event-stream.ts'

/** Of a chat: the ids are the journal's, and a reader can come back with one. */
export async function* chatEvents(events: AsyncIterable<StreamedEvent>): AsyncGenerator<ServerSentEvent> {
  for await (const { id, event } of events) yield toWire(id, event)
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
