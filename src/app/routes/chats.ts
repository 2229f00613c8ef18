/** Chats of mine: made, listed, renamed, deleted. What is said in them: `messages.ts`. */
import { Chat, type ChatAnswer, ChatChangeRequest, ChatList, ListQuery, NewChatRequest } from '../../api.ts'
import type { ChatView } from '../../chat.ts'
import { JSON_BODY_BYTES_MAX, NO_BODY, route, signedIn } from '../route.ts'
import { sliceOf, timeOf } from '../shapes.ts'
import { CHAT_EXAMPLE } from './examples.ts'

export const CHAT_ROUTES = [
  route({
    method: 'POST',
    path: '/api/chats',
    name: 'createChat',
    sentence: 'Begins a chat.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: NewChatRequest,
    bodyExample: { title: 'Opening hours' },
    answers: { 201: { description: 'The chat.', schema: Chat, example: CHAT_EXAMPLE } },
    errors: ['not_found', 'disk_full'],
    async handle({ services, principal, body }) {
      const chat = await services.chat.create(principal, body)
      return { status: 201, body: chatAnswer(chat), headers: { location: `/api/chats/${chat.id}` } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/chats',
    name: 'listChats',
    sentence: 'My chats, newest first.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: { 200: { description: 'Chats.', schema: ChatList, example: { items: [CHAT_EXAMPLE], nextCursor: null } } },
    errors: [],
    async handle({ services, principal, query }) {
      const { items, nextCursor } = services.chat.list(principal, pageOf(query))
      return { status: 200, body: { items: items.map(chatAnswer), nextCursor } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/chats/{id}',
    name: 'getChat',
    sentence: 'A chat, without what was said in it.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The chat.', schema: Chat, example: CHAT_EXAMPLE } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      return { status: 200, body: chatAnswer(services.chat.get(principal, params['id']!)) }
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/chats/{id}',
    name: 'changeChat',
    sentence: 'Gives a chat another title or persona.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: ChatChangeRequest,
    bodyExample: { title: 'Opening hours' },
    answers: { 200: { description: 'The chat.', schema: Chat, example: CHAT_EXAMPLE } },
    errors: ['not_found', 'disk_full'],
    async handle({ services, principal, params, body }) {
      const id = params['id']!
      await services.chat.change(principal, id, body)
      return { status: 200, body: chatAnswer(services.chat.get(principal, id)) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/chats/{id}',
    name: 'deleteChat',
    sentence: 'Deletes a chat and all that was said in it. An answer that is being written is stopped.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Deleted.' } },
    errors: ['not_found'],
    async handle({ services: { chat }, principal, params }) {
      const id = params['id']!
      const { items } = chat.messages(principal, id, { limit: UNFINISHED_LOOKED_AT })
      for (const { id: messageId, state } of items)
        if (state === 'writing') chat.stop(principal, { chatId: id, messageId })
      await chat.remove(principal, id)
      return { status: 204 }
    },
  }),
]

/** Answers that are still being written are the newest messages of their chat. */
const UNFINISHED_LOOKED_AT = 20

/** As the door of chat has it. */
export function pageOf(query: Parameters<typeof sliceOf>[0]): { limit: number; cursor: string | undefined } {
  const { limit, cursor } = sliceOf(query)
  return { limit, cursor: cursor ?? undefined }
}

function chatAnswer({ id, title, personaId, createdAt, updatedAt }: ChatView): ChatAnswer {
  return { id, title, personaId, createdAt: timeOf(createdAt), updatedAt: timeOf(updatedAt) }
}
