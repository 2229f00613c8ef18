/**
 * The events of an answer as they come, to its `answer-end`. A line that breaks is taken up again after the last event that
 * came through it, for as long as the server may come back: the answer is written whether or not somebody reads.
 */
import { asRequestError, type RequestError, request } from './api-client.ts'
import { pause, readEvents, retryDelayMs } from './event-stream.ts'
import type { AnswerEvent } from './wire.ts'

export interface Question {
  readonly content: string
  /** Where to look; everywhere when null. */
  readonly documentIds: readonly string[] | null
}

/** Asks in a chat. Until the server has said that it has the question, a broken line is a failure. */
export async function* ask(
  chatId: string,
  { content, documentIds }: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const response = await request('POST', messagesPath(chatId), {
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(documentIds === null ? { content } : { content, documentIds }),
    signal,
  })
  const reading: Reading = { messageId: null, lastEventId: undefined, isAtEnd: false }
  try {
    yield* read(response, reading)
  } catch (error) {
    if (signal.aborted || reading.messageId === null) throw error
  }
  if (!reading.isAtEnd && reading.messageId !== null) yield* goOn(chatId, reading.messageId, reading, signal)
}

/** An answer that was asked for elsewhere or earlier, from its beginning. */
export function follow(chatId: string, messageId: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  return goOn(chatId, messageId, { messageId, lastEventId: undefined, isAtEnd: false }, signal)
}

interface Reading {
  messageId: string | null
  lastEventId: string | undefined
  isAtEnd: boolean
}

async function* goOn(
  chatId: string,
  messageId: string,
  reading: Reading,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const path = `${messagesPath(chatId)}/${encodeURIComponent(messageId)}/events`
  let failures = 0
  while (!reading.isAtEnd) {
    try {
      const { lastEventId } = reading
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      }
      const response = await request('GET', path, { headers, signal })
      for await (const event of read(response, reading)) {
        failures = 0
        yield event
      }
    } catch (error) {
      if (signal.aborted || !mayPass(asRequestError(error))) throw error
    }
    if (!reading.isAtEnd) await pause(retryDelayMs(failures++), signal)
    signal.throwIfAborted()
  }
}

async function* read(response: Response, reading: Reading): AsyncGenerator<AnswerEvent> {
  for await (const { id, event, data } of readEvents(response.body!)) {
    const answerEvent = { ...JSON.parse(data), type: event } as AnswerEvent
    if (id !== undefined) reading.lastEventId = id
    if (answerEvent.type === 'answer-start') reading.messageId = answerEvent.messageId
    reading.isAtEnd = answerEvent.type === 'answer-end'
    yield answerEvent
    if (reading.isAtEnd) return
  }
}

/** What says something of the moment; a chat that is gone or a session that ended says something for good. */
function mayPass({ code, retryAfterS }: RequestError): boolean {
  return code === 'unreachable' || code === 'internal' || retryAfterS !== undefined || /^status_5/.test(code)
}

function messagesPath(chatId: string): string {
  return `/api/chats/${encodeURIComponent(chatId)}/messages`
}
