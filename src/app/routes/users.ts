/** People who may sign in, for administrators. */
import type { Principal, UserView } from '../../accounts.ts'
import { ListQuery, NewUserRequest, User, type UserAnswer, UserChangeRequest, UserList } from '../../api.ts'
import { ADMINISTRATOR, JSON_BODY_BYTES_MAX, NO_BODY, route } from '../route.ts'
import type { Services } from '../services.ts'
import { sliced, sliceOf, timeOf } from '../shapes.ts'
import { USER_EXAMPLE } from './examples.ts'

export const USER_ROUTES = [
  route({
    method: 'GET',
    path: '/api/users',
    name: 'listUsers',
    sentence: 'Everybody who has an account.',
    policy: ADMINISTRATOR,
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: {
      200: { description: 'Users.', schema: UserList, example: { items: [USER_EXAMPLE], nextCursor: null } },
    },
    errors: [],
    async handle({ services, query }) {
      const { limit, cursor } = sliceOf(query)
      const users = await services.accounts.users.list({ limit: limit + 1, cursor })
      return { status: 200, body: sliced(users.map(userAnswer), limit) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/users',
    name: 'createUser',
    sentence: 'Makes an account.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: NewUserRequest,
    bodyExample: { username: 'Bob', password: 'seven green bottles', role: 'member' },
    answers: { 201: { description: 'The account.', schema: User, example: USER_EXAMPLE } },
    errors: ['conflict', 'overloaded', 'disk_full'],
    async handle({ services, body: { username: name, password, role } }) {
      return { status: 201, body: userAnswer(await services.accounts.users.create({ name, password, role })) }
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/users/{id}',
    name: 'changeUser',
    sentence:
      'Another password, another role, or no way in. A new password and disabling end the sessions of the user.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: UserChangeRequest,
    bodyExample: { disabled: true },
    answers: { 200: { description: 'The account.', schema: User, example: { ...USER_EXAMPLE, disabled: true } } },
    errors: ['not_found', 'conflict', 'overloaded', 'disk_full'],
    async handle({ services, params, body }) {
      return { status: 200, body: userAnswer(await services.accounts.users.update(params['id']!, body)) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/users/{id}',
    name: 'removeUser',
    sentence: 'Removes the account, its keys, its sessions, and all of its documents for good.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Removed.' } },
    errors: ['not_found', 'conflict'],
    async handle({ services, params }) {
      const id = params['id']!
      // In this order, so that whoever is interrupted may begin again: nothing new comes in, what is there goes, then the name.
      const principal = await services.accounts.users.close(id)
      await removeDocuments(services, principal)
      await services.accounts.users.remove(id)
      return { status: 204 }
    },
  }),
]

async function removeDocuments({ documents }: Services, principal: Principal): Promise<void> {
  for (;;) {
    const { items } = await documents.list(principal, { limit: 200 })
    if (items.length === 0) return
    await Promise.all(items.map(({ id }) => documents.remove(principal, id, { now: true })))
  }
}

function userAnswer({ id, name, role, disabled, createdAt }: UserView): UserAnswer {
  return { id, username: name, role, disabled, createdAt: timeOf(createdAt) }
}
