/** One question to `POST /api/ask`, and the events of its answer as they come. The last one is always `answer-end`. */
import { RequestError, request } from './api-client.ts'
import { readEvents } from './event-stream.ts'
import { t } from './messages.ts'
import type { AnswerEvent } from './wire.ts'

/** `documentIds`: where to look; everywhere when null. */
export async function* ask(
  question: string,
  documentIds: readonly string[] | null,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const response = await request('POST', '/api/ask', {
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(documentIds === null ? { question } : { question, documentIds }),
    signal,
  })
  for await (const { event, data } of readEvents(response.body!)) {
    const answerEvent = { ...JSON.parse(data), type: event } as AnswerEvent
    yield answerEvent
    if (answerEvent.type === 'answer-end') return
  }
  throw new RequestError('interrupted', t.errors['interrupted']!)
}
