/**
 * What is said in a chat. An answer is written whether or not somebody reads it: the stream that a question is answered with
 * can be left and come back to, read by several, and is ended by nobody but who says stop.
 */
import type { Principal } from '../../accounts.ts'
import {
  CHAT_EVENTS,
  FeedbackRequest,
  ListQuery,
  Message,
  type MessageAnswer,
  MessageList,
  MessageRequest,
} from '../../api.ts'
import { type AnswerPlace, acceptedLanguage, type Chat, type MessageView } from '../../chat.ts'
import { SECOND_MS } from '../../lib/units.ts'
import { chatEvents } from '../answer-events.ts'
import { streamToCaller } from '../caller-events.ts'
import { type Call, JSON_BODY_BYTES_MAX, NO_BODY, type Reply, route, signedIn } from '../route.ts'
import { timeOf } from '../shapes.ts'
import { pageOf } from './chats.ts'
import { INTERRUPTED_EXAMPLE, MESSAGE_EXAMPLE, QUESTION_EXAMPLE } from './examples.ts'

const WRITING_EXAMPLE = { ...MESSAGE_EXAMPLE, content: '', state: 'writing', citations: [], mode: null }
/** What stands in an answer beside quotes: in one of the languages of the page. */
export const ACCEPT_LANGUAGE = {
  'Accept-Language': 'For the sentences around quotes, where the question itself does not show its language.',
}
const STREAM = { mediaType: 'text/event-stream', events: CHAT_EVENTS } as const

export const MESSAGE_ROUTES = [
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages',
    name: 'askInChat',
    sentence: 'Asks. The answer comes as it is written; leaving ends the reading and not the answer.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    headers: ACCEPT_LANGUAGE,
    body: MessageRequest,
    bodyExample: { content: 'When does the reading room open?' },
    answers: { 200: { description: 'The answer as events.', ...STREAM } },
    errors: ['not_found', 'disk_full'],
    async handle(call) {
      const { services, principal, params, body, streams, request } = call
      const { content, ...wishes } = body
      const language = acceptedLanguage(request.headers.get('accept-language'))
      const chatId = params['id']!
      streams.assertRoom(principal) // A question that is refused is not kept.
      const { messageId } = await services.chat.send(principal, chatId, { question: content, language, ...wishes })
      return followAnswer(call, { chatId, messageId }, undefined)
    },
  }),
  route({
    method: 'GET',
    path: '/api/chats/{id}/messages',
    name: 'listMessages',
    sentence: 'What was said in a chat, newest first.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: {
      200: {
        description: 'Messages.',
        schema: MessageList,
        example: { items: [MESSAGE_EXAMPLE, QUESTION_EXAMPLE], nextCursor: null },
      },
    },
    errors: ['not_found'],
    async handle({ services, principal, params, query }) {
      const { items, nextCursor } = services.chat.messages(principal, params['id']!, pageOf(query))
      return { status: 200, body: { items: items.map(messageAnswer), nextCursor } }
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/chats/{id}/messages/{messageId}',
    name: 'editQuestion',
    sentence:
      'Asks a question anew. The old one and what followed stay in the history, and do not count for what is asked from now on.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    headers: ACCEPT_LANGUAGE,
    body: MessageRequest,
    bodyExample: { content: 'When does the reading room close?' },
    answers: {
      202: {
        description: 'The new answer, which is being written; Location names its events.',
        schema: Message,
        example: WRITING_EXAMPLE,
      },
    },
    errors: ['not_found', 'disk_full'],
    async handle(call) {
      const { content, ...wishes } = call.body
      const place = placeOf(call)
      const language = acceptedLanguage(call.request.headers.get('accept-language'))
      const question = { question: content, language, ...wishes }
      const { messageId } = await call.services.chat.edit(call.principal, place, question)
      return isBeingWritten(call, { ...place, messageId })
    },
  }),
  route({
    method: 'GET',
    path: '/api/chats/{id}/messages/{messageId}/events',
    name: 'followAnswer',
    sentence: 'An answer from its beginning or from where a reader was, then as it goes on, to its end.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    headers: {
      'Last-Event-ID':
        'The event that was seen last; the next one follows. Where that event is not known (any more), `answer-reset` comes first.',
    },
    answers: { 200: { description: 'The answer as events.', ...STREAM } },
    errors: ['not_found'],
    async handle(call) {
      return followAnswer(call, placeOf(call), call.request.headers.get('last-event-id') ?? undefined)
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages/{messageId}/stop',
    name: 'stopAnswer',
    sentence:
      'Stops the writing of an answer; what was written is kept. Where nothing is being written, nothing happens.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: {
      200: {
        description: 'The answer as it stands.',
        schema: Message,
        example: { ...MESSAGE_EXAMPLE, state: 'stopped' },
      },
    },
    errors: ['not_found'],
    async handle(call) {
      const { chat } = call.services
      const place = placeOf(call)
      if (chat.message(call.principal, place).state === 'writing') await stopAndWait(chat, call.principal, place)
      return { status: 200, body: messageAnswer(chat.message(call.principal, place)) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages/{messageId}/continue',
    name: 'continueAnswer',
    sentence: 'Goes on with an interrupted answer: the same message, under a new stream. Its events tell how.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: NO_BODY,
    answers: {
      202: {
        description: 'It is being written again; Location names its events.',
        schema: Message,
        example: { ...INTERRUPTED_EXAMPLE, state: 'writing', error: null },
      },
    },
    errors: ['not_found', 'conflict', 'disk_full'],
    async handle(call) {
      const { chat } = call.services
      const place = placeOf(call)
      await chat.continue(call.principal, place)
      return isBeingWritten(call, place)
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages/{messageId}/regenerate',
    name: 'regenerateAnswer',
    sentence: 'Writes another answer to the same question; the one before stays. Its events tell how.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: NO_BODY,
    answers: {
      202: {
        description: 'The new answer, which is being written; Location names its events.',
        schema: Message,
        example: WRITING_EXAMPLE,
      },
    },
    errors: ['not_found', 'conflict', 'disk_full'],
    async handle(call) {
      const place = placeOf(call)
      const { messageId } = await call.services.chat.regenerate(call.principal, place)
      return isBeingWritten(call, { ...place, messageId })
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages/{messageId}/feedback',
    name: 'rateAnswer',
    sentence: 'Says whether an answer was good, and why; the last word counts.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: FeedbackRequest,
    bodyExample: { value: 'down', reason: 'The second quote is about another room.' },
    answers: { 204: { description: 'Kept.' } },
    errors: ['not_found', 'disk_full'],
    async handle(call) {
      await call.services.chat.rate(call.principal, placeOf(call), call.body)
      return { status: 204 }
    },
  }),
]

function isBeingWritten(
  { services, principal }: Pick<Call<Principal>, 'services' | 'principal'>,
  place: AnswerPlace,
): Reply {
  const location = `/api/chats/${place.chatId}/messages/${place.messageId}/events`
  return { status: 202, body: messageAnswer(services.chat.message(principal, place)), headers: { location } }
}

function placeOf({ params }: Pick<Call, 'params'>): AnswerPlace {
  return { chatId: params['id']!, messageId: params['messageId']! }
}

/** Throws `not_found` before anything is streamed. It does not end when this process is to end: the answer does, and is kept. */
function followAnswer(call: Call<Principal>, place: AnswerPlace, lastEventId: string | undefined): Response {
  const { services, principal } = call
  services.chat.message(principal, place)
  return streamToCaller(call, {
    events: () => chatEvents(services.chat.follower(principal, place, lastEventId)),
    isResumable: true,
    isThere: () => isThere(services.chat, principal, place.chatId),
  })
}

function isThere(chat: Chat, principal: Principal, chatId: string): boolean {
  try {
    return chat.get(principal, chatId).id === chatId
  } catch {
    return false // Whatever the reason: who reads on would read what is not shown to them any more.
  }
}

/** It is written perhaps by another process, which is told by message. */
const STOP_MS_MAX = 3 * SECOND_MS

async function stopAndWait(chat: Chat, principal: Principal, place: AnswerPlace): Promise<void> {
  const events = chat.follow(principal, place, undefined, AbortSignal.timeout(STOP_MS_MAX))
  chat.stop(principal, place)
  for await (const { event } of events) if (event.type === 'answer-end') return
}

function messageAnswer({ createdAt, ...message }: MessageView): MessageAnswer {
  return { ...message, createdAt: timeOf(createdAt) }
}
