/** Questions to begin with and to go on with. */
import { Suggestions } from '../../api.ts'
import { NO_BODY, route, signedIn } from '../route.ts'
import type { Services } from '../services.ts'
import { READY_EXAMPLE } from './examples.ts'

const SUGGESTED = {
  description: 'Questions.',
  schema: Suggestions,
  example: {
    questions: [
      { question: 'What is there about opening hours?', documentId: READY_EXAMPLE.id, name: READY_EXAMPLE.name },
    ],
  },
}

export const SUGGESTION_ROUTES = [
  route({
    method: 'GET',
    path: '/api/suggestions',
    name: 'suggestStarters',
    sentence: 'Questions to begin with, which my documents answer. No model is asked.',
    policy: signedIn('chat'),
    rate: 'search',
    bodyBytesMax: NO_BODY,
    answers: { 200: SUGGESTED },
    errors: [],
    async handle({ services, principal }) {
      const questions = isLeftOut(services) ? [] : await services.chat.starters(principal)
      return { status: 200, body: { questions } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/chats/{id}/messages/{messageId}/suggestions',
    name: 'suggestFollowUps',
    sentence: 'Questions to go on with after an answer, about what stands around its citations. No model is asked.',
    policy: signedIn('chat'),
    rate: 'search',
    bodyBytesMax: NO_BODY,
    answers: { 200: SUGGESTED },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      const place = { chatId: params['id']!, messageId: params['messageId']! }
      services.chat.message(principal, place)
      const questions = isLeftOut(services) ? [] : await services.chat.followUps(principal, place)
      return { status: 200, body: { questions } }
    },
  }),
]

/** Nobody waits for them: while memory is short there are none. */
function isLeftOut({ mode }: Pick<Services, 'mode'>): boolean {
  return mode().leftOut.length > 0
}
