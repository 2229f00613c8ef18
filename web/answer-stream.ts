/**
 * The events of an answer as they come, to its `answer-end`. A line that breaks is taken up again after the last event that
 * came through it, for as long as the server may come back: the answer is written whether or not somebody reads.
 *
 * A browser opens six connections to one address, and a stream occupies one. So a window that nobody looks at gives its line
 * back, and takes the answer up again when it is looked at.
 */
import { asRequestError, type RequestError, request } from './api-client.ts'
import { pause, readEvents, retryDelayMs } from './event-stream.ts'
import { language } from './messages.ts'
import type { AnswerEvent, Question } from './wire.ts'

export interface Reader {
  /** Ends the reading for good. */
  readonly signal: AbortSignal
  /** Whether the line may be given back while nobody looks: not when something waits for the end of the answer. */
  mayPause(): boolean
}

/** Asks in a chat. Until the server has said that it has the question, a broken line is a failure. */
export async function* ask(chatId: string, question: Question, reader: Reader): AsyncGenerator<AnswerEvent> {
  const reading: Reading = { messageId: null, lastEventId: undefined, isAtEnd: false, isHandedOver: false }
  const line = openLine(reader, reading)
  try {
    const response = await request('POST', messagesPath(chatId), {
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        // For a question that does not show its language.
        'accept-language': language.value,
      },
      body: JSON.stringify(question),
      signal: line.signal,
    })
    yield* read(response, reading)
  } catch (error) {
    if (reader.signal.aborted || reading.messageId === null) throw error
  } finally {
    line.close()
  }
  if (!reading.isAtEnd && reading.messageId !== null) yield* goOn(chatId, reading.messageId, reading, reader)
}

/** An answer that was asked for elsewhere or earlier, from its beginning. */
export function follow(chatId: string, messageId: string, reader: Reader): AsyncGenerator<AnswerEvent> {
  return goOn(chatId, messageId, { messageId, lastEventId: undefined, isAtEnd: false, isHandedOver: false }, reader)
}

interface Reading {
  messageId: string | null
  lastEventId: string | undefined
  isAtEnd: boolean
  /** This end was not the last word: another process goes on with it. */
  isHandedOver: boolean
}

/** How often one looks for whoever goes on with a handed-over answer: half a minute, by `retryDelayMs`. */
const LOOKS_MAX = 6

async function* goOn(chatId: string, messageId: string, reading: Reading, reader: Reader): AsyncGenerator<AnswerEvent> {
  const path = `${messagesPath(chatId)}/${encodeURIComponent(messageId)}/events`
  const { signal } = reader
  let failures = 0
  while (!reading.isAtEnd) {
    if (reader.mayPause()) await untilLookedAt(signal)
    const line = openLine(reader, reading)
    try {
      const { lastEventId } = reading
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      }
      const response = await request('GET', path, { headers, signal: line.signal })
      for await (const event of read(response, reading)) {
        failures = 0
        yield event
      }
    } catch (error) {
      if (signal.aborted || !(line.signal.aborted || mayPass(asRequestError(error)))) throw error
    } finally {
      line.close()
    }
    if (reading.isHandedOver && failures >= LOOKS_MAX) reading.isAtEnd = true
    if (!reading.isAtEnd && !line.signal.aborted) await pause(retryDelayMs(failures++), signal)
    signal.throwIfAborted()
  }
}

/** Its signal aborts when the reading ends, and when the window is looked at no more and the answer can be found again. */
function openLine({ signal, mayPause }: Reader, reading: Reading): { signal: AbortSignal; close(): void } {
  const paused = new AbortController()
  const onLook = () => {
    if (document.hidden && reading.messageId !== null && mayPause()) paused.abort()
  }
  document.addEventListener('visibilitychange', onLook)
  return {
    signal: AbortSignal.any([signal, paused.signal]),
    close: () => document.removeEventListener('visibilitychange', onLook),
  }
}

function untilLookedAt(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = new AbortController()
    const look = () => {
      if (document.hidden && !signal.aborted) return
      end.abort()
      resolve()
    }
    document.addEventListener('visibilitychange', look, { signal: end.signal })
    signal.addEventListener('abort', look, { signal: end.signal })
    look()
  })
}

async function* read(response: Response, reading: Reading): AsyncGenerator<AnswerEvent> {
  for await (const { id, event, data } of readEvents(response.body!)) {
    const answerEvent = { ...JSON.parse(data), type: event } as AnswerEvent
    if (id !== undefined) reading.lastEventId = id
    if (answerEvent.type === 'answer-start') reading.messageId = answerEvent.messageId
    const isEnd = answerEvent.type === 'answer-end'
    reading.isHandedOver = isEnd && answerEvent.isContinued === true
    reading.isAtEnd = isEnd && !reading.isHandedOver
    yield answerEvent
    if (isEnd) return
  }
}

/** What says something of the moment; a chat that is gone or a session that ended says something for good. */
function mayPass({ code, retryAfterS }: RequestError): boolean {
  return code === 'unreachable' || code === 'internal' || retryAfterS !== undefined || /^status_5/.test(code)
}

function messagesPath(chatId: string): string {
  return `/api/chats/${encodeURIComponent(chatId)}/messages`
}
