/** Chats of mine: made, listed, found, renamed, deleted and brought back. What is said in them: `messages.ts`. */
import {
  Chat,
  type ChatAnswer,
  ChatChangeRequest,
  ChatCount,
  ChatList,
  ChatListQuery,
  DeleteChatQuery,
  NewChatRequest,
} from '../../api.ts'
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
    sentence: 'My chats, newest first; with `query`, those in which that was said.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ChatListQuery,
    answers: { 200: { description: 'Chats.', schema: ChatList, example: { items: [CHAT_EXAMPLE], nextCursor: null } } },
    errors: [],
    async handle({ services, principal, query }) {
      const words = query.query?.trim() ?? ''
      if (words === '') {
        const { items, nextCursor } = services.chat.list(principal, pageOf(query))
        return { status: 200, body: { items: items.map(chatAnswer), nextCursor } }
      }
      const { items, nextCursor } = services.chat.search(principal, words, pageOf(query))
      const found = items.map(({ excerpt, ...chat }) => ({ ...chatAnswer(chat), excerpt }))
      return { status: 200, body: { items: found, nextCursor } }
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
    sentence:
      'From then on it is gone; it is purged with all that was said in it after ten minutes, or at once. What is being written is stopped.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    query: DeleteChatQuery,
    answers: { 204: { description: 'Deleted.' } },
    errors: ['not_found'],
    async handle({ services, principal, params, query }) {
      await services.chat.remove(principal, params['id']!, { now: query.purge === 'now' })
      return { status: 204 }
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/{id}/restore',
    name: 'restoreChat',
    sentence: 'Brings a deleted chat back, within ten minutes.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The chat.', schema: Chat, example: CHAT_EXAMPLE } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      const id = params['id']!
      await services.chat.restore(principal, id)
      return { status: 200, body: chatAnswer(services.chat.get(principal, id)) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/chats',
    name: 'deleteChats',
    sentence: 'Deletes all my chats, as if one by one. Whatever is being written in them is stopped.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'How many were deleted.', schema: ChatCount, example: { chats: 12 } } },
    errors: [],
    async handle({ services, principal }) {
      return { status: 200, body: { chats: await services.chat.removeAll(principal) } }
    },
  }),
  route({
    method: 'POST',
    path: '/api/chats/restore',
    name: 'restoreChats',
    sentence: 'Brings back all my chats that were deleted within the last ten minutes.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'How many came back.', schema: ChatCount, example: { chats: 12 } } },
    errors: [],
    async handle({ services, principal }) {
      return { status: 200, body: { chats: await services.chat.restoreAll(principal) } }
    },
  }),
]

/** As the door of chat has it. */
export function pageOf(query: Parameters<typeof sliceOf>[0]): { limit: number; cursor: string | undefined } {
  const { limit, cursor } = sliceOf(query)
  return { limit, cursor: cursor ?? undefined }
}

function chatAnswer({ id, title, personaId, createdAt, updatedAt }: ChatView): ChatAnswer {
  return { id, title, personaId, createdAt: timeOf(createdAt), updatedAt: timeOf(updatedAt) }
}
