/** Personas of mine: instructions for how answers are written. */
import {
  ListQuery,
  NewPersonaRequest,
  Persona,
  type PersonaAnswer,
  PersonaChangeRequest,
  PersonaList,
} from '../../api.ts'
import type { PersonaView } from '../../chat.ts'
import { JSON_BODY_BYTES_MAX, NO_BODY, route, signedIn } from '../route.ts'
import { timeOf } from '../shapes.ts'
import { pageOf } from './chats.ts'
import { PERSONA_EXAMPLE } from './examples.ts'

const { name, instructions } = PERSONA_EXAMPLE
const ONE = { description: 'The persona.', schema: Persona, example: PERSONA_EXAMPLE }

export const PERSONA_ROUTES = [
  route({
    method: 'POST',
    path: '/api/personas',
    name: 'createPersona',
    sentence: 'Saves instructions for how answers are written.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: NewPersonaRequest,
    bodyExample: { name, instructions, active: true },
    answers: { 201: ONE },
    errors: ['conflict', 'disk_full'],
    async handle({ services, principal, body }) {
      const persona = await services.chat.personas.create(principal, body)
      return { status: 201, body: personaAnswer(persona), headers: { location: `/api/personas/${persona.id}` } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/personas',
    name: 'listPersonas',
    sentence: 'My personas, newest first.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: {
      200: { description: 'Personas.', schema: PersonaList, example: { items: [PERSONA_EXAMPLE], nextCursor: null } },
    },
    errors: [],
    async handle({ services, principal, query }) {
      const { items, nextCursor } = services.chat.personas.list(principal, pageOf(query))
      return { status: 200, body: { items: items.map(personaAnswer), nextCursor } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/personas/{id}',
    name: 'getPersona',
    sentence: 'One persona.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: ONE },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      return { status: 200, body: personaAnswer(services.chat.personas.get(principal, params['id']!)) }
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/personas/{id}',
    name: 'changePersona',
    sentence: 'Changes name or instructions, or whether chats begin with it. Answers that are there stay as they are.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: PersonaChangeRequest,
    bodyExample: { active: true },
    answers: { 200: ONE },
    errors: ['not_found', 'disk_full'],
    async handle({ services, principal, params, body }) {
      return { status: 200, body: personaAnswer(await services.chat.personas.change(principal, params['id']!, body)) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/personas/{id}',
    name: 'deletePersona',
    sentence: 'Deletes a persona. Chats that had it have none from then on.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Deleted.' } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      await services.chat.personas.remove(principal, params['id']!)
      return { status: 204 }
    },
  }),
]

function personaAnswer({ createdAt, ...persona }: PersonaView): PersonaAnswer {
  return { ...persona, createdAt: timeOf(createdAt) }
}
