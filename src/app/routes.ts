/**
 * All routes, top to bottom. The router, the checks of requests, the OpenAPI document and the tests that walk every route
 * come from this table. See `app/route.ts` for what a row says.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { NO_BODY, PUBLIC, type Route, route } from './route.ts'
import { ACCOUNT_ROUTES } from './routes/accounts.ts'
import { CHAT_ROUTES } from './routes/chats.ts'
import { DOCUMENT_ROUTES } from './routes/documents.ts'
import { EVALUATION_ROUTES } from './routes/evaluation.ts'
import { EVENT_ROUTES } from './routes/events.ts'
import { HEALTH_ROUTES } from './routes/health.ts'
import { INDEX_ROUTES } from './routes/index-status.ts'
import { MESSAGE_ROUTES } from './routes/messages.ts'
import { MODEL_ROUTES } from './routes/models.ts'
import { PERSONA_ROUTES } from './routes/personas.ts'
import { SAMPLE_ROUTES } from './routes/samples.ts'
import { SEARCH_ROUTES } from './routes/search.ts'
import { SUGGESTION_ROUTES } from './routes/suggestions.ts'
import { USER_ROUTES } from './routes/users.ts'

const OPENAPI_FILE = join(import.meta.dirname, '../../docs/reference/openapi.json')

const OPENAPI_ROUTE = route({
  method: 'GET',
  path: '/api/openapi.json',
  name: 'getOpenApi',
  sentence: 'This description of all routes, in OpenAPI 3.1.',
  policy: PUBLIC,
  rate: 'read',
  bodyBytesMax: NO_BODY,
  answers: {
    200: { description: 'OpenAPI.', schema: v.looseObject({ openapi: v.string() }), example: { openapi: '3.1.0' } },
  },
  errors: [],
  async handle() {
    return new Response(await readFile(OPENAPI_FILE), { headers: { 'content-type': 'application/json' } })
  },
})

export const ROUTES: readonly Route[] = [
  ...HEALTH_ROUTES,
  ...ACCOUNT_ROUTES,
  ...DOCUMENT_ROUTES,
  ...SAMPLE_ROUTES,
  ...EVENT_ROUTES,
  ...SEARCH_ROUTES,
  ...CHAT_ROUTES,
  ...MESSAGE_ROUTES,
  ...PERSONA_ROUTES,
  ...SUGGESTION_ROUTES,
  ...EVALUATION_ROUTES,
  ...MODEL_ROUTES,
  ...USER_ROUTES,
  ...INDEX_ROUTES,
  OPENAPI_ROUTE,
]
