/** The index of meanings, for those who look after the server. */
import { IndexChange, IndexStatus } from '../../api.ts'
import { ADMINISTRATOR, JSON_BODY_BYTES_MAX, NO_BODY, route } from '../route.ts'

const EXAMPLE = {
  model: 'ollama:nomic-embed-text',
  passages: 1520,
  generations: [
    {
      model: 'ollama:nomic-embed-text',
      state: 'active' as const,
      isSetAside: false,
      dimension: 768,
      passages: 1520,
      error: null,
    },
  ],
}

export const INDEX_ROUTES = [
  route({
    method: 'GET',
    path: '/api/index',
    name: 'getIndex',
    sentence: 'What passages are found by beside their words, and how far that is.',
    policy: ADMINISTRATOR,
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The index of meanings.', schema: IndexStatus, example: EXAMPLE } },
    errors: [],
    handle: async ({ services }) => ({ status: 200, body: services.documents.vectors.status() }),
  }),
  route({
    method: 'POST',
    path: '/api/index',
    name: 'changeIndex',
    sentence: 'Builds the index of meanings, goes back to the former one, or gives that up.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: IndexChange,
    bodyExample: { change: 'rollback' },
    answers: { 200: { description: 'What it is now.', schema: IndexStatus, example: EXAMPLE } },
    errors: ['conflict'],
    handle: async ({ services, body }) => ({
      status: 200,
      body: await services.documents.vectors.change(body.change),
    }),
  }),
]
